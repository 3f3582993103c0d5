"""Plain words for what was found, by rules that never claim more than the interval.

Where the interval holds no change, no sentence says that anything fell; where it holds a worthwhile fall too, the
sentence says that we cannot tell; money is said bucket by bucket and never as one sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Status
from headwater.domain.evidence import MoneyVerdict, ShamVerdict, Verdict
from headwater.domain.governance import Met
from headwater.domain.money import Bucket, about_pounds, at_most_pounds
from headwater.domain.numbers import numbers
from headwater.domain.release import Amount, Count, Estimate, Resting, Sentence
from headwater.domain.uncertainty import Interval
from headwater.report.kinds import capital, day_words, kind_words
from headwater.report.verdicts import STRENGTHS, check_words, points_to, why_withheld

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from headwater.domain.collaboration import Standing
    from headwater.domain.evidence import Check, Finding, Grade, Naive
    from headwater.domain.governance import Gate, Indicator
    from headwater.domain.ledger import Statement
    from headwater.domain.money import Saving
    from headwater.domain.release import Cell


LONG_NAME = 30
"""Letters of a name that a sentence still bears."""


def within(name: str) -> str:
    """A name as it stands inside a sentence: The team → the team; one too long for a sentence → this work."""
    if len(name) > LONG_NAME or any(mark in name for mark in ":,;"):
        return "this work"
    return "the " + name[4:] if name.startswith("The ") else name


def share(value: float) -> Amount:
    """A share as a whole percentage."""
    return Amount(value, "share", 2)


def answer(finding: Finding, what: str, *, reason: bool = True, together: bool = False) -> Sentence:
    """The one-line answer, from the verdict and its interval. what: the collaboration's name; reason: whether why the
    word is withheld is said here too; together: whether another programme's work is in it."""
    kind, ratio = kind_words(finding.kind), finding.rate_ratio
    what = f"{within(what)} and another programme together" if together else within(what)
    if ratio is None:
        named: dict[str, Cell] = {"what": what, "kind": kind}
        return Sentence("We cannot tell what {what} did to {kind}. It could not be measured.", named, "lead")
    if finding.withheld:
        seen: dict[str, Cell] = {"what": what, "kind": kind, "low": way(ratio.low), "high": way(ratio.high)}
        return Sentence(WITHHELD + (f" The reason: {why_withheld(finding.withheld)}." if reason else ""), seen, "lead")
    word = Verdict(finding.verdict)
    starts = word in (Verdict.AVERTED, Verdict.HARM)
    told = {"what": capital(what) if starts else what, "kind": kind, "Kind": capital(kind)}
    return Sentence(ANSWERS[word], {**told, **_changes(word, ratio)}, "lead")


ANSWERS = {
    Verdict.AVERTED: (
        "{what} made {kind} fall by about {mid}. The true fall is likely to be between {least} and {most}."
    ),
    Verdict.HARM: (
        "{what} made things worse. {Kind} rose by about {mid}. The true rise is likely to be between {least} and"
        " {most}."
    ),
    Verdict.NOTHING_FOUND: "We found no fall worth having. With {what}, {kind} could at best have gone down by {most}.",
    Verdict.CANNOT_TELL: "We cannot tell if {what} changed {kind}. The truth could be {low} or {high}, or in between.",
}

WITHHELD = (
    "We cannot tell if {what} changed {kind}. We saw between {low} and {high}, but this may have some other cause."
)


def _changes(verdict: Verdict, ratio: Interval) -> dict[str, Cell]:
    """The gaps' figures. A bound is never rounded away from no change: 0.4 % is not said to be 0 % or 1 %."""
    if verdict is Verdict.AVERTED:
        return {"mid": _share(1 - ratio.mid), "least": _share(1 - ratio.high), "most": _share(1 - ratio.low)}
    if verdict is Verdict.HARM:
        return {"mid": _share(ratio.mid - 1), "least": _share(ratio.low - 1), "most": _share(ratio.high - 1)}
    if verdict is Verdict.NOTHING_FOUND:
        return {"most": _share(max(1 - ratio.low, 0.0))}
    return {"low": way(ratio.low), "high": way(ratio.high)}


def _share(value: float) -> Amount:
    """A share as a percentage; small ones keep a decimal, so that none is rounded to nothing."""
    return Amount(value, "share", 2 if abs(value) >= 0.03 else 3)


def way(ratio: float) -> str:
    """A rate ratio as words: a fall of 12%, a rise of 3%, no change."""
    from headwater.report.words import say

    if abs(ratio - 1) < 0.0005:
        return "no change"
    return f"a {'fall' if ratio < 1 else 'rise'} of {say(_share(abs(1 - ratio))).text}"


def a_year(finding: Finding, people: bool, sign: int = 1) -> Cell:
    """Averted contacts a year. With the ratio beside them they give away how many were seen, so they are hidden with
    them."""
    assert finding.averted_per_year is not None
    return _rested(Estimate(finding.averted_per_year.times(sign), "count", 0), finding, people)


def _rested(told: Estimate | Amount, finding: Finding, people: bool) -> Cell:
    """A number of averted contacts, hidden with those that were seen."""
    naive = finding.naive
    seen = (naive.seen, naive.expected_anyway) if naive and people else ()
    return Resting(told, tuple(Count(amount, "contacts") for amount in seen if amount is not None)) if seen else told


def averted(finding: Finding, people: bool = False) -> Sentence | None:
    """How many contacts a year; people: whether disclosure control counts them. None where they were not measured, or
    may have some other cause."""
    if finding.averted_per_year is None or finding.withheld:
        return None
    kind, per_year = kind_words(finding.kind), finding.averted_per_year
    if per_year.low > 0:
        words, more = f"That is {{n}} fewer {kind} a year.", "fewer"
    elif per_year.high < 0:
        words, more = f"That is {{n}} more {kind} a year.", "more"
    else:
        rise, fall = (_rested(Amount(bound, "", 0), finding, people) for bound in (-per_year.low, per_year.high))
        return Sentence(
            f"Over a year, that is between {{rise}} more and {{fall}} fewer {kind}.",
            {"rise": rise, "fall": fall},
            masked=f"Too few {kind} were seen to say how many fewer or more that is a year.",
        )
    told = a_year(finding, people, -1 if per_year.high < 0 else 1)
    return Sentence(words, {"n": told}, masked=f"Too few {kind} were seen to say how many {more} that is a year.")


def naive(told: Naive | None, kind: str, whose: str = "people") -> Sentence:
    """The before–after figure beside the share that would have come anyway. whose: people, places or organisations."""
    name = kind_words(kind)
    if told is None:
        return Sentence(f"A plain before and after count of {name} was not measured.")
    moved = "fell" if told.change < 0 else "rose"
    figures: dict[str, Cell] = {"change": share(abs(told.change))}
    first, part = f"From before to after, {name} {moved} by {{change}}.", told.explained_by_regression_to_the_mean
    if told.change >= 0:
        return Sentence(
            f"{first} That count alone says little, as it does not show what would have come anyway.", figures
        )
    if part is None:
        return Sentence(f"{first} We do not know how much of that would have come anyway.", figures)
    if part >= 1:
        return Sentence(
            f"{first} But {whose} like them, who had no help, fell as much or more. None of that fall is a saving.",
            figures,
        )
    if part <= 0:
        return Sentence(f"{first} None of that fall came to {whose} like them who had no help.", figures)
    return Sentence(
        f"{first} But {{part}} of that fall would have come anyway: it also came to {whose} like them who had no help.",
        figures | {"part": share(part)},
    )


def gap(finding: Finding, what: str) -> Sentence:
    """What the chain's last step may be: the work only where the verdict says so."""
    told: dict[str, Cell] = {"what": within(what)}
    if finding.withheld:
        return Sentence(
            "The gap between what was expected and what was seen may have some other cause than {what}.", told
        )
    if finding.verdict in (Verdict.AVERTED, Verdict.HARM):
        return Sentence(
            "Only the gap between what was expected and what was seen comes from {what}. The rest would have come"
            " anyway.",
            told,
        )
    return Sentence("The gap between what was expected and what was seen may be chance.")


def sham(finding: Finding) -> Sentence | None:
    """A warning of a sham outcome that moved; None of any other."""
    if finding.verdict is not ShamVerdict.MOVED:
        return None
    return Sentence(
        f"{capital(kind_words(finding.kind))} moved, and should not have. The work cannot touch them, so the comparison"
        " is in doubt.",
        {},
        "warning",
    )


def strength(grade: Grade) -> Sentence:
    """How strong the method is, with its level on the Maryland scale. It is no chance that the answer is right."""
    words = STRENGTHS.get(grade.confidence, "of no known strength")
    return Sentence(
        f"The method is {words}: level {{level}} of 5. That says how well it guards against error, not how likely the"
        " answer is to be right.",
        {"level": grade.level},
    )


def pointer(effect: str, money: str, chance: float | None) -> Sentence:
    """What the two verdicts point to, and why; the board decides."""
    act, why = points_to(effect, money, chance)
    return Sentence(f"This points to: {act}. {why}", {}, "inset")


def finding_out(perfect_gbp: float, sample_gbp: float) -> Sentence:
    """What it would be worth to know more before the choice is made."""
    return Sentence(
        "To this choice, knowing for certain would be worth {perfect}, and another evaluation as large {sample}.",
        {"perfect": at_most_pounds(perfect_gbp), "sample": at_most_pounds(sample_gbp)},
    )


def dates(to: str, state: Standing | None, last_day: date | None) -> Sentence:
    """How far the data reach, and when the plan was locked: after the follow-up had ended is said so."""
    said: dict[str, Cell] = {"to": day_words(to), "locked": day_words(state.locked_at[:10]) if state else ""}
    if state is None or not state.locked_at:
        return Sentence("The data run to {to}. The plan is not locked.", said)
    if last_day is not None and last_day.isoformat() >= to[:10] and state.locked_at[:10] > to[:10]:
        # What is followed to the last day of the data may go on: that the follow-up had ended is more than is known.
        unread = " but before results were read" if state.status is Status.LOCKED else ""
        return Sentence(
            f"The data run to {{to}}. The plan was locked on {{locked}}, after the last day of the data{unread}.", said
        )
    if last_day is not None and state.locked_at[:10] > last_day.isoformat():
        words = (
            "The data run to {to}. The plan was locked on {locked}, after the follow-up had ended but before results"
            " were read."
        )
        return Sentence(
            (
                words
                if state.status is Status.LOCKED
                else "The data run to {to}. The plan was locked on {locked}, after the follow-up had ended."
            ),
            said,
        )
    return Sentence("The data run to {to}. The plan was locked on {locked}.", said)


def would_change(
    finding: Finding, money: MoneyVerdict | None, why_money: str, break_even: float | None
) -> tuple[Sentence, ...]:
    """What would change the answer, a bullet each."""
    kind, said = kind_words(finding.kind), []
    if finding.withheld and finding.rate_ratio is not None:
        failed = any(check.essential and check.passed is False for check in finding.checks)
        failed = failed or any(reason.startswith("a check that has to pass failed") for reason in finding.withheld)
        words = (
            "A comparison that passes the checks it failed."
            if failed
            else "A fairer comparison, such as a start in random or staggered order."
        )
        said.append(Sentence(words, {}, "bullet"))
    elif finding.verdict is Verdict.CANNOT_TELL:
        told: dict[str, Cell] = {"least": share(1 - finding.detectable)} if finding.detectable else {}
        words = "More people, or a longer time." + (
            " As it is, a fall of less than {least} looks the same as none." if told else ""
        )
        said.append(Sentence(words, told, "bullet"))
    if money is MoneyVerdict.CANNOT_TELL and "no costs" in why_money:
        said.append(Sentence("What it costs, written into the plan.", {}, "bullet"))
    elif money is MoneyVerdict.CANNOT_TELL and "price" in why_money:
        said.append(Sentence(f"A price for {kind}.", {}, "bullet"))
    elif money is not None and break_even is not None and 0 < break_even < 1:
        said.append(
            Sentence(
                f"In public value, it would pay for itself if the counted fall in {kind} were {{share}} or more.",
                {"share": share(break_even)},
                "bullet",
            )
        )
    return tuple(said)


OTHERWISE = "Not as it was locked: "
"""How the lock begins to name what is not of the plan itself: the code, the data."""


def standing(state: Standing | None) -> Sentence:
    """Whether the plan was locked before anybody saw the results."""
    if state is None:
        return Sentence("There is no plan on file for this count.", {}, "warning")
    if state.status is Status.LOCKED and not state.deviations:
        return Sentence("The plan was locked before we saw the results, and we kept to it.")
    if state.status is Status.EXPLORATORY:
        return Sentence(
            "No plan was locked first. So this is a first look, and it cannot be booked as a saving.", {}, "warning"
        )
    if state.deviations and all(one.startswith(OTHERWISE) for one in state.deviations):
        return Sentence(
            "The plan stands as it was locked. What it is worked out with has changed: the appendix says what.",
            {},
            "warning",
        )
    return Sentence("The plan was changed after it was locked. The appendix says how and why.", {}, "warning")


def checks(run: Sequence[Check]) -> Sentence:
    """How many checks passed, failed and could not tell; the failed ones are named."""
    if not run:
        return Sentence("No checks were run.", {}, "warning")
    failed = [check for check in run if check.passed is False]
    unknown = sum(check.passed is None for check in run)
    figures: dict[str, Cell] = {"passed": len(run) - len(failed) - unknown, "all": len(run), "unknown": unknown}
    words = "We made {all} checks that could have shown us to be wrong. {passed} found no fault."
    words += f" These failed: {', '.join(check_words(check.name) for check in failed)}." if failed else ""
    words += " {unknown} could not tell." if unknown else ""
    return Sentence(words, figures, "warning" if any(check.essential for check in failed) else "body")


NO_POUNDS = Sentence("We cannot tell what it did, so no pounds are counted.", {}, "warning")
BUCKET_WORDS = {
    Bucket.CASH: ("Cash that can leave a budget", "No cash leaves any budget."),
    Bucket.RELEASED: ("Capacity released for other work", "No capacity is released."),
    Bucket.ABSORBED: ("Absorbed at once by other demand", "None is absorbed by other demand."),
    Bucket.UNCHANGED: ("Fixed costs unchanged", "No fixed costs stay unchanged."),
}


def money(saving: Saving) -> tuple[Sentence, ...]:
    """Cash, released, absorbed and none, each said apart over the whole time; they are never added."""
    told = numbers(saving)
    totals = [(told.of(bucket.value), *words) for bucket, words in BUCKET_WORDS.items()]
    if told.net is None:
        return (NO_POUNDS,)
    return (
        *(Sentence(*_of_bucket(gbp, name, nothing), "bullet") for gbp, name, nothing in totals if gbp is not None),
        Sentence("These four are not added up: only the first is money that can be spent again."),
    )


def _of_bucket(total: Interval, name: str, nothing: str) -> tuple[str, dict[str, Cell]]:
    if total.low == total.high == 0:
        return nothing, {}
    tail = " It may be nothing." if total.low < 0 < total.high else " That is a loss." if total.high <= 0 else ""
    return f"{name}: {{gbp}}.{tail}", {"gbp": Estimate(total, "gbp", 0)}


def losses(lost: Mapping[str, tuple[float, float]]) -> tuple[Sentence, ...]:
    """Each budget that loses cash or free room, in so many words. lost: cash, room."""
    said = []
    for name, (cash, room) in lost.items():
        parts = [words for gbp, words in ((cash, "{cash} of cash"), (room, "{room} of capacity")) if gbp < 0]
        figures: dict[str, Cell] = {
            "who": capital(name),
            "cash": Amount(about_pounds(-cash)),
            "room": Amount(about_pounds(-room)),
        }
        if parts:
            said.append(Sentence(f"{{who}}: likely to lose {' and '.join(parts)}.", figures, "warning"))
    return tuple(said)


def worth(saving: Saving) -> Sentence:
    """Whether it pays for itself, as the share of draws in which it does."""
    net = numbers(saving).net
    if net is None:
        return NO_POUNDS
    chance = float(np.mean(saving.npv_gbp > 0))
    figures: dict[str, Cell] = {"npv": Estimate(net, "gbp", 0), "chance": _in_ten(chance)}
    return Sentence(
        "In public value, what it frees less what it costs comes to {npv}. The chance that it pays for itself is"
        " {chance}.",
        figures,
    )


def _in_ten(chance: float) -> str:
    if chance >= 0.995:
        return "more than 99 in 100"
    if chance <= 0.005:
        return "less than 1 in 100"
    return f"about {min(max(round(chance * 100), 1), 99)} in 100"


def ledger(statement: Statement) -> Sentence:
    """What stands in the ledger, cash alone as money."""
    live = [line for line in statement.lines if line.state not in ("reversed", "forecast")]
    if not live:
        return Sentence("Nothing is booked in the ledger yet.")
    cash = [line.cash_gbp for line in live]
    if abs(sum(cash)) < 0.5:
        return Sentence("No cash is booked in the ledger.")
    words = (
        "{cash} of cash is booked in the ledger."
        if sum(cash) > 0
        else "A loss of {cash} in cash is booked in the ledger."
    )
    return Sentence(f"{words} Each saving is booked only once.", {"cash": Amount(about_pounds(abs(sum(cash))))})


def gates(found: Iterable[Gate]) -> tuple[Sentence, ...]:
    """Each gate with its criteria counted, and who decides."""
    return tuple(_gate(gate) for gate in found)


def _gate(gate: Gate) -> Sentence:
    met = sum(criterion.met is Met.MET for criterion in gate.criteria)
    name = capital(gate.gate.replace("-", " "))
    figures: dict[str, Cell] = {"name": name, "met": met, "all": len(gate.criteria), "who": gate.decides}
    words = (
        "{name}: {met} of {all} tests " + ("is" if met == 1 else "are") + " met."
        if gate.criteria
        else "{name} has no tests."
    )
    if len(gate.criteria) == 1:
        words = "{name}: its one test is " + ("met." if met else "not met yet.")
    if gate.decision is None:
        return Sentence(f"{words} Still to decide: {{who}}.", figures, "bullet")
    told = {"who": capital(gate.decision.role), "date": day_words(gate.decision.date), "verdict": gate.decision.verdict}
    return Sentence(f"{words} {{who}} said on {{date}}: {{verdict}}.", {**figures, **told}, "bullet")


def warnings(found: Iterable[Indicator]) -> tuple[Sentence, ...]:
    """Early warnings that have fired."""
    return tuple(
        Sentence(f"Warning: {capital(indicator.text).rstrip('.')}.", {}, "warning")
        for indicator in found
        if indicator.fired
    )
