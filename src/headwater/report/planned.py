"""The plan as it was locked, and what was changed since, for the appendix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.release import DataTable, Sentence
from headwater.report import sentences
from headwater.report.kinds import capital, day_words, kind_words, named
from headwater.report.sentences import share
from headwater.report.verdicts import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.domain.collaboration import Protocol
    from headwater.domain.release import Block, Cell
    from headwater.report.facts import BoardFacts

ESTIMANDS = {"att": "the change for those who took part"}
ESTIMATORS = {"poisson": "counts compared by a Poisson model"}


def plan(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.protocol is None:
        return (Sentence("There is no plan on file."),)
    told = facts.protocol
    rows: list[tuple[Cell, ...]] = [
        ("Style", capital(told.style.value)),
        ("Lead", named(told.lead, facts.names)),
        ("Partners", ", ".join(named(code, facts.names) for code in told.partners)),
        ("Start", day_words(told.start.isoformat())),
        ("How it should work", told.theory),
        ("Owner", capital(told.owner)),
        *_outcomes(told),
        (
            "Whose change is estimated, and how",
            f"{ESTIMANDS.get(told.estimand, told.estimand)}; {ESTIMATORS.get(told.estimator, told.estimator)}",
        ),
        ("Smallest fall it could detect", share(1 - told.detectable) if told.detectable else None),
    ]
    return (DataTable("plan", "The plan", ("What", "As planned"), tuple(rows)), *_lock(facts))


def _lock(facts: BoardFacts) -> tuple[Block, ...]:
    state = facts.standing
    if state is None:
        return (sentences.standing(None),)
    at = ", ".join(part for part in (day_words(state.locked_at), state.locked_at[11:16]) if part)
    locked = (Sentence(f"Locked on {at}. Digital fingerprint (hash): {state.sha256}."),) if state.locked_at else ()
    return (*locked, *(Sentence(change, {}, "bullet") for change in state.deviations), sentences.standing(state))


def _outcomes(told: Protocol) -> Iterator[tuple[Cell, ...]]:
    """A row a role: an outcome that should not change is none of the main ones."""
    for role, words in ROLES.items():
        kinds = [outcome.kind for outcome in told.outcomes if outcome.role.value == role]
        if kinds:
            yield capital(words), ", ".join(map(kind_words, kinds))
