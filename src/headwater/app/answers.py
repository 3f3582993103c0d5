"""The versioned answers of the verbs, made from domain values. Numbers of people and contacts are `Count`s here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import savings
from headwater.domain.money import BUCKETS, Bucket
from headwater.domain.release import Count
from headwater.domain.uncertainty import Interval
from headwater.evidence.places.options import METHODS as PLACE_DESIGNS
from headwater.partners import chances_top, doing_nothing, net_gbp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.domain.collaboration import Standing
    from headwater.domain.evidence import Check, Evaluation, Finding, Grade
    from headwater.domain.ledger import Statement
    from headwater.domain.money import Saving
    from headwater.domain.options import Listed, Option
    from headwater.link import LinkReport
    from headwater.partners.mirror import Mirrors

DAYS_PER_YEAR = 365.25
KEYS = {bucket: "none" if bucket is Bucket.UNCHANGED else bucket.value for bucket in BUCKETS}
"""Bucket → its key in answers; what stays unchanged has been *none* there since the first version."""


def interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else dict(found.answer())  # type: ignore[arg-type]


def grade(found: Grade) -> dict[str, Any]:
    return {"level": found.level, "confidence": found.confidence, "text": found.text}


def check(found: Check) -> dict[str, Any]:
    return {
        "name": found.name,
        "passed": found.passed,
        "text": found.text,
        "figure": found.figure,
        "essential": found.essential,
    }


def finding(found: Finding) -> dict[str, Any]:
    naive = found.naive
    return {
        "kind": found.kind,
        "role": found.role.value,
        "verdict": found.verdict.value,
        "withheld": list(found.withheld),
        "rate_ratio": interval(found.rate_ratio),
        "averted_per_year": interval(found.averted_per_year),
        "naive": naive
        and {
            "change": naive.change,
            "explained_by_regression_to_the_mean": naive.explained_by_regression_to_the_mean,
        },
        "detectable_rate_ratio": found.detectable,
    }


def evaluation(found: Evaluation, standing: Standing) -> dict[str, Any]:
    primary, number = finding(found.primary), _number_of(found)
    return {
        "collaboration": found.collaboration,
        "design": found.design,
        "status": found.status.value,
        "protocol_sha256": found.protocol_sha256,
        "deviations": list(standing.deviations),
        **{
            key: primary[key]
            for key in ("verdict", "withheld", "rate_ratio", "averted_per_year", "naive", "detectable_rate_ratio")
        },
        "outcome": found.primary.kind,
        "enrolled": number(found.effect.treated),
        "comparison": {
            "method": found.comparison.method,
            "matched": number(found.comparison.matched),
            "controls": number(found.comparison.controls),
            "unmatched": number(found.comparison.unmatched),
            "worst_standardised_difference": found.comparison.worst_smd,
            "over_limit": list(found.comparison.over_limit),
        },
        "left_out": {reason: number(count) for reason, count in found.cohort.left_out.items()},
        "outcomes": [finding(one) for one in found.findings],
        "grade": grade(found.grade),
        "checks": [check(one) for one in found.checks],
        "caveats": list(found.caveats),
    }


def _number_of(found: Evaluation) -> type[Count] | type[int]:
    """Numbers of people pass disclosure control; numbers of organisations and places are nobody's secret."""
    return int if found.design in PLACE_DESIGNS else Count


def value_by_bucket(saving: Saving, years: float) -> dict[str, dict[str, float] | None]:
    """Pounds a calendar year of delivery by bucket over all bearers: the whole follow-up's draws over its length in years."""
    totals = saving.gbp.sum(axis=(1, 2)) / max(years, 1e-9)
    return {KEYS[bucket]: interval(Interval.of_draws(totals[:, at])) for at, bucket in enumerate(BUCKETS)}


def bearers(saving: Saving) -> list[dict[str, Any]]:
    """A line a bearer over the whole of the periods measured; what was invested is not uncertain."""
    sums = saving.gbp.sum(axis=2)
    return [
        {
            "bearer": bearer.name,
            "invested_gbp": float(saving.invested_gbp[row].sum()),
            **{
                f"{KEYS[bucket]}_gbp": interval(Interval.of_draws(sums[:, row, at]))
                for at, bucket in enumerate(BUCKETS)
            },
        }
        for row, bearer in enumerate(saving.bearers)
    ]


def payers(saving: Saving, grade: Grade) -> list[dict[str, Any]]:
    """Each payer's own account: net present value, benefit–cost ratio, payback, chance of breaking even, cash alone and with released."""
    correction = savings.optimism(grade)
    return [
        {
            "bearer": one.bearer, "invested_gbp": one.invested_gbp, "cash_gbp": interval(one.cash_gbp), "released_gbp": interval(one.released_gbp),
            "npv_gbp": interval(one.net_gbp), "benefit_cost_ratio": one.benefit_cost_ratio, "payback_year": one.payback_year,
            "chance_to_break_even": one.breaks_even, "chance_to_break_even_in_cash": one.breaks_even_in_cash,
        }
        for one in savings.payers(saving, correction)
    ]  # fmt: skip


def assumptions(saving: Saving, grade: Grade) -> list[dict[str, Any]]:
    """What the answer hangs on, the largest swing first, and where each assumption alone would bring the net value to nothing."""
    found = savings.sensitivity(saving, savings.optimism(grade))
    return [{**plain(factor), "swing_gbp": factor.swing_gbp} for factor in found]


def option(found: Option, rank: int) -> dict[str, Any]:
    return {
        "id": found.id,
        "rank": rank,
        "style": found.style.value,
        "board": found.board or None,
        "partners": list(found.partners),
        "service": found.service,
        "benefit_gbp_per_year": interval(found.benefit()),
        "cost_gbp_per_year": found.yearly_cost_gbp,
        "one_off_cost_gbp": found.one_off_cost_gbp,
        "gains": list(found.gains),
        "pays": list(found.pays),
        "staff_transferred": found.staff_transferred,
        "months_to_benefit": found.months_to_benefit,
        "grade": grade(found.grade),
        "reasons": [
            {"factor": one.factor, "contribution": one.contribution, "text": one.text} for one in found.reasons
        ],
        **counted(found),
        "would_change": list(found.would_change),
        "risks": list(found.risks),
    }


def counted(found: Option) -> dict[str, dict[str, Count]]:
    """The numbers of people, places and buildings behind an option."""
    return {"counted": {what: Count(number) for what, number in found.counted}}


def compared(found: Sequence[Option]) -> dict[str, Any]:
    """The ranked options on one base, and where doing nothing stands among them."""
    top = chances_top(found)
    after = doing_nothing(found)
    rows = [
        {
            **option(one, rank),
            "net_gbp_per_year": interval(Interval.of_draws(net_gbp(one))),
            "chance_top_5": top[one.id],
            "beats_nothing": rank <= after,
        }
        for rank, one in enumerate(found, 1)
    ]
    return {"options": rows, "do_nothing": {"after": after, "net_gbp_per_year": 0.0}}


def mirrors(found: Mirrors) -> dict[str, Any]:
    """Beside the options: the ten most alike, factor by factor, and the best partitions of each service."""
    return {
        "alike": [plain(one) for one in found.alike],
        "groups": [
            {**plain(one), "value_gbp": interval(one.value_gbp), "groups": [list(group) for group in one.groups]}
            for one in found.groupings
        ],
    }


def link_report(found: LinkReport) -> dict[str, Any]:
    """Rates are shares of records; the numbers of records of small groups are masked like any other count."""
    return {
        "records": found.records,
        "people": found.people,
        "link_rate": found.link_rate,
        "by_agency": dict(found.by_agency),
        "by_number": found.by_number,
        "groups": [
            {
                "by": one.by,
                "group": one.group,
                "rate": one.rate,
                "numbered": one.numbered,
                "records": Count(one.records),
            }
            for one in found.rates
        ],
        "under_linked": list(found.under_linked),
        "expected": {"precision": interval(found.precision), "recall": interval(found.recall)},
        "broken_groups": len(found.broken),
        "partitions": {"drawn": found.partitions, "share_moved": found.moved},
        "blocking": [{"keys": list(rule.keys), "pairs": rule.pairs} for rule in found.rules],
    }


def statement(found: Statement) -> dict[str, Any]:
    return {"head_hash": found.head_hash, "lines": [plain(line) for line in found.lines]}


def listed(found: Iterable[Listed]) -> dict[str, Any]:
    collaborations = [
        {
            "id": one.id, "name": one.name, "partners": list(one.partners),
            "organisations": [code or None for code in one.organisations], "service": one.service, "start": one.start,
            "style": one.style, "style_reason": one.style_reason,
            "claim": {"gbp": one.claim_gbp, "kind": one.claim_kind, "period": one.claim_period,
                      "bearer": one.claim_bearer, "text": one.claim_text},
            "warnings": list(one.warnings),
        }
        for one in found
    ]  # fmt: skip
    return {"collaborations": collaborations, "shares": _shares([str(one["style"]) for one in collaborations])}


def _shares(styles: Sequence[str]) -> dict[str, float]:
    total = max(len(styles), 1)
    return {style: styles.count(style) / total for style in ("mirror", "integration", "upstream", "unsure")}


def plain(value: Any) -> Any:
    """A frozen value as JSON would have it: fields by name, enums by value, arrays as lists."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if hasattr(value, "value") and hasattr(value, "name"):
        return value.value
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value
