"""What the options come to, in words: which leads, whether beyond doubt, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.release import Estimate, Sentence
from headwater.report.kinds import capital, kind_words, named, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.options import Option
    from headwater.domain.release import Cell


def best_option(options: Sequence[Option], names: Mapping[str, str] | None = None) -> Sentence:
    """Which option leads, and whether it leads beyond doubt."""
    if not options:
        return Sentence("No other ways to work together were looked at.")
    first = options[0]
    if first.needs:
        return Sentence(
            "We cannot tell yet what other ways to work together would bring. Figures from the partners are missing."
        )
    if untested(first):
        return Sentence(
            "None of {n} ways to work together has been tested yet. They say who saw the demand first. To see it is not"
            " to avert it.",
            {"n": len(options)},
        )
    figures: dict[str, Cell] = {"gbp": Estimate(first.net(), "gbp", 0), "n": len(options)}
    who, service = _option_words(first, names or {})
    figures |= {"who": who, "service": _lower(service)}
    words = (
        "Of {n} ways to work together, one comes first: {service}, with {who}. It may be worth {gbp} a year in public"
        " value, after its costs."
    )
    if len(options) > 1 and _in_doubt(first, options[1]):
        words += " But the next one is too close to call."
    return Sentence(words, figures)


def untested(option: Option) -> bool:
    """Whether an option says only who saw the demand first."""
    return option.board == "opportunity"


def _lower(words: str) -> str:
    """A service as it stands within a sentence; A&E and GP keep their letters."""
    return words if words[1:2].isupper() or words[1:2] == "&" else words[:1].lower() + words[1:]


def _in_doubt(first: Option, second: Option) -> bool:
    """Whether the second is worth at least as much in one draw of twenty or more."""
    if second.needs or untested(second):
        return False
    n = min(len(first.net_gbp), len(second.net_gbp))
    return bool(np.mean(first.net_gbp[:n] <= second.net_gbp[:n]) > 0.05)


def why(option: Option, names: Mapping[str, str]) -> tuple[Sentence, ...]:
    """An option's reasons, and what would change them or is good to know, a bullet each; a body's code that opens one
    is named."""
    told = tuple(Sentence(capital(_opened(reason.text, names)), {}, "bullet") for reason in option.reasons)
    changes = tuple(Sentence(capital(_opened(change, names)), {}, "bullet") for change in option.would_change)
    return (*told, Sentence("What would change this, and what else to know:"), *changes) if changes else told


def _opened(text: str, names: Mapping[str, str]) -> str:
    code, colon, rest = text.partition(":")
    return f"{names[code]}{colon}{rest}" if code in names else text


def option_label(option: Option, names: Mapping[str, str]) -> str:
    return ": ".join(_option_words(option, names))


def _option_words(option: Option, names: Mapping[str, str]) -> tuple[str, str]:
    """With whom, and on what: the partners but the one who asked, and the demand averted or the service shared."""
    others = option.partners[1:] or option.partners
    who = " and ".join(named(code, names) for code in others)
    bare = option.style == "upstream" and " " not in option.service
    return who, kind_words(option.service) if bare else plain(option.service)
