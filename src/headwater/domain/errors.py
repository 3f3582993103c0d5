"""The one tree of errors: what was given, what is allowed, what to type next, and one exit code each."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class HeadwaterError(Exception):
    """Something the user can mend. Subclasses set the exit code of the command line (DESIGN: 1 to 5)."""

    exit_code = 1
    answered = False
    """Whether what was printed as the answer holds it already."""

    def __init__(self, what: str, *, given: str = "", allowed: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what, self.given, self.allowed, self.next_step = what, given, allowed, next_step

    def lines(self) -> list[str]:
        labelled = (("given", self.given), ("allowed", self.allowed), ("next", self.next_step))
        return [self.what, *(f"  {label + ':':<9}{text}" for label, text in labelled if text)]

    def __str__(self) -> str:
        return "\n".join(self.lines())


class Failed(HeadwaterError):
    """The command was right, the work could not be done."""


class Usage(HeadwaterError):
    """The command itself, or a file the user writes by hand, is wrong."""

    exit_code = 2


class DataProblem(HeadwaterError):
    """A data check failed: files missing, a table empty, a layout that does not fit."""

    exit_code = 3


class ProtocolBreach(HeadwaterError):
    """A step that the locked protocol, or the ledger's rules, forbid."""

    exit_code = 4


class DisclosureBlock(HeadwaterError):
    """A release that would let somebody be recognised."""

    exit_code = 5


def one_of(what: str, given: str, allowed: Iterable[str], next_step: str = "") -> Usage:
    """The error for a word that is not among the allowed ones, with the nearest allowed word suggested."""
    words = sorted(map(str, allowed))
    near = get_close_matches(given, words, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return Usage(what, given=repr(given), allowed=", ".join(words) or "(none)", next_step=(hint + next_step).strip())
