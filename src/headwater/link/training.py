"""Training without labels, by Splink, on a sample.

u comes from random pairs, m from expectation maximisation within blocks, and the prior from the model itself: the share
of pairs that it, weighing the sample's pairs, expects to be matches, until that share no longer moves. Nothing is set
by hand and no recall of any rule has to be guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.link.blocking import Rule, candidates, chosen, key_of_row, tried
from headwater.link.model import FLOOR_BITS, SHOWN, Model, linker_of, settings_of, splink_settings
from headwater.store.comparing import Comparing
from headwater.store.expr import _, dense_rank, ifelse, null, window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.link.fields import Field
    from headwater.store import Store
    from headwater.store.expr import Table

    Levels = dict[str, tuple[tuple[float, float], ...]]

SAMPLE, KEPT = 20_000, 2_500
"""Profiles that training sees: 20,000, or so many more that of as many true pairs as there are profiles 2,500 stay
whole in it."""
RANDOM = 700
"""Profiles whose quarter of a million pairs give u; a level that one pair in 10,000 reaches is then seen 25 times."""
SPREAD = (2_147_483_647, 48_271, 69_621)
"""Modulus and multipliers (Park & Miller 1988; Fishman & Moore 1986) by which profiles are drawn, alike on every
engine."""
EM_PAIRS = (100, 1_000_000)
LEAST = 1e-5
"""No level is held impossible: m stays above it."""
ODD_PRIOR = 2.0**-20
TRIED = 0.01
"""Pairs with at least this chance of a match count when rules are chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """The sample's keys as numbers: equal values, equal numbers, −1 for none. codes: key → int64[profile]."""

    profile: NDArray[np.int64]
    numbered: NDArray[np.bool_]
    codes: Mapping[str, NDArray[np.int64]]

    def same(self, rule: Rule) -> NDArray[np.int64]:
        """int64[profile]: one number for each combination of the rule's keys, −1 where one of them is missing."""
        first, *others = (self.codes[key] for key in rule.keys)
        missing, found = first < 0, first
        for code in others:
            missing = missing | (code < 0)
            found = found * (int(code.max(initial=0)) + 2) + code
        return np.where(missing, -1, found)


def train(store: Store, fields: Sequence[Field], profiles: Table, shares: Table, pairs_a_record: int) -> Model:
    """The model of these profiles: u from random pairs, m within blocks, the prior it holds to, rules by their expected
    yield."""
    count = _rows(store, profiles)
    wanted = max(SAMPLE, int((KEPT * count) ** 0.5))
    comparing = Comparing(store.engine)
    try:
        sample = comparing.take(comparing.give(drawn(profiles, wanted, count)))
        coded = _coded(store, fields, sample)
        counted = [replace(rule, pairs=pairs_of(coded, rule)) for rule in candidates(fields)]
        blocks = _blocks(fields, counted, _shared_numbers(store, sample))
        levels, random_pairs = _levels(store, comparing, (fields, sample, drawn(profiles, RANDOM, count)), blocks)
        rules = tried(counted)
        draft = Model(tuple(fields), ODD_PRIOR, levels, rules, blocks, count, len(coded.profile))
        pairs = _tried_pairs(store, comparing, draft, (sample, shares))
        model = _settled(pairs["weight"], draft, random_pairs)
        return replace(model, rules=_rules(coded, pairs, draft, model, pairs_a_record))
    finally:
        comparing.clear()


def drawn(profiles: Table, wanted: int, count: int) -> Table:
    """About so many profiles, the same ones on every engine; all of them where there are no more."""
    if count <= wanted:
        return profiles
    modulus, one, other = SPREAD
    mixed = (profiles.profile + 1) * one % modulus
    mixed = (mixed * mixed % modulus) * other % modulus
    return profiles.filter(mixed < int(modulus * wanted / count))


def _rows(store: Store, rows: Table) -> int:
    return int(store.arrow(rows.agg(n=_.count()))["n"][0].as_py())


# Keys and blocks


def _coded(store: Store, fields: Sequence[Field], sample: Table) -> Coded:
    keys = sorted({key for rule in candidates(fields) for key in rule.keys})
    values = {f"key{at}": key_of_row(sample, key) for at, key in enumerate(keys)}
    ranked = {
        name: ifelse(value.isnull(), null("int64"), dense_rank().over(window(order_by=value)))
        for name, value in values.items()
    }
    rows = store.arrow(sample.select("profile", numbered=sample.number.notnull(), **ranked).order_by("profile"))
    codes = {key: rows[f"key{at}"].fill_null(-1).to_numpy().astype(np.int64) for at, key in enumerate(keys)}
    return Coded(rows["profile"].to_numpy(), rows["numbered"].to_numpy(), codes)


def pairs_of(coded: Coded, rule: Rule) -> float:
    """How many pairs agree on the rule's keys, those of two numbered profiles left out."""
    same = coded.same(rule)
    known = same >= 0
    _names, group = np.unique(same[known], return_inverse=True)
    every = np.bincount(group).astype(np.float64)
    numbered = np.bincount(group, weights=coded.numbered[known].astype(np.float64), minlength=len(every))
    return float((every * (every - 1) - numbered * (numbered - 1)).sum() / 2)


def _shared_numbers(store: Store, sample: Table) -> float:
    sizes = sample.filter(sample.number.notnull()).group_by("number").agg(n=_.count())
    found = store.arrow(sizes.agg(pairs=(sizes.n * (sizes.n - 1)).sum()))["pairs"][0].as_py()
    return float(found or 0) / 2


def _blocks(fields: Sequence[Field], counted: Sequence[Rule], numbered: float) -> tuple[tuple[str, ...], ...]:
    """Blocks within which m is learnt: shared numbers, then rules with few strangers in them, until every field is free
    in two of them."""
    low, high = EM_PAIRS
    pairs = {rule.keys: rule.pairs for rule in counted}
    names = tuple(field.column for field in fields if field.sort == "name")[:2]
    fine = [names] + [(field.column,) for field in fields if field.sort in {"date", "postcode", "text", "number"}]
    few = sorted(
        (keys for keys, number in pairs.items() if low <= number <= high), key=lambda keys: (pairs[keys], keys)
    )
    wanted = [keys for keys in fine if low <= pairs.get(keys, 0) <= high] + few
    taken: list[tuple[str, ...]] = [("number",)] if numbered >= low else []
    for keys in wanted:
        free = {field.column: sum(not _uses(block, field.column) for block in taken) for field in fields}
        if min(free.values()) >= 2:
            break
        if keys not in taken and any(free[name] < 2 and not _uses(keys, name) for name in free):
            taken.append(keys)
    return tuple(taken)


def _uses(keys: Sequence[str], column: str) -> bool:
    return any(key == column or f"({column}," in key for key in keys)


# m, u and the prior


def _levels(
    store: Store, comparing: Comparing, tables: tuple[Sequence[Field], Table, Table], blocks: Sequence[Sequence[str]]
) -> tuple[Levels, float]:
    """field → (m, u) by level, and how many random pairs u is from."""
    fields, sample, few = tables
    random, _frame = linker_of(comparing, few, splink_settings(fields, ODD_PRIOR, (), None), (fields, None))
    random.training.estimate_u_using_random_sampling(max_pairs=1e12, min_count_per_level=None, num_chunks=1)
    ours = _rows(store, few)
    least = 1.0 / max(ours * (ours - 1), 2)
    start = {
        name: tuple((_first_m(at, len(values)), max(value or 0.0, least)) for at, value in enumerate(values))
        for name, values in _trained(random, "u_probability").items()
    }
    m = _matches(comparing, (fields, sample), start, list(blocks))
    levels = {
        name: tuple((max(found or LEAST, LEAST), pair[1]) for found, pair in zip(m[name], start[name], strict=True))
        for name in start
    }
    return levels, ours * (ours - 1) / 2


def _matches(
    comparing: Comparing, rows: tuple[Sequence[Field], Table], start: Levels, blocks: list[Sequence[str]]
) -> dict[str, list[float | None]]:
    """field → m by level, learnt within the blocks; where no block teaches, m is where learning starts.

    Splink refuses an m of nothing: a block where some level is only seen on pairs that cannot be one person (every pair
    that is one has the same sex, say) is left out, and learning begins anew without it, because a refusal leaves its
    linker half changed.
    """
    fields, sample = rows
    while True:
        linker, _frame = linker_of(comparing, sample, splink_settings(fields, ODD_PRIOR, (), start), (fields, None))
        refused = next((keys for keys in blocks if not _learns(linker, keys)), None)
        if refused is None:
            return _trained(linker, "m_probability")
        blocks.remove(refused)


def _learns(linker: Any, keys: Sequence[str]) -> bool:
    from splink import block_on

    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*keys), estimate_without_term_frequencies=True
        )
    except ValueError as problem:
        if "m_probability" not in str(problem):
            raise
        return False
    return True


def _first_m(at: int, levels: int) -> float:
    """Where learning starts: nine matches in ten agree fully, the rest are spread evenly."""
    return 0.9 if at == 0 else 0.1 / (levels - 1)


def _trained(linker: Any, which: str) -> dict[str, list[float | None]]:
    found = linker.misc.save_model_to_json()["comparisons"]
    return {
        one["output_column_name"]: [
            value if isinstance(value := level.get(which), float) else None
            for level in one["comparison_levels"]
            if not level.get("is_null_level")
        ]
        for one in found
    }


def _tried_pairs(
    store: Store, comparing: Comparing, draft: Model, tables: tuple[Table, Table]
) -> dict[str, NDArray[Any]]:
    """left, right, weight (under the draft's prior) of the sample's pairs that the tried rules bring."""
    sample, shares = tables
    if not draft.rules:
        # Without a rule every record would be laid against every other.
        return {
            name: np.zeros(0, dtype)
            for name, dtype in (("left", np.int64), ("right", np.int64), ("weight", np.float64))
        }
    linker, frame = linker_of(comparing, sample, settings_of(draft), (draft.fields, shares))
    found = comparing.take(
        linker.inference.predict_within(frame, threshold_match_weight=2 * FLOOR_BITS, warning_mode="never")
    )
    rows = store.arrow(
        found.select(left="profile_l", right="profile_r", weight="match_weight").order_by("left", "right")
    )
    # In order, because sums of floats depend on it and the engine's order on its threads.
    return {name: rows[name].to_numpy() for name in ("left", "right", "weight")}


def _settled(weights: NDArray[np.float64], draft: Model, random_pairs: float) -> Model:
    """The prior that the model itself expects, and u freed of the matches that were among the random pairs."""
    possible = max(draft.sampled * (draft.sampled - 1) / 2, 1.0)
    bare, prior = weights - bits(draft.prior), draft.prior
    for _step in range(100):
        expected = float((1 / (1 + 2.0 ** -(bare + bits(prior)))).sum()) / possible
        expected = min(max(expected, 1 / (4 * possible)), 0.5)
        if abs(bits(expected) - bits(prior)) < 1e-9:
            break
        prior = expected
    least = 1.0 / (2 * max(random_pairs, 1.0))
    levels = {
        name: tuple((_shown(m), _shown(min(max((u - prior * m) / (1 - prior), u / 20, least), 1.0))) for m, u in values)
        for name, values in draft.levels.items()
    }
    return replace(draft, prior=_shown(prior), levels=levels)


def _rules(
    coded: Coded, pairs: Mapping[str, NDArray[Any]], draft: Model, model: Model, pairs_a_record: int
) -> tuple[Rule, ...]:
    """The rules by what they bring of the matches that the model expects among the sample's pairs."""
    chance = 1 / (1 + 2.0 ** -(pairs["weight"] - bits(draft.prior) + bits(model.prior)))
    likely = chance >= TRIED
    left, right = (np.searchsorted(coded.profile, pairs[side][likely]) for side in ("left", "right"))
    share = model.sampled / model.profiles
    rules = [replace(rule, pairs=float(round(rule.pairs / share**2))) for rule in draft.rules]
    brings = [(same := coded.same(rule))[left] == same[right] for rule in rules]
    known = [hit & (coded.same(rule)[left] >= 0) for hit, rule in zip(brings, rules, strict=True)]
    return chosen(rules, np.column_stack(known), chance[likely], model.profiles, pairs_a_record) if rules else ()


def bits(share: float) -> float:
    """Log2 odds."""
    return float(np.log2(share / (1 - share)))


def _shown(value: float) -> float:
    """Six digits: what is beyond them depends on the order in which an engine's threads add."""
    return float(f"{value:.{SHOWN}g}")
