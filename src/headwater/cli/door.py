"""What every verb shares: which workspace, how to answer, how to show progress."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from headwater.domain.errors import HeadwaterError, Usage
from headwater.domain.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.domain.progress import Progress

    Content = dict[str, Any]
    Text = Callable[[Content], str]


class Parts(click.Group):
    """A verb with parts of its own, each told by its whole first sentence: click alone cuts it short."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        parts = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(LONGEST).rstrip(".")) for name, one in parts if one])


LONGEST = 400
"""Letters of a first sentence; more than any has."""


@dataclass
class Door:
    """The options that stand before the verb."""

    folder: Path | None
    as_json: bool
    quiet: bool
    _workspace: Any = field(default=None, repr=False)

    @property
    def root(self) -> Path:
        from pathlib import Path

        if self.folder is not None:
            return self.folder
        here = Path.cwd()
        return next((folder for folder in (here, *here.parents) if (folder / "headwater.toml").exists()), here)

    def place(self) -> Any:
        """The workspace as the use cases know it."""
        from headwater.app.people import place_of

        if not (self.root / "headwater.toml").exists():
            raise Usage(
                "there is no headwater.toml here",
                given=str(self.root),
                allowed="a workspace: a folder with a headwater.toml",
                next_step="headwater new DIR, or headwater --workspace DIR ..., or headwater demo",
            )
        return place_of(self.root)

    def identity(self, role: str) -> str:
        """A typed role as the role of somebody known, where this computer asks for a signed list of people."""
        from headwater.app.people import identity

        return identity(self.root, role)

    @property
    def progress(self) -> Progress:
        return silent if self.quiet or (self.as_json and not sys.stderr.isatty()) else Bar()

    def answer(self, answer: Answer, text: Text, *rules: Callable[[Content], None]) -> None:
        """Print what was released: as JSON, or in the words of the verb. rules: each may say that the answer is a
        refusal; the first that does ends the command with its exit code, and stands in the one JSON object as its
        `error`."""
        content = answer.content
        problem = _first_problem(rules, content)
        if self.as_json:
            said = content if problem is None else {**content, "error": as_content(problem)}
            click.echo(json.dumps(said, ensure_ascii=False, default=_json))
        else:
            click.echo(text(content))
        if problem is not None:
            problem.answered = True
            raise problem


def as_content(problem: HeadwaterError) -> dict[str, Any]:
    """A refusal as JSON gives it."""
    answer = {"what": problem.what, "given": problem.given, "allowed": problem.allowed, "next": problem.next_step}
    return {"exit_code": problem.exit_code, **answer}


def _first_problem(rules: Sequence[Callable[[Content], None]], content: Content) -> HeadwaterError | None:
    for rule in rules:
        try:
            rule(content)
        except HeadwaterError as problem:
            return problem
    return None


def _json(value: object) -> object:
    """A count as it may be seen: its rounded number, or the mask; anything else in its own words."""
    from headwater.domain.release import Amount, Shown

    if isinstance(value, Shown):
        return value.text if value.value is None else value.value
    if isinstance(value, Amount):
        return value.value
    return str(value)


class Bar:
    """Progress on stderr: one line that is rewritten on a terminal, one line a step elsewhere, with the time left."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty() and "NO_COLOR" not in os.environ
        self.step, self.began, self.shown = "", time.monotonic(), 0.0

    def __call__(self, step: str, done: float, of: float) -> None:
        now = time.monotonic()
        if step != self.step:
            self.began, self.step = now, step
            if not self.live and step:
                print(f"  {step} ...", file=sys.stderr, flush=True)
        if not self.live or (now - self.shown < 0.1 and done < of):
            return
        self.shown = now
        print(f"\r\033[K{self._line(done, of, now)}", end="" if done < of else "\r\033[K", file=sys.stderr, flush=True)

    def _line(self, done: float, of: float, now: float) -> str:
        if not of or not done:
            return f"  {self.step} ..."
        left = (now - self.began) * (of - done) / done
        return f"  {self.step}  {done / of:4.0%}  {_time(left)} left"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
