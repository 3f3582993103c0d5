"""What stands, line by line and in total, and what was promised beside what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.ledger import ClaimState, Statement, StatementLine
from headwater.domain.money import Bucket
from headwater.domain.release import FigureData

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.ledger import Claim
    from headwater.ledger.standing import Balance, Standing

STANDING = (ClaimState.MEASURED, ClaimState.ACCEPTED, ClaimState.REMOVED, ClaimState.DECAYED)
BUCKET_COLUMNS = ("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp")

Key = tuple[str, str, str, str, ClaimState]


def statement_of(standing: Standing, head_hash: str) -> Statement:
    """One line a bearer, collaboration, year and state, in that order; sums do not depend on the order of booking."""
    figures: dict[Key, list[tuple[float, ...]]] = {}
    for booked in standing.claims.values():
        claim = booked.claim
        if claim.state is not ClaimState.REVERSED:
            key: Key = (claim.bearer, booked.collaboration, booked.style, claim.year, claim.state)
            figures.setdefault(key, []).append((claim.contacts, 0.0, *pounds(claim)))
    for spent in standing.spent:
        key = (spent.bearer, spent.collaboration, spent.style, spent.year, spent.state)
        figures.setdefault(key, []).append((0.0, spent.gbp, 0.0, 0.0, 0.0, 0.0))
    lines = [StatementLine(*key, *map(math.fsum, zip(*rows, strict=True))) for key, rows in sorted(figures.items())]
    return Statement(head_hash, tuple(lines))


def pounds(claim: Claim) -> tuple[float, float, float, float]:
    return claim.cash_gbp, claim.released_gbp, claim.absorbed_gbp, claim.none_gbp


def amount(standing: Standing, balance: Balance) -> float:
    """What stands (measured and beyond) of a bucket, for the bearer, collaboration and year that are named."""
    wanted = (balance.bearer, balance.collaboration, balance.year)
    return math.fsum(
        float(getattr(booked.claim, f"{balance.bucket}_gbp"))
        for booked in standing.claims.values()
        if booked.claim.state in STANDING
        and all(
            not want or want == has
            for want, has in zip(wanted, (booked.claim.bearer, booked.collaboration, booked.claim.year), strict=True)
        )
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """A plan and its outturn: pounds of one collaboration, bearer and year, cash and released each in its own line."""

    collaboration: str
    bearer: str
    year: str
    bucket: Bucket
    forecast_gbp: float
    measured_gbp: float

    @property
    def gap_gbp(self) -> float:
        return self.measured_gbp - self.forecast_gbp


def beside(statement: Statement) -> tuple[Beside, ...]:
    """What was promised beside what was measured, wherever either is."""
    found: dict[tuple[str, str, str, Bucket], list[float]] = {}
    for line in statement.lines:
        for bucket, gbp in ((Bucket.CASH, line.cash_gbp), (Bucket.RELEASED, line.released_gbp)):
            pair = found.setdefault((line.collaboration, line.bearer, line.year, bucket), [0.0, 0.0])
            pair[line.state is not ClaimState.FORECAST] += gbp
    return tuple(Beside(*key, *pair) for key, pair in sorted(found.items()))


def promised(statement: Statement) -> tuple[Beside, ...]:
    """Every forecast with its outturn. A collaboration that promised nothing is not in it, nor a line without a
    pound."""
    known = {line.collaboration for line in statement.lines if line.state is ClaimState.FORECAST}
    return tuple(
        row for row in beside(statement) if row.collaboration in known and (row.forecast_gbp or row.measured_gbp)
    )


def outturn_figure(statement: Statement, names: Mapping[str, str]) -> FigureData:
    """A row a collaboration and bucket, all budgets and years together: the table behind it has each apart. names:
    collaboration → its name."""
    sums: dict[tuple[str, str], list[float]] = {}
    for row in promised(statement):
        pair = sums.setdefault((names.get(row.collaboration, row.collaboration), row.bucket.value), [0.0, 0.0])
        pair[0] += row.forecast_gbp
        pair[1] += row.measured_gbp
    rows = tuple((*key, before, after, after - before) for key, (before, after) in sums.items())
    short = sum(after < before for before, after in sums.values())
    return FigureData(
        "forecast-beside-measured",
        "ledger",
        f"{short} of {len(rows)} planned savings fell short of their forecast",
        "Forecast and measured savings, cash and released capacity apart, by collaboration.",
        ("collaboration", "bucket", "forecast_gbp", "measured_gbp", "gap_gbp"),
        rows,
    )
