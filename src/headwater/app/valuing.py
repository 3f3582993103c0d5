"""What an effect is worth, and whether it pays: the one money of an evaluation, judged on each basis and for each
bearer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater import capacity, savings
from headwater.app.answers import interval, seen_behind
from headwater.app.unbiased import bookable, seen_contacts, shrunk
from headwater.domain.evidence import MoneyVerdict, Verdict
from headwater.domain.money import Bucket, Perspective, about_pounds, in_pounds
from headwater.domain.numbers import INVESTED, SOCIAL, numbers
from headwater.domain.release import Resting
from headwater.domain.uncertainty import Interval
from headwater.report.content import filled
from headwater.report.facts import Knowing
from headwater.report.kinds import day_words, kind_words
from headwater.report.sentences import would_change
from headwater.report.verdicts import points_to, why_withheld
from headwater.savings.deflator import latest_price_year
from headwater.store.site import reached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.app.place import Place
    from headwater.app.unbiased import Estimate
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Effect, Evaluation, Finding
    from headwater.domain.money import Freed, Saving
    from headwater.domain.release import FigureData
    from headwater.savings import Account, PriceBook

PENNY = 0.005
SOON = 31
"""Days by which costs may end before contacts do without a word of it."""


def price_book(place: Place, protocol: Protocol | None = None) -> PriceBook:
    """The shipped prices and the user's own, in one year's prices."""
    asked = (protocol.price_year if protocol else None) or place.settings.price_year
    return savings.price_book(
        [reached(place.workspace.root, table) for table in place.settings.prices], asked or latest_price_year()
    )


def told(found: Evaluation, others: Sequence[Estimate]) -> Effect:
    """The effect that is priced and booked: an outcome that cannot be told is not in it, nor one that averted but may
    not be booked, so that no word on money rests on pounds which the ledger refuses; the rest is shrunk towards the
    others."""
    booked = bookable(found)
    effect = found.effect.without(
        one.kind
        for one in found.findings
        if one.verdict is Verdict.CANNOT_TELL or (one.verdict is Verdict.AVERTED and one.kind not in booked)
    )
    return shrunk(effect, found.findings, others)


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """The effect as it is priced, what it frees, and what that is worth, draw by draw; nothing is booked."""

    effect: Effect
    freed: Freed
    saving: Saving


def worth(
    place: Place,
    protocol: Protocol,
    found: Evaluation,
    others: Sequence[Estimate],
    lens: Perspective = Perspective.FISCAL,
) -> Worth:
    """Effect → what it frees → what that is worth in a lens: the one money of an evaluation, whoever asks."""
    book, effect = price_book(place, protocol), told(found, others)
    freed = capacity.free(effect, book.for_kinds(protocol.prices), place.settings.stations, protocol)
    seen = savings.with_wellbeing(book, protocol) if lens is Perspective.SOCIAL else book
    delivery = savings.delivered(effect, protocol, found.cohort)
    return Worth(
        effect, freed, savings.value(effect, freed, protocol, seen, savings.optimism(found.grade), lens, delivery)
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """Both verdicts on the primary outcome, and why money cannot be judged where it cannot."""

    effect: str
    money: MoneyVerdict
    why: str
    accounts: tuple[Account, ...]
    """Fiscal over all, public value over all, then each bearer's own cash."""
    in_cash: MoneyVerdict = MoneyVerdict.CANNOT_TELL
    """The word of the fiscal account over all."""


def judged(protocol: Protocol, found: Evaluation, saving: Saving) -> Judged:
    """The word for money is that of public value; without a stated cost, a price or an effect there is none."""
    accounts, why = savings.accounts(saving), _cannot_judge(found, saving)
    fiscal, public = (one.verdict(protocol.pays_from, protocol.does_not_pay_below) for one in accounts[:2])
    word = MoneyVerdict.CANNOT_TELL if why else public
    return Judged(found.primary.verdict.value, word, why, accounts, fiscal)


def figures(protocol: Protocol, saving: Saving, made: Judged) -> tuple[FigureData, ...]:
    """The figures of the pounds, and how likely it is to pay where money can be judged."""
    chance = () if made.why else (savings.chance_figure(made.accounts[1], protocol.id),)
    return (*savings.figures(saving), *chance)


def knowing(saving: Saving, made: Judged) -> Knowing | None:
    """What it would be worth to know more; None where money cannot be judged."""
    if made.why:
        return None
    public = made.accounts[1]
    known = savings.information(public, savings.public_value(saving.at_mean_prices))
    return Knowing(public.chance, known.perfect_gbp, known.sample_gbp)


def _cannot_judge(found: Evaluation, saving: Saving) -> str:
    if found.primary.verdict is Verdict.CANNOT_TELL:
        return "the effect cannot be told"
    if not saving.cost_gbp.any():
        return "the protocol states no costs"
    return f"{kind_words(found.primary.kind)} have no price" if found.primary.kind not in saving.kinds else ""


def contacts(found: Evaluation, worth: Worth, *, people: bool) -> list[dict[str, Any]]:
    """By outcome that is priced: contacts averted in all as estimated, and as they are counted and booked before
    netting; hidden with the contacts that were seen, which whoever has the ratio could reckon from them."""
    behind = {one.kind: seen_behind(one, people=people) for one in found.findings}
    return [
        {
            "kind": kind,
            "estimated": Resting(interval(Interval.around_mean(found.effect.of(kind))), behind.get(kind, ())),
            "counted": Resting(interval(Interval.around_mean(worth.effect.of(kind))), behind.get(kind, ())),
        }
        for kind in worth.saving.kinds
        if kind in worth.effect.told
    ]


def costs_run(protocol: Protocol, found: Evaluation) -> str:
    """Until when costs that run by the year are counted, where the effect is followed for longer; '' where both end
    together."""
    last, followed = savings.delivered(found.effect, protocol, found.cohort).last, found.effect.last_day
    if protocol.end is not None or (followed - last).days < SOON or not any(cost.yearly for cost in protocol.costs):
        return ""
    return (
        f"Costs that run by the year are counted to {day_words(last.isoformat())}, the day on which the last people"
        f" were taken on, and contacts to {day_words(followed.isoformat())}. If they ran for longer, state its end in"
        " the protocol."
    )


def answer(protocol: Protocol, found: Evaluation, worth: Worth) -> dict[str, Any]:
    """Both verdicts with what they rest on, and the first line in words that every door prints."""
    saving = worth.saving
    made = judged(protocol, found, saving)
    public = made.accounts[1]
    known = knowing(saving, made)
    even = None if made.why else break_even_fall(found, worth, public)
    return {
        "effect_verdict": made.effect,
        "money_verdict": made.money.value,
        "in_words": in_words(found, worth, made),
        "points_to": dict(
            zip(
                ("act", "why"),
                points_to(made.effect, made.money.value, None if made.why else public.chance),
                strict=True,
            )
        ),
        "would_change": [filled(one) for one in would_change(found.primary, made.money, made.why, even)],
        "money": {
            "why_cannot_tell": made.why,
            "costs_run": costs_run(protocol, found),
            "pays_from": protocol.pays_from,
            "does_not_pay_below": protocol.does_not_pay_below,
            "accounts": [] if made.why else [_account(one, protocol) for one in made.accounts if _has_a_part(one)],
            "perfect_information_gbp": known.perfect_gbp if known else None,
            "next_evaluation_gbp": known.sample_gbp if known else None,
            "acceptability": [] if made.why else [list(row) for row in savings.acceptability(public)],
            "break_even_fall": even,
        },
    }


def break_even_fall(found: Evaluation, worth: Worth, public: Account) -> float | None:
    """The fall of the primary outcome, as a share of what was expected, at which the whole would pay for itself, all
    else in proportion to what is counted."""
    if found.primary.own_ratio is None:
        return None
    kind = found.primary.kind
    seen = seen_contacts(found.effect.averted[:, found.effect.outcomes.index(kind)], found.primary)
    counted = float(worth.effect.of(kind).mean())
    return savings.break_even_share(public, counted / (seen + counted)) if seen + counted > 0 else None


def _has_a_part(one: Account) -> bool:
    """Whether a budget pays or gains anything: of one that does neither there is nothing to judge."""
    return not one.bearer or bool(one.cost_gbp) or bool((abs(one.benefit_gbp) >= PENNY).any())


def _account(one: Account, protocol: Protocol) -> dict[str, Any]:
    return {
        "basis": one.basis,
        "bearer": one.bearer or None,
        "verdict": one.verdict(protocol.pays_from, protocol.does_not_pay_below).value,
        "chance": one.chance,
        "net_gbp": interval(Interval.around_mean(one.net_gbp)),
        "expected_net_gbp": float(one.net_gbp.mean()),
        "benefit_gbp": interval(Interval.around_mean(one.benefit_gbp)),
        "cost_gbp": one.cost_gbp,
        "benefit_cost_ratio": one.benefit_cost_ratio,
    }


# In words


def in_words(found: Evaluation, worth: Worth, made: Judged) -> str:
    """Fewer A&E attendances, about 110 a year; it cost £85,000 and freed £3,500 in cash and £9,000 of capacity: in
    public value it does not pay. Cash and capacity are never added up."""
    told = numbers(worth.saving)
    cost = _mean(told.of(INVESTED))
    effect = _effect_words(found.primary, worth.effect, BOTH if found.together else "")
    if made.why == "the effect cannot be told":
        measured = found.primary.rate_ratio is not None
        return f"{effect} It cost {_pounds(cost)}, and we cannot tell if it pays." if cost and measured else effect
    if made.why:
        return f"{effect[:-1]}; we cannot tell if it pays, because {made.why}."
    freed = [told.of(bucket) for bucket in (Bucket.CASH, Bucket.RELEASED)]
    counted = bookable(found) and any(map(_stands_out, freed))
    if found.primary.verdict is Verdict.NOTHING_FOUND and not counted:
        gained = "freed nothing that stands out from chance"
    else:
        gained = _gained(*map(_mean, freed)) + _to_people(_mean(told.of(SOCIAL)))
    return f"{effect[:-1]}; it cost {_pounds(cost)} and {gained}: {_in_cash(made)}{MONEY[made.money]}."


def _in_cash(made: Judged) -> str:
    """The word on the other basis, cash less cash cost over all budgets, where it is another."""
    return "" if made.in_cash is made.money else f"in cash alone {CASH[made.in_cash]}, and "


def _to_people(gbp: float) -> str:
    """What is in nobody's budget and counts in public value all the same; nothing where none is stated."""
    if abs(gbp) < 0.5:
        return ""
    return f", besides {_pounds(abs(gbp))} of value {'to' if gbp > 0 else 'lost to'} people"


def _gained(cash: float, released: float) -> str:
    """freed £3,500 in cash and £9,000 of capacity; lost £400 more in cash and freed £90 of capacity; freed nothing."""
    parts = [(gbp, of) for gbp, of in ((cash, "in cash"), (released, "of capacity")) if abs(gbp) >= 0.5]
    words = [f"freed {_pounds(gbp)} {of}" if gbp > 0 else f"lost {_pounds(-gbp)} more {of}" for gbp, of in parts]
    if len({gbp > 0 for gbp, _of in parts}) == 1 and len(parts) > 1:
        words[1] = words[1].removeprefix("freed ").removeprefix("lost ").replace(" more ", " ")
    return " and ".join(words) or "freed nothing"


MONEY = {
    MoneyVerdict.PAYS: "in public value it pays",
    MoneyVerdict.DOES_NOT_PAY: "in public value it does not pay",
    MoneyVerdict.CANNOT_TELL: "we cannot tell yet if it pays in public value",
}
CASH = {
    MoneyVerdict.PAYS: "it pays",
    MoneyVerdict.DOES_NOT_PAY: "it does not pay",
    MoneyVerdict.CANNOT_TELL: "we cannot tell yet",
}


def _stands_out(gbp: Interval | None) -> bool:
    return gbp is not None and not gbp.low <= 0 <= gbp.high


def _mean(gbp: Interval | None) -> float:
    return 0.0 if gbp is None else gbp.mid


FEW = 9
"""Contacts a year that a shipped rule may mask: an exact number of averted ones would give them away."""


BOTH = " with this programme and another together"


def _effect_words(primary: Finding, counted: Effect, both: str = "") -> str:
    kind, given = kind_words(primary.kind), primary.given
    by = f", given all {given.sites} sites of the pool {given.pool}" if given else ""
    if primary.verdict is Verdict.CANNOT_TELL:
        why = why_withheld(primary.withheld) or "the likely values hold both a fall worth having and none"
        return f"We cannot tell whether {kind} changed{both}{by}: {why}."
    if primary.verdict is Verdict.NOTHING_FOUND:
        return f"No fall worth having was found in {kind}{both}{by}."
    many = abs(primary.averted_per_year.mid) if primary.averted_per_year else 0.0
    if primary.naive and primary.naive.seen is not None and 0 < primary.naive.seen <= FEW:
        return (
            f"{'Fewer' if primary.verdict is Verdict.AVERTED else 'More'} {kind}{both}, of which too few were seen to"
            " tell how many."
        )
    about = f"about {many:,.0f}" if many >= 0.5 else "fewer than one"
    kept = abs(float(counted.of(primary.kind).mean())) / counted.delivery_years
    # Whoever passed a threshold was lucky too: what is counted, priced and booked is less than what was estimated.
    less = (
        f" ({kept:,.0f} of them counted, to allow for uncertainty)"
        if many >= 0.5 and f"{kept:,.0f}" != f"{many:,.0f}"
        else ""
    )
    less = by or less
    return f"{'Fewer' if primary.verdict is Verdict.AVERTED else 'More'} {kind}{both}, {about} a year{less}."


def _pounds(gbp: float) -> str:
    return in_pounds(about_pounds(gbp))
