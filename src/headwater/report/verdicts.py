"""The verdicts in words and colours, the same at every door: what happened to the contacts, and whether it pays.

Colours by meaning: green is for money that pays and nothing else; blue says that contacts fell, whatever it cost; amber
is a warning about the method; red is harm or a loss.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import MoneyVerdict, ShamVerdict, Verdict
from headwater.report.kinds import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EFFECTS: Mapping[str, tuple[str, str]] = {
    Verdict.AVERTED.value: ("Fewer contacts", "blue"),
    Verdict.NOTHING_FOUND.value: ("No change found", "grey"),
    Verdict.HARM.value: ("More contacts", "red"),
    Verdict.CANNOT_TELL.value: ("Cannot tell", "yellow"),
    ShamVerdict.STILL.value: ("Did not move", "grey"),
    ShamVerdict.MOVED.value: ("Moved; should not have", "orange"),
}
"""Verdict on an outcome, or on a sham outcome → its short name and the colour of its tag."""

MONEY: Mapping[str, tuple[str, str]] = {
    MoneyVerdict.PAYS.value: ("Pays", "green"),
    MoneyVerdict.DOES_NOT_PAY.value: ("Does not pay", "red"),
    MoneyVerdict.CANNOT_TELL.value: ("Cannot tell if it pays", "yellow"),
}

STRENGTHS: Mapping[str, str] = {
    "high": "strong",
    "moderate": "fairly strong",
    "low": "weak",
    "very low": "very weak",
}
"""A grade's confidence → the strength of the method. It never says how likely the answer is to be right."""

DESIGNS: Mapping[str, str] = {
    "did": "difference in differences",
    "its": "interrupted time series",
    "synthetic-did": "synthetic difference in differences",
    "synthetic-control": "synthetic control",
    "stepped-wedge": "stepped wedge",
    "buffer": "difference in differences with a buffer zone",
    "matched": "matching on history",
}
"""A design's code → its name in the field."""

CHECKS: Mapping[str, str] = {
    "displacement": "other agencies’ demand",
    "negative-control-outcome": "outcomes that should not move",
    "pre-fit": "fit before the start",
    "pre-trend": "trend before the start",
    "placebo-cohort": "sham cohorts",
    "placebo-period": "sham start date",
    "placebo-in-time": "sham start date",
    "drawn-by-lot": "random order",
    "drawings": "ties drawn again",
    "own-months": "its own months",
    "dispersion": "model of the counts",
    "specification-curve": "other sound choices",
}
"""A check's name → what it looks at, where the name alone does not say it."""


def check_words(name: str) -> str:
    return CHECKS.get(name, name.replace("-", " "))


def design_words(design: str) -> str:
    return DESIGNS.get(design, design)


ROLES: Mapping[str, str] = {
    Role.PRIMARY.value: "main outcome",
    Role.SECONDARY.value: "other outcome",
    Role.NEGATIVE_CONTROL.value: "should not change",
    Role.DISPLACEMENT.value: "other agencies’ demand",
}
"""What part an outcome has, in words."""


def measured_words(expression: str, figure: float | None) -> str:
    """What a gate's figure says where a bare number would not: yes or no, a ratio's upper end; '' for any other.
    expression: as "rate_ratio_high < 1"."""
    name = expression.split(" ")[0]
    if figure is None:
        return ""
    if name == "agreements_in_force":
        return "yes" if figure else "no"
    return f"rate ratio at most {figure:.2f}" if name == "rate_ratio_high" else ""


GO_ON, CHANGE, STOP, WAIT = "go on", "change it", "stop", "wait"

_POINTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("averted", "pays"): (GO_ON, "Contacts fell, and what that frees is worth more than it costs."),
    ("averted", "does-not-pay"): (
        CHANGE,
        (
            "Contacts fell, but it costs more than it frees. Make it cheaper, aim it better, or agree that the fall is"
            " worth the gap."
        ),
    ),
    ("averted", "cannot-tell"): (
        GO_ON,
        "Contacts fell, but it is not clear yet that it pays. Find that out before it grows.",
    ),
    ("nothing-found", "pays"): (
        CHANGE,
        "It pays, but not by the change that it was meant to make. Ask what it really does.",
    ),
    ("nothing-found", "does-not-pay"): (
        STOP,
        "No fall big enough to matter was found, and it costs more than it frees.",
    ),
    ("nothing-found", "cannot-tell"): (
        CHANGE,
        "No fall big enough to matter was found. As it is now, it does not do its job.",
    ),
    ("harm", "pays"): (CHANGE, "Contacts rose. Find out why before more people join, even though it pays."),
    ("harm", "does-not-pay"): (STOP, "Contacts rose, and it costs more than it frees."),
    ("harm", "cannot-tell"): (STOP, "Contacts rose. Do not go on until it is known why."),
}
_LIKELY_NOT = (
    CHANGE,
    (
        "Contacts fell, but as it stands it is more likely to cost more than it frees than to pay. Make it cheaper or"
        " aim it better before it grows."
    ),
)
"""Where money cannot be told, and the likelier way is that it does not pay."""
EVEN = 0.5
_UNTOLD = (
    WAIT,
    "This result cannot support a choice to go on or to stop. Put right what is named below, then measure again.",
)


def points_to(effect: str, money: str, chance: float | None = None) -> tuple[str, str]:
    """What the two verdicts point to (go on, change it, stop, wait), and why. chance: that it pays, in public value;
    None where money cannot be judged at all. Nobody is pointed on where it is likelier not to pay."""
    if (effect, money) == ("averted", "cannot-tell") and chance is not None and chance < EVEN:
        return _LIKELY_NOT
    return _POINTS.get((effect, money), _UNTOLD)


_FAILED = re.compile(r"a check that has to pass failed \((.*)\)")


def why_withheld(withheld: Iterable[str]) -> str:
    """Why no word is given, on one line: failed checks are named together, other reasons follow, each once and without
    its stop."""
    found = [(reason, _FAILED.fullmatch(reason)) for reason in withheld]
    failed = [in_words(match[1]) for _reason, match in found if match]
    others = _once([within(reason.strip(" .")) for reason, match in found if not match])
    if not failed:
        return "; ".join(others)
    head = "a check that must pass failed" if len(failed) == 1 else f"{len(failed)} checks that must pass failed"
    return "; ".join([f"{head} ({', '.join(failed)})", *others])


def _once(reasons: list[str]) -> list[str]:
    """Without those that stand in another one word for word."""
    kept = [one for one in dict.fromkeys(reasons) if not any(one != other and one in other for other in reasons)]
    return [in_words(one) for one in kept]


def within(reason: str) -> str:
    """A reason as it stands within a sentence: The places → the places; names keep their capital."""
    return reason[:1].lower() + reason[1:] if _OPENS.match(reason) else reason


_OPENS = re.compile(r"(?:The|Their|Those|There|Too|No|Only|Every|It|Fewer|Pretending)\b")
