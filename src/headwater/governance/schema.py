"""The protocol file's schema: every key with its type and one sentence; reading, checking and documentation use this
page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from headwater.domain.collaboration import Choice, Role, Style

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "texts", "date", "whole", "number", "flag", "shares", "amounts", "names"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a TOML table. `field` is its name in the domain value where that differs."""

    name: str
    kind: Kind
    about: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    field: str = ""


METHODS = (
    "matched",
    "synthetic-control",
    "synthetic-did",
    "did",
    "its",
    "stepped-wedge",
    "buffer",
)
FOR_PEOPLE = ("matched",)
FOR_PLACES = "synthetic-did"
"""The method of places and organisations where none is named."""
EXACT = ("age_band", "sex", "deprivation", "area")
"""Columns of people that can be made to agree exactly."""
DISTANCES = ("propensity", "prognostic", "mahalanobis")
COSTS = (
    "set-up",
    "running",
    "dual-running",
    "redundancy",
    "tupe",
    "pensions",
    "ict",
    "pay-harmonisation",
    "governance",
    "exit",
)

TOP = (
    Key("id", "text", "Short name, the file's own name.", required=True),
    Key("name", "text", "Full name.", required=True),
    Key("style", "text", "Style of the collaboration.", required=True, allowed=tuple(Style)),
    Key("lead", "text", "Organisation that leads.", required=True),
    Key("partners", "texts", "The other organisations."),
    Key("start", "date", "First day of the programme.", required=True),
    Key("end", "date", "Last day; left out while it runs."),
    Key("theory", "text", "How it is meant to work, in one sentence.", required=True),
    Key("owner", "text", "Role that answers for the evaluation, not a name.", required=True),
    Key("unit", "text", "What is enrolled.", required=True, allowed=("person", "place", "organisation")),
    Key("treated", "texts", "For places and organisations: the units treated, where no enrolment table says."),
    Key("estimand", "text", "Whose change is estimated.", allowed=("att",)),
    Key("estimator", "text", "How.", allowed=("poisson",)),
    Key("checks", "texts", "Checks to run; all that the design allows when left out."),
    Key("essential", "texts", "Checks without which the grade is capped."),
    Key("subgroups", "texts", "Columns to show subgroups by: age_band, sex, deprivation, area."),
    Key("multiplicity", "text", "Correction over subgroups.", allowed=("holm", "bh", "none")),
    Key("follow_up_days", "whole", "Days followed from the index date.", low=1, high=36600),
    Key("history_days", "whole", "Days of history used for matching.", low=30, high=36600),
    Key("minimum_grade", "whole", "The ledger refuses an effect below this grade.", low=1, high=5),
    Key("level", "number", "Of the intervals.", low=0.5, high=0.999),
    Key("seed", "whole", "Of every random draw.", low=0),
    Key("draws", "whole", "Draws of the effect.", low=200, high=100_000),
    Key("detectable", "number", "Rate ratio the plan was made to detect.", low=0.01, high=1),
    Key("stopping_rule", "text", "When it would be stopped early."),
    Key(
        "pool",
        "text",
        "What names the pool, as headwater pool --invite says it: what is booked is then given all its sites.",
    ),
    Key("price_year", "whole", "First year of the financial year of the prices.", low=1990),
    Key("phases", "text", "Phase template, or a file in governance/."),
    Key(
        "pays_from", "number", "Chance that benefits exceed costs from which the word is that it pays.", low=0.5, high=1
    ),
    Key("does_not_pay_below", "number", "Chance up to which the word is that it does not pay.", low=0, high=0.5),
    Key("prices", "names", "Kind of contact → price code."),
    Key("cashable", "shares", "Kind of contact → share of the variable cost that can leave a budget."),
    Key("backfill", "shares", "Kind of contact → share of freed capacity that other demand fills at once."),
    Key("qaly", "amounts", "Kind of contact → quality-adjusted life years lost with one; for the social lens."),
    Key(
        "wellby",
        "amounts",
        "Kind of contact → points of life satisfaction lost for a year with one; for the social lens.",
    ),
    Key(
        "income_share",
        "amounts",
        "Kind of contact → income of those who gain, as a share of the national median; weighs value to people where"
        " stated.",
    ),
)

ENTRY = (
    Key("kind", "text", "Kind of contact that makes somebody eligible.", required=True),
    Key("at_least", "whole", "How many of them.", required=True, low=1),
    Key("within_days", "whole", "Within how many days before the index date.", required=True, low=1),
    Key("minimum_age", "whole", "Youngest age.", low=0),
    Key("maximum_age", "whole", "Oldest age.", low=0),
    Key("areas", "texts", "Areas of residence; all when left out."),
)

SELECTION = (
    Key("rule", "text", "How the places were chosen.", required=True, allowed=tuple(Choice)),
    Key("periods", "whole", "The last so many periods before the choice that were looked at.", low=1),
    Key("number", "whole", "Of the busiest: how many; as many as are treated when left out.", low=1),
    Key("at_least", "number", "Of a threshold: contacts within those periods.", low=0),
    Key("chosen", "date", "Day of the choice; the start when left out."),
    Key("kind", "text", "Kind of contact looked at, where it is not the outcome judged."),
)

REACH = (
    Key("people", "whole", "People the programme reached in the treated places.", low=0),
    Key("contacts", "amounts", "Kind of contact → contacts a year of those reached, before the start."),
    Key("share", "number", "Largest share of them that an effect may claim.", low=0, high=1),
)

COMPARISON = (
    Key("method", "text", "How the comparison is made.", allowed=METHODS),
    Key("exact", "texts", f"Columns that must agree exactly: {', '.join(EXACT)}."),
    Key("distance", "text", "What nearness is measured by.", allowed=DISTANCES),
    Key("caliper", "number", "Greatest distance, in standard deviations.", low=0),
    Key("per_unit", "whole", "Controls for each treated unit.", low=1, high=20),
    Key("replacement", "flag", "Whether a control may serve twice."),
    Key("donors", "texts", "For places and organisations: which may be donors."),
    Key("excluded", "texts", "Which may not."),
)

OUTCOME = (
    Key("kind", "text", "Kind of contact counted.", required=True),
    Key("role", "text", "What it is in the evaluation.", required=True, allowed=tuple(Role)),
    Key(
        "worthwhile",
        "number",
        "Smallest fall worth having, as a share; the fall that pays for the costs when left out.",
        low=0,
        high=1,
    ),
)
BEARER = (
    Key("kind", "text", "Kind of contact.", required=True),
    Key("bearer", "text", "Whose budget.", required=True),
    Key("share", "number", "Part of its value that the budget feels.", required=True, low=0, high=1),
)
COST = (
    Key("bearer", "text", "Who pays.", required=True),
    Key("what", "text", "What for.", required=True, allowed=COSTS),
    Key("gbp", "number", "Pounds.", required=True, low=0),
    Key("year", "whole", "Years after the start.", low=0),
    Key("yearly", "flag", "Whether it recurs from then on."),
)
AGREEMENT = (
    Key("what", "text", "data-sharing, impact-assessment, contract, ...", required=True),
    Key("between", "texts", "Who signed.", required=True),
    Key("signed", "date", "When."),
    Key("expires", "date", "Until when it holds."),
)

TABLES: Mapping[str, tuple[Key, ...]] = {
    "entry": ENTRY,
    "selection": SELECTION,
    "reach": REACH,
    "comparison": COMPARISON,
}
ARRAYS: Mapping[str, tuple[str, tuple[Key, ...]]] = {
    "outcome": ("outcomes", OUTCOME),
    "bearer": ("bearers", BEARER),
    "cost": ("costs", COST),
    "agreement": ("agreements", AGREEMENT),
}
"""TOML array of tables → field of the protocol and the keys of each entry."""

WANTED = {
    "text": "a text",
    "texts": "a list of texts",
    "date": "a date such as 2023-04-01",
    "whole": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "shares": "a table of shares between 0 and 1",
    "amounts": "a table of numbers from 0 up",
    "names": "a table of texts",
}


def fault(key: Key, value: Any) -> str:
    """What is wrong with a value, '' when nothing is."""
    if not _of_kind(key.kind, value):
        return f"{value!r} is not {WANTED[key.kind]}"
    if key.allowed and value not in key.allowed:
        return f"{value!r} is not one of {', '.join(key.allowed)}"
    if key.kind in {"whole", "number"} and not _within(key, value):
        return f"{value} is outside what is allowed: {_range(key)}"
    if key.kind == "amounts" and not all(math.isfinite(part) for part in value.values()):
        return f"{value!r} is not {WANTED[key.kind]}"
    return ""


def _range(key: Key) -> str:
    if key.low is None and key.high is None:
        return "a number"
    return (
        f"{key.low} or more"
        if key.high is None
        else f"{key.high} or less"
        if key.low is None
        else f"{key.low} to {key.high}"
    )


def _of_kind(kind: Kind, value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "text": isinstance(value, str),
        "texts": isinstance(value, list) and all(isinstance(part, str) for part in value),
        "date": type(value) is date,
        "whole": isinstance(value, int) and not isinstance(value, bool),
        "number": number,
        "flag": isinstance(value, bool),
        "shares": isinstance(value, dict) and all(isinstance(v, int | float) and 0 <= v <= 1 for v in value.values()),
        "amounts": isinstance(value, dict) and all(isinstance(v, int | float) and v >= 0 for v in value.values()),
        "names": isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
    }[kind]


def _within(key: Key, value: float) -> bool:
    return math.isfinite(value) and (key.low is None or value >= key.low) and (key.high is None or value <= key.high)
