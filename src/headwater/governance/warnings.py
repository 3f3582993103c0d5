"""Early warnings: figures of the data, agreements and evaluations against limits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.governance import Indicator
from headwater.domain.tables import TABLES
from headwater.store.expr import _, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Evaluation
    from headwater.store import Store

SOON_DAYS = 90
DIGITS = 3
LEAST_CAPACITY = 0.8
LEAST_LINKED = 0.85
FALL_OF_LINKS = 0.15
RECENT_DAYS, BEFORE_DAYS = 91, 365
MONTH_DAYS = 365.25 / 12


def measured(store: Store, last: str) -> dict[str, float]:
    """Figures of the data, to three digits: a share with all its digits would tell the two counts it was divided from.

    By name: link_rate, link_rate_<agency>, capacity_<agency>: contacts of the last quarter over a year's mean."""
    found: dict[str, float] = {}
    if store.has("person_link"):
        links = store.table("person_link").filter(_.run == 0)
        sizes = links.group_by("person").agg(together=_.count())
        joined = links.inner_join(sizes, "person")
        rates = store.arrow(joined.group_by("agency").agg(rate=(_.together > 1).mean(), n=_.count())).to_pylist()
        if len(rates) > 1:  # one agency alone has nothing to join
            found |= {f"link_rate_{row['agency']}": float(row["rate"]) for row in rates}
            found["link_rate"] = sum(row["rate"] * row["n"] for row in rates) / max(sum(row["n"] for row in rates), 1)
    if store.has("record"):
        found |= _numbered(store)
    if store.has("contact"):
        found |= _capacity(store, date.fromisoformat(last))
        found |= _kept(store, date.fromisoformat(last))
    return {name: round(value, DIGITS) for name, value in found.items()}


def _numbered(store: Store) -> dict[str, float]:
    """missing_<agency>: share of an agency's records without an NHS number in its newest file, less that of its
    others."""
    parts = [store.part_table(part) for part in store.parts("record")]
    columns = [*TABLES["record"].names]
    rows = [
        store.arrow(
            part.select(*columns)
            .group_by("agency")
            .agg(missing=_.nhs_number.isnull().mean(), n=_.count(), one=literal(1))
        )
        for part in parts
    ]
    seen: dict[str, list[float]] = {}
    for table in rows:
        for row in table.to_pylist():
            seen.setdefault(row["agency"], []).append(float(row["missing"]))
    return {
        f"missing_{agency}": shares[-1] - float(np.mean(shares[:-1]))
        for agency, shares in seen.items()
        if len(shares) > 1
    }


def _capacity(store: Store, last: date) -> dict[str, float]:
    """Contacts a day of the last 91 days over those of the year before them, by agency."""
    contacts = store.table("contact")
    recent, before = (
        literal(str(last - timedelta(days=days))).cast("timestamp") for days in (RECENT_DAYS, RECENT_DAYS + BEFORE_DAYS)
    )
    rows = contacts.group_by("agency").agg(
        now=(
            (contacts.start >= recent) & (contacts.start <= literal(str(last + timedelta(days=1))).cast("timestamp"))
        ).sum(),
        then=((contacts.start >= before) & (contacts.start < recent)).sum(),
    )
    return {
        f"capacity_{row['agency']}": (row["now"] / RECENT_DAYS) / (row["then"] / BEFORE_DAYS)
        for row in store.arrow(rows).to_pylist()
        if row["then"] and row["then"] >= 100
    }


def _kept(store: Store, last: date) -> dict[str, float]:
    """kept_months: from the first contact to the last day of the data."""
    (row,) = store.arrow(store.table("contact").agg(first=_.start.min())).to_pylist()
    return {"kept_months": (last - row["first"].date()).days / MONTH_DAYS} if row["first"] else {}


def indicators(
    protocols: Iterable[Protocol], figures: Mapping[str, float], evaluations: Mapping[str, Evaluation], on: str
) -> tuple[Indicator, ...]:
    """Every warning as it stands on a day (ISO): agreements lapse whether or not newer data come."""
    day = date.fromisoformat(on)
    found = [_link(figures), *_agencies(figures), *_retention(figures)]
    for protocol in protocols:
        found += [
            *_agreements(protocol, day),
            _partners(protocol, figures),
            *_displaced(protocol, evaluations.get(protocol.id)),
            _alone(protocol),
        ]
    return tuple(found)


def _link(figures: Mapping[str, float]) -> Indicator:
    rate = figures.get("link_rate")
    text = (
        "the link rate is not known"
        if rate is None
        else f"{rate:.0%} of records join another (at least {LEAST_LINKED:.0%} is wanted)"
    )
    return Indicator("link-rate", "", None if rate is None else rate < LEAST_LINKED, rate, LEAST_LINKED, text)


def _agencies(figures: Mapping[str, float]) -> list[Indicator]:
    """An agency whose newest file carries far fewer NHS numbers than its earlier ones."""
    return [
        Indicator(
            f"link-rate-{name.removeprefix('missing_')}",
            "",
            rise > FALL_OF_LINKS,
            rise,
            FALL_OF_LINKS,
            f"in the newest file of {name.removeprefix('missing_')} the share of records without an NHS number is"
            f" {rise * 100:.0f} percentage points above that of its earlier files",
        )
        for name, rise in sorted(figures.items())
        if name.startswith("missing_")
    ]


def _retention(figures: Mapping[str, float]) -> list[Indicator]:
    """Whether contacts are kept for longer than the workspace's settings allow; nothing where they set no period."""
    limit, months = figures.get("retention_months"), figures.get("kept_months")
    if not limit:
        return []
    if months is None:
        return [Indicator("retention", "", None, None, limit, "no contacts are loaded")]
    late = months > limit
    mend = "; set [retention] keep_from to a later day and load again" if late else ""
    text = f"the oldest contact is {months:.0f} months old, and {limit:.0f} may be kept{mend}"
    return [Indicator("retention", "", late, months, limit, text)]


def _agreements(protocol: Protocol, day: date) -> list[Indicator]:
    found = []
    for agreement in protocol.agreements:
        if agreement.expires is not None:
            left = (agreement.expires - day).days
            words = f"expired on {agreement.expires}" if left < 0 else f"holds until {agreement.expires}"
            found.append(
                Indicator(
                    "agreement-expiry",
                    protocol.id,
                    left < SOON_DAYS,
                    float(left),
                    float(SOON_DAYS),
                    f"{agreement.what} between {', '.join(agreement.between)} {words}",
                )
            )
    return found


def _partners(protocol: Protocol, figures: Mapping[str, float]) -> Indicator:
    """The partner whose contacts fell most."""
    known = {
        name: figures[f"capacity_{name}"]
        for name in (protocol.lead, *protocol.partners)
        if f"capacity_{name}" in figures
    }
    if not known:
        return Indicator("partner-capacity", protocol.id, None, None, LEAST_CAPACITY, "no partner's contacts are known")
    worst = min(known, key=lambda name: (known[name], name))
    text = f"{worst} gives {known[worst]:.0%} of the contacts it gave the year before"
    return Indicator("partner-capacity", protocol.id, known[worst] < LEAST_CAPACITY, known[worst], LEAST_CAPACITY, text)


def _displaced(protocol: Protocol, found: Evaluation | None) -> list[Indicator]:
    if found is None:
        return []
    ratios = {
        one.kind: one.rate_ratio
        for one in found.findings
        if one.role is Role.DISPLACEMENT and one.rate_ratio is not None
    }
    return [
        Indicator(
            "displacement",
            protocol.id,
            ratio.low > 1,
            ratio.mid,
            1.0,
            f"{kind} came to {ratio.mid:.2f} times what was expected ({ratio.low:.2f} to {ratio.high:.2f})",
        )
        for kind, ratio in ratios.items()
    ]


def _alone(protocol: Protocol) -> Indicator:
    """One bearer of nearly all cost is a single point of failure."""
    totals: dict[str, float] = {}
    for cost in protocol.costs:
        totals[cost.bearer] = totals.get(cost.bearer, 0.0) + cost.gbp
    if not totals:
        return Indicator("single-payer", protocol.id, None, None, 0.9, "no costs are named")
    share = max(totals.values()) / max(sum(totals.values()), 1e-9)
    return Indicator("single-payer", protocol.id, share > 0.9, share, 0.9, f"one payer bears {share:.0%} of the cost")
