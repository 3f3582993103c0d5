"""The versioned answers of the verbs, made from domain values. Numbers of people and contacts are `Count`s here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import partners, savings
from headwater.domain.evidence import TELLS_THE_RATIO
from headwater.domain.money import BUCKETS, Bucket
from headwater.domain.numbers import A_YEAR, numbers
from headwater.domain.options import SPREAD_YEARS
from headwater.domain.release import Count, Resting, Share
from headwater.domain.uncertainty import Interval
from headwater.evidence.places.options import METHODS as PLACE_DESIGNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.domain.collaboration import Standing
    from headwater.domain.evidence import Check, Evaluation, Finding, Grade
    from headwater.domain.ledger import Statement
    from headwater.domain.money import Saving
    from headwater.domain.numbers import Numbers
    from headwater.domain.options import Listed, Option
    from headwater.link import LinkReport
    from headwater.partners.mirror import Mirrors
    from headwater.partners.register import Imported

DAYS_PER_YEAR = 365.25
KEYS = {bucket: "none" if bucket is Bucket.UNCHANGED else bucket.value for bucket in BUCKETS}
"""Bucket → its key in answers; what stays unchanged has been *none* there since the first version."""


def interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else dict(found.answer())  # type: ignore[arg-type]


def grade(found: Grade) -> dict[str, Any]:
    return {"level": found.level, "confidence": found.confidence, "text": found.text}


def check(found: Check, counted: tuple[Count, ...]) -> dict[str, Any]:
    """counted: the contacts that a ratio would give away beside what was expected."""
    behind = counted if found.name in TELLS_THE_RATIO else ()
    return {
        "name": found.name,
        "passed": found.passed,
        "text": Resting(found.text, behind),
        "figure": Resting(found.figure, behind),
        "essential": found.essential,
    }


def finding(found: Finding, *, people: bool) -> dict[str, Any]:
    """people: whether the contacts are those of people, so that disclosure control counts them."""
    naive = found.naive
    seen = seen_behind(found, people=people)
    change = _contacts(naive.before, naive.seen) if naive and people else ()
    counted = counted_of(found, people=people)
    return {
        "kind": found.kind,
        "role": found.role.value,
        "verdict": found.verdict.value,
        "withheld": list(found.withheld),
        "rate_ratio": Resting(interval(found.rate_ratio), counted),
        "averted_per_year": Resting(interval(found.averted_per_year), seen),
        "naive": (
            naive
            and {
                "change": Resting(naive.change, change),
                "explained_by_regression_to_the_mean": Resting(
                    naive.explained_by_regression_to_the_mean, (*seen, *change)
                ),
                **{
                    f"{step}_per_year": (
                        amount if amount is None else Count(amount, "contacts") if people else round(amount)
                    )
                    for step, amount in (
                        ("before", naive.before),
                        ("expected_anyway", naive.expected_anyway),
                        ("seen", naive.seen),
                    )
                },
            }
        ),
        "detectable_rate_ratio": Resting(found.detectable, counted),
        "judged_by_fall": found.worthwhile,
        "given_all": Resting(given_all(found), counted),
    }


def counted_of(found: Finding, *, people: bool) -> tuple[Count, ...]:
    """The contacts seen, which a ratio tells beside those expected."""
    return _contacts(found.naive.seen) if found.naive and people else ()


def seen_behind(found: Finding, *, people: bool) -> tuple[Count, ...]:
    """The contacts that can be reckoned from averted ones beside their ratio."""
    return _contacts(found.naive.seen, found.naive.expected_anyway) if found.naive and people else ()


def given_all(found: Finding) -> dict[str, Any] | None:
    """Which pool a line is given, and what this site's own evidence says of it."""
    if found.given is None:
        return None
    alone = {"effect_verdict": found.own.verdict.value, "rate_ratio": interval(found.own_ratio)}
    return {"pool": found.given.pool, "sites": found.given.sites, "alone": alone}


def _contacts(*amounts: float | None) -> tuple[Count, ...]:
    return tuple(Count(amount, "contacts") for amount in amounts if amount is not None)


def flow(found: Evaluation) -> list[dict[str, Any]]:
    """Numbers of people from step to step; what was lost after a step stands by its reason. Each step is the sum of the
    next one and of what was lost, so that no small loss can be had by taking one from the other."""
    rows: list[dict[str, Any]] = []
    after: dict[str, Count] = {}
    for step in reversed(found.flow):
        place = f"{step.group}, {step.step} {found.collaboration}"
        lost = {
            reason: Count(n, name=NAMES.get(reason, f"{reason}, {place}").format(found))
            for reason, n in step.lost.items()
        }
        rest = (after[step.group],) if step.group in after else ()
        people = Count(
            step.people,
            name=NAMES.get(place.rpartition(" ")[0], place).format(found),
            parts=(*rest, *lost.values()) if rest else (),
        )
        after[step.group] = people
        rows.append({"group": step.group, "step": step.step, "people": people, "lost": lost})
    return rows[::-1]


NAMES = {
    "enrolled, eligible on the day": "enrolled {0.collaboration}",
    "enrolled, matched": "matched {0.collaboration}",
    "nobody alike to be compared with": "unmatched {0.collaboration}",
}
"""Names under which the report tells the same numbers, so that they are protected together."""


def evaluation(found: Evaluation, standing: Standing) -> dict[str, Any]:
    number = _number_of(found)
    people = number is Count
    primary = finding(found.primary, people=people)
    counts = {one.kind: counted_of(one, people=people) for one in found.findings}
    return {
        "collaboration": found.collaboration,
        "design": found.design,
        "status": found.status.value,
        "protocol_sha256": found.protocol_sha256,
        "deviations": list(standing.deviations),
        **{
            key: primary[key]
            for key in ("withheld", "rate_ratio", "averted_per_year", "naive", "detectable_rate_ratio")
        },
        "outcome": found.primary.kind,
        "enrolled": number(found.comparison.treated),
        "comparison": {
            "method": found.comparison.method,
            "matched": number(found.comparison.matched),
            "controls": number(found.comparison.controls),
            "unmatched": number(found.comparison.unmatched),
            "worst_standardised_difference": found.comparison.worst_smd,
            "over_limit": list(found.comparison.over_limit),
        },
        "target_trial": [{"part": row.part, "target": row.target, "emulated": row.emulated} for row in found.trial],
        "flow": flow(found),
        "amounts": [
            {
                "kind": one.kind,
                "measure": one.measure.value,
                "ratio": Resting(interval(one.ratio), counts.get(one.kind, ())),
            }
            for one in found.amounts
        ],
        "left_out": {reason: number(count) for reason, count in found.cohort.left_out.items()},
        "outcomes": [finding(one, people=people) for one in found.findings],
        "grade": grade(found.grade),
        "checks": [check(one, counted_of(found.primary, people=people)) for one in found.checks],
        "caveats": list(found.caveats),
    }


def _number_of(found: Evaluation) -> type[Count] | type[int]:
    """Numbers of people pass disclosure control; numbers of organisations and places are nobody's secret."""
    return int if found.design in PLACE_DESIGNS else Count


def value_by_bucket(told: Numbers) -> dict[str, dict[str, float] | None]:
    """Pounds a year of delivery by bucket over all bearers; None where nothing can be told."""
    return {KEYS[bucket]: interval(told.of(bucket.value, span=A_YEAR)) for bucket in BUCKETS}


def bearers(saving: Saving) -> list[dict[str, Any]]:
    """A line a bearer over the whole of the time measured; what was invested is not uncertain."""
    told = numbers(saving)
    return [
        {
            "bearer": bearer.name,
            "invested_gbp": float(saving.invested_gbp[row].sum()),
            **{f"{KEYS[bucket]}_gbp": interval(told.of(bucket.value, bearer.name)) for bucket in BUCKETS},
        }
        for row, bearer in enumerate(saving.bearers)
    ]


def payers(saving: Saving) -> list[dict[str, Any]]:
    """Each payer's own account in public value: what it paid, gained and nets in present values after the allowance for
    optimism, the ratio of both, payback, chance of breaking even. Its cash alone is among the accounts. Empty where
    nothing can be told.
    """
    if not saving.kinds:
        return []
    return [
        {
            "basis": savings.PUBLIC_VALUE,
            "bearer": one.bearer,
            "cost_gbp": one.invested_gbp,
            "present_cash_gbp": interval(one.cash_gbp),
            "present_released_gbp": interval(one.released_gbp),
            "npv_gbp": interval(one.net_gbp),
            "benefit_cost_ratio": one.benefit_cost_ratio,
            "payback_year": one.payback_year,
            "chance": one.breaks_even,
        }
        for one in savings.payers(saving)
    ]


def assumptions(saving: Saving) -> list[dict[str, Any]]:
    """What the answer hangs on, the largest swing first, and where each assumption alone would bring the net value to
    nothing."""
    found = savings.sensitivity(saving) if saving.kinds else ()
    return [{**plain(factor), "swing_gbp": factor.swing_gbp} for factor in found]


def option(found: Option, rank: int | None) -> dict[str, Any]:
    """rank: None where the figures cannot be told; its pounds are then null, and `needs` says what is missing."""
    known = not found.needs
    return {
        "id": found.id,
        "rank": rank,
        "style": found.style.value,
        "board": found.board or None,
        "partners": list(found.partners),
        "service": found.service,
        "needs": list(found.needs),
        "benefit_gbp_per_year": interval(found.benefit()) if known else None,
        "net_gbp_per_year": interval(found.net()) if known else None,
        "fiscal_net_gbp_per_year": interval(Interval.around_mean(found.fiscal_net_gbp)) if known else None,
        "chance_net_positive": partners.chance(found) if known else None,
        "finding_out_gbp": partners.finding_out_gbp(found) if known else None,
        "cost_gbp_per_year": found.yearly_cost_gbp if known and found.board != "opportunity" else None,
        "one_off_cost_gbp": found.one_off_cost_gbp if known and found.board != "opportunity" else None,
        "gains": list(found.gains),
        "gains_gbp_per_year": dict(partners.shares_gbp(found).items()) if known else {},
        "pays": list(found.pays),
        "staff_transferred": found.staff_transferred,
        "posts_removed": found.posts_removed,
        "months_to_benefit": found.months_to_benefit,
        "place_factor": found.place_factor,
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


def compared(found: Sequence[Option], floor_gbp: float = 0.0, register: Sequence[Listed] = ()) -> dict[str, Any]:
    """The ranked options on one base, where doing nothing stands among them, and apart those whose figures cannot be
    told."""
    top, ranked = partners.chances_top(found), partners.told(found)
    after = partners.doing_nothing(ranked, floor_gbp)
    rows = [
        {**_row(one, rank, floor_gbp), "chance_top_5": top[one.id], "known": _known(one, register)}
        for rank, one in enumerate(ranked, 1)
    ]
    return {
        "options": rows,
        "do_nothing": {"after": after, "net_gbp_per_year": 0.0},
        "floor_gbp_per_year": floor_gbp,
        "needs": [{**_row(one, None, floor_gbp), "known": _known(one, register)} for one in partners.needing(found)],
    }


def _known(found: Option, register: Sequence[Listed]) -> list[dict[str, Any]]:
    """What the register says that two or more of the partners do together already, or did, and what that claims; a
    claim is no saving."""
    told = [
        one
        for one in register
        if one.style == found.style.value and len(set(one.organisations) & set(found.partners)) > 1
    ]
    return [
        {
            "id": one.id,
            "service": one.service,
            "status": one.status,
            "claim_gbp_per_year": one.claim_gbp_per_year,
            "warnings": list(one.warnings),
        }
        for one in told
    ]


def _row(found: Option, rank: int | None, floor_gbp: float) -> dict[str, Any]:
    word = partners.worth(found, floor_gbp)
    return {
        **option(found, rank),
        "worth": word.value,
        "beats_nothing": word is partners.Worth.BEATS,
        "inside": [
            {
                "id": one.id,
                "partners": list(one.partners),
                "service": one.service,
                "needs": list(one.needs),
                "net_gbp_per_year": None if one.needs else interval(one.net()),
            }
            for one in found.inside
        ],
    }


def seat(found: partners.Seat, options: Sequence[Option]) -> dict[str, Any]:
    """On whose behalf was asked: what was looked at, what is missing, whom it averts demand for and who might pay for
    that."""
    theirs = [one for one in partners.told(options) if found.organisation in one.pays and one.board == "evidence"]
    return {
        "organisation": found.organisation,
        "sort": found.sort,
        "gives": {kind: Count(n) for kind, n in found.gives.items()},
        "pays_for": list(found.pays_for),
        "looked_at": [_with_result(line, options) for line in found.looked_at],
        "missing": list(found.missing),
        "next": list(found.next_lines),
        "averts_for": [_averts_for(one, found.organisation) for one in theirs],
    }


def _with_result(line: str, options: Sequence[Option]) -> str:
    """What was looked at in one style, with how much of it became an option."""
    n = sum(one.style.value == line.partition(":")[0] for one in options)
    return f"{line}: {n or 'no'} option{'' if n == 1 else 's'} found"


def _averts_for(found: Option, asking: str) -> dict[str, Any]:
    """Who gains by what the asking body does, and the parts of its cost that would fall to each by what it gains."""
    gains = {code: gbp for code, gbp in partners.shares_gbp(found).items() if code != asking and gbp > 0}
    whole = sum(gains.values())
    cost = found.yearly_cost_gbp + found.one_off_cost_gbp / SPREAD_YEARS
    # Nobody would pay more than they gain: what is left of the cost is the asking body's own to justify.
    paid = min(cost, whole)
    return {
        "id": found.id,
        "cost_gbp_per_year": cost,
        "gains_gbp_per_year": gains,
        "fair_share_gbp_per_year": {code: paid * gbp / whole for code, gbp in gains.items()},
        "left_gbp_per_year": cost - paid,
    }


def mirrors(found: Mirrors) -> dict[str, Any]:
    """Beside the options: the ten most alike, factor by factor, and the best partitions of each service."""
    return {
        "alike": [plain(one) for one in found.alike],
        "groups": [
            {
                **plain(one),
                "net_gbp_per_year": interval(one.net_gbp_per_year),
                "groups": [list(group) for group in one.groups],
            }
            for one in found.groupings
        ],
    }


def link_report(found: LinkReport) -> dict[str, Any]:
    """Rates are shares of records; the numbers of records of small groups are masked like any other count."""
    return {
        "records": Count(found.records, "records"),
        "people": Count(found.people),
        **({"people_by_shared_number": Count(found.numbered)} if found.numbered else {}),
        "link_rate": round(found.link_rate, 3),
        "by_agency": {agency: _linked(one.rate, one.records) for agency, one in found.by_agency.items()},
        "by_number": round(found.by_number, 3),
        "groups": [
            {
                "by": one.by,
                "group": one.group,
                "rate": _linked(one.rate, one.records),
                "numbered": _linked(one.numbered, one.records),
                "records": Count(one.records, "records", f"records {one.by} {one.group}"),
            }
            for one in found.rates
        ],
        "under_linked": list(found.under_linked),
        "expected": {"precision": interval(found.precision), "recall": interval(found.recall)},
        "broken_groups": len(found.broken),
        "partitions": {"drawn": found.partitions, "share_moved": found.moved},
        "blocking": [{"keys": list(rule.keys), "pairs": rule.pairs} for rule in found.rules],
    }


def _linked(rate: float, records: int) -> Share:
    """A share of a group's records, told from the numbers as they are shown."""
    return Share(Count(round(rate * records), "records"), Count(records, "records"), 3)


def statement(found: Statement) -> dict[str, Any]:
    return {"head_hash": found.head_hash, "lines": [plain(line) for line in found.lines]}


def listed(found: Iterable[Listed]) -> dict[str, Any]:
    collaborations = [
        {
            "id": one.id,
            "name": one.name,
            "partners": list(one.partners),
            "organisations": [code or None for code in one.organisations],
            "service": one.service,
            "start": one.start,
            "style": one.style,
            "style_reason": one.style_reason,
            "status": one.status,
            "status_reason": one.status_reason,
            "claim": {
                "gbp": one.claim_gbp,
                "gbp_per_year": one.claim_gbp_per_year,
                "basis": one.claim_basis,
                "kind": one.claim_kind,
                "period": one.claim_period,
                "bearer": one.claim_bearer,
                "text": one.claim_text,
                "others_gbp": list(one.claim_others_gbp),
                "percent": list(one.claim_percent),
            },
            "warnings": list(one.warnings),
            "list": one.from_list,
        }
        for one in found
    ]
    return {"collaborations": collaborations, "shares": _shares([str(one["style"]) for one in collaborations])}


def imported(found: Sequence[Listed], read: Imported) -> dict[str, Any]:
    """The register after an import, and what of the list was not read."""
    return {**listed(found), "imported": plain(read)}


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
