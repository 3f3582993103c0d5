"""The protocol step by step: plain questions, one matter a page; what is rarely needed is folded away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headwater.web.protocol_form import SECTIONS, filled, read_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.web.forms import Field

TITLES = (
    "What is it, and who takes part?",
    "Who or what is taken on, and by which rule?",
    "What should there be less of, and what should not change?",
    "What shows what would have happened anyway?",
    "How long is it followed, and what would count?",
    "Who pays, and whose budget feels it?",
    "What has been signed?",
)
"""One a section of the form, in its order."""
STEPS = len(TITLES)
QUESTIONS = {
    "top.name": "What is it called?",
    "top.style": "Which of the three styles is it?",
    "top.lead": "Who leads it?",
    "top.partners": "Who else takes part?",
    "top.start": "When did it start, or when will it?",
    "top.end": "When does it end, if it does?",
    "top.theory": "How is it meant to work?",
    "top.owner": "Which role answers for this evaluation?",
    "top.unit": "Are people, places or organisations taken on?",
    "top.treated": "Which places or organisations?",
    "entry.kind": "Which kind of contact makes somebody eligible?",
    "entry.at_least": "How many of them?",
    "entry.within_days": "Within how many days?",
    "entry.minimum_age": "From what age?",
    "entry.maximum_age": "Up to what age?",
    "entry.areas": "Living where?",
    "outcome.kind": "Which kind of contact?",
    "outcome.role": "What part does it play?",
    "outcome.worthwhile": "What is the smallest fall worth having?",
    "comparison.method": "How is the comparison made?",
    "top.follow_up_days": "For how many days is each followed?",
    "top.detectable": "Which rate ratio was it made to detect?",
    "bearer.kind": "Which kind of contact?",
    "bearer.bearer": "Whose budget feels it?",
    "bearer.share": "What part of its value?",
    "cost.bearer": "Who pays?",
    "cost.what": "What for?",
    "cost.gbp": "How many pounds?",
    "cost.year": "How many years after the start?",
    "cost.yearly": "Does it recur every year?",
    "agreement.what": "What was signed?",
    "agreement.between": "By whom?",
    "agreement.signed": "When?",
    "agreement.expires": "Until when does it hold?",
}
"""Field, without the number of its entry → the question it asks."""
EXPLAINED = frozenset(
    {"share", "worthwhile", "theory", "at_least", "within_days", "treated", "areas", "follow_up_days"}
)
"""Fields whose hint says more than their question."""
RARE = frozenset(
    {
        "phases",
        "subgroups",
        "multiplicity",
        "exact",
        "distance",
        "caliper",
        "per_unit",
        "replacement",
        "donors",
        "excluded",
        "options",
        "history_days",
        "minimum_grade",
        "level",
        "stopping_rule",
        "estimand",
        "estimator",
        "checks",
        "essential",
        "seed",
        "draws",
        "price_year",
        "prices",
        "cashable",
        "backfill",
        "qaly",
        "wellby",
        "income_share",
        "pays_from",
        "does_not_pay_below",
    }
)


def step(found: Mapping[str, Any], errors: Mapping[str, str], at: int) -> dict[str, Any]:
    """The fields of step `at` (1 …), the usual ones and the rare ones apart."""
    section = filled(found, errors)[at - 1]
    groups = [{**group, "fields": [_asked(one) for one in group["fields"]]} for group in section["groups"]]
    fields = [_asked(one) for one in section["fields"]]
    return {
        "title": TITLES[at - 1],
        "fields": [one for one in fields if not _rare(one)],
        "rare": [
            one
            for one in [*fields, *(one for group in groups if not group["spare"] for one in group["fields"])]
            if _rare(one)
        ],
        "groups": [{**group, "fields": [one for one in group["fields"] if not _rare(one)]} for group in groups],
    }


def merged(found: Mapping[str, Any], given: Mapping[str, str], at: int) -> dict[str, Any]:
    """The whole table with what this step says in the place of what stood there; other steps' keys stay."""
    _title, names, tables = SECTIONS[at - 1]
    said = read_form(given)
    mine = {*names, *tables}
    kept = {key: value for key, value in found.items() if key not in mine}
    return {**kept, **{key: value for key, value in said.items() if key in mine}}


def step_of(field: str) -> int:
    """The step in which a field of the form is asked, by its id or name; the first where it is not known."""
    table, _, key = field.replace("-", "_").partition("_")
    for at, (_title, names, tables) in enumerate(SECTIONS, 1):
        if table in tables or (table == "top" and key in names):
            return at
    return 1


def _asked(field: Field) -> Field:
    parts = field.name.split(".")
    question = QUESTIONS.get(f"{parts[0]}.{parts[-1]}")
    optional = " (optional)" if field.label.endswith("(optional)") else ""
    if not question:
        return field
    _about, dot, more = field.hint.partition(". ")
    hint = field.hint if parts[-1] in EXPLAINED else more if dot else ""
    return replace(field, label=question + optional, hint=hint)


def _rare(field: Field) -> bool:
    return field.name.split(".")[-1] in RARE
