"""Which pairs are compared at all: blocking rules chosen by a rule of their own, with the number of pairs each brings.

Candidates are single fine keys and every two keys of different fields. A sample's pairs under the cheapest of them are
weighed by the model; then rules are taken one by one, each time the one that brings most expected matches not brought
yet for each pair it costs, until nearly all are brought or the budget is used up. So the choice rests on what the model
expects, never on labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from headwater.link.fields import Field, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from headwater.store.expr import Table, Value

PAIRS_A_RECORD = 10
THOROUGH = 2_000_000
"""Pairs that any table may compare beside: they take two or three seconds, and a small table is compared the more
thoroughly."""
MOST_A_RECORD = 60
TRIED_PAIRS = 800_000
"""Pairs of the sample that the candidates may bring together when they are tried: some two seconds."""
LAST_GAIN = 0.0005
"""A rule that adds less than this share of the expected matches is not worth a join of the whole table."""
UNNUMBERED = ("l.number is null", "l.number is not null and r.number is null")
"""Of two records with numbers the numbers decide; comparing them would only cost time. Two conditions of one side each
rather than
one of both: an engine then leaves numbered records out before it joins, so that no block of theirs is ever laid against
itself."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Records that agree on all keys are compared. keys: expressions of one record's columns; pairs: how many that
    brings."""

    keys: tuple[str, ...]
    pairs: float = 0.0

    def sql(self) -> tuple[str, ...]:
        """The conditions between `l` and `r`, no pair under two of them."""
        same = " and ".join(f"{_sided(key, 'l')} = {_sided(key, 'r')}" for key in self.keys)
        return tuple(f"{same} and {side}" for side in UNNUMBERED)


def candidates(fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Every rule that may be chosen, in a fixed order."""
    keyed = [(field, keys_of(field)) for field in fields]
    single = [
        Rule((keys[0],)) for field, keys in keyed if field.sort in {"date", "postcode", "text", "number", "filter"}
    ]
    several = [
        Rule((one, other)) for (_, ones), (_, others) in combinations(keyed, 2) for one in ones for other in others
    ]
    return (*single, *several)


def tried(counted: Iterable[Rule]) -> tuple[Rule, ...]:
    """The cheapest candidates, fewest pairs first, as far as a sample bears them. counted: with their pairs in the
    sample."""
    taken: list[Rule] = []
    spent = 0.0
    for rule in sorted((one for one in counted if one.pairs > 0), key=lambda one: (one.pairs, one.keys)):
        spent += rule.pairs
        if spent > TRIED_PAIRS and taken:
            break
        taken.append(rule)
    return tuple(rule for rule in taken if not any(other is not rule and implies(rule, other) for other in taken))


def chosen(
    rules: Sequence[Rule],
    brings: NDArray[np.bool_],
    likely: NDArray[np.float64],
    records: int,
    pairs_a_record: int = PAIRS_A_RECORD,
) -> tuple[Rule, ...]:
    """The rules that are used. rules: with their pairs over all records; brings: bool[pair, rule]; likely:
    float64[pair], chance of a match."""
    budget = min(MOST_A_RECORD * records, pairs_a_record * records + THOROUGH)
    left, spent, taken = likely.copy(), 0.0, list[int]()
    while True:
        gain = left @ brings
        value = [
            0.0 if at in taken or spent + rule.pairs > budget else gain[at] / (rule.pairs + records / 10)
            for at, rule in enumerate(rules)
        ]
        best = int(np.argmax(value)) if value else -1
        if best < 0 or value[best] <= 0 or gain[best] < LAST_GAIN * likely.sum():
            return tuple(rules[at] for at in taken)
        taken.append(best)
        spent += rules[best].pairs
        left[brings[:, best]] = 0.0


def implies(fine: Rule, coarse: Rule) -> bool:
    """Whether two records that agree on the fine rule's keys must agree on the coarse one's."""
    return all(any(key == other or _within(other, key) for key in fine.keys) for other in coarse.keys)


def _within(coarse: str, fine: str) -> bool:
    """substr(given, 1, 3) follows from given, and from nothing else."""
    return coarse.startswith("substr(") and "(" not in fine and coarse[len("substr(") :].split(",")[0] == fine


def _sided(key: str, side: str) -> str:
    if not key.startswith("substr("):
        return f"{side}.{key}"
    column = key[len("substr(") :].split(",")[0]
    return key.replace(column, f"{side}.{column}")


def crossed(fields: Sequence[Field]) -> tuple[str, ...]:
    """Names that changed places are compared as well."""
    pairs = {tuple(sorted((field.column, field.crossed))) for field in fields if field.crossed}
    return tuple(
        f"l.{one} = r.{other} and l.{other} = r.{one} and {side}" for one, other in sorted(pairs) for side in UNNUMBERED
    )


def key_of_row(rows: Table, key: str) -> Value:
    """A key as an expression of the engine; the text stays what Splink is given."""
    if not key.startswith("substr("):
        return rows[key]
    column, first, length = (part.strip() for part in key[len("substr(") : -1].split(",", 2))
    start, value = int(first) - 1, rows[column]
    return value.substr(start, int(length) if length.isdigit() else value.length() - 2)
