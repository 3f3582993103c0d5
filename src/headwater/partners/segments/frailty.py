"""The Hospital Frailty Risk Score: points by three-character ICD-10 code, each code once, over two years of admissions.

Gilbert et al. 2018, Lancet 391:1775, appendix: 109 codes from 0.1 to 7.1 points; under 5 low, 5 to 15 intermediate,
above 15 high, for people of 75 and over. Each code counts once over the admission and those of the same person that
ended in the 730 days before.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from headwater.store import Stage
from headwater.store.expr import _, literal, memtable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.store.expr import Table

LOOKED_BACK_DAYS = 730
INTERMEDIATE, HIGH = 5.0, 15.0
ADMISSIONS = ("emergency_admission", "elective_admission", "day_case", "hospital_admission")
DAY = 86_400


@cache
def tenths() -> Mapping[str, int]:
    """Code → points × 10, whole numbers so that sums are exact at the limits."""
    text = (resources.files(__package__) / "frailty.csv").read_text(encoding="utf-8")
    return {row["code"]: int(row["tenths"]) for row in csv.DictReader(text.splitlines())}


def score(codes: Iterable[str]) -> float:
    """Points of a person's codes, however long and in whatever order they are written."""
    points = tenths()
    return sum(points.get(code, 0) for code in {three(code) for code in codes}) / 10


def three(code: str) -> str:
    return code.upper().replace(".", "").replace(" ", "")[:3]


def risk(points: float) -> str:
    return "high" if points > HIGH else "intermediate" if points >= INTERMEDIATE else "low"


def segment_frailty(tables: Mapping[str, Table], settings: Mapping[str, Any]) -> Table:
    """Contact, agency and tenths of points, one row an admission that has any. settings: `admissions`, kinds other than
    the usual."""
    worth = memtable([{"three": code, "tenths": points} for code, points in tenths().items()])
    reasons = tables["contact_reason"].filter(_.system.lower() == "icd10")
    coded = reasons.mutate(three=reasons.code.upper().replace(".", "").replace(" ", "").left(3)).inner_join(
        worth, "three"
    )
    stays = tables["segment_contact"].filter(_.kind.isin(settings.get("admissions", ADMISSIONS)) & _.person.notnull())
    carried = (
        coded.inner_join(stays, ["contact", "agency"]).select("person", "three", "tenths", "at", "until").distinct()
    )
    target = stays.select("contact", "agency", "person", here="at")
    back = literal(LOOKED_BACK_DAYS * DAY)
    earlier = (carried["until"].fill_null(carried["at"]) >= target.here - back) & (carried["at"] <= target.here)
    met = target.inner_join(carried, [target.person == carried["person"], earlier])
    once = met.select("contact", "agency", "three", "tenths").distinct()
    return once.group_by("contact", "agency").agg(tenths=once.tenths.sum())


STAGE = Stage(
    "segment_frailty",
    ("contact_reason", "segment_contact"),
    segment_frailty,
    "frailty scores of admissions",
    ("agency", "contact"),
)
