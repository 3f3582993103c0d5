"""The linkage model: saved in the workspace, and used by Splink to weigh pairs.

A pair's weight is the log2 odds that its two records are one person: the prior, and for every field log2(m/u), m and u
being how often matches and strangers agree so far (Fellegi & Sunter 1969, JASA 64).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from headwater.link.blocking import Rule, crossed
from headwater.link.fields import Field, comparison, frequent
from headwater.store.comparing import Comparing
from headwater.store.expr import greatest, least
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from headwater.store import Store
    from headwater.store.expr import Table

FLOOR_BITS = -10.0
"""Pairs weighed below are not kept: one in a thousand of them at most is a match."""
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Model:
    """levels: field → (m, u) from alike to different; prior: share of pairs that match; profiles: how many there were
    in training."""

    fields: tuple[Field, ...]
    prior: float
    levels: dict[str, tuple[tuple[float, float], ...]]
    rules: tuple[Rule, ...]
    blocks: tuple[tuple[str, ...], ...]
    profiles: int
    sampled: int

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def keep_model(file: Path, model: Model) -> None:
    write_atomically(file, model.text())


def kept_model(file: Path) -> Model | None:
    """The saved model, or None where there is none or it cannot be read (it is then trained anew)."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Model(
            tuple(Field(**one) for one in found["fields"]),
            found["prior"],
            {name: tuple((m, u) for m, u in pairs) for name, pairs in found["levels"].items()},
            tuple(Rule(tuple(one["keys"]), one["pairs"]) for one in found["rules"]),
            tuple(tuple(keys) for keys in found["blocks"]),
            found["profiles"],
            found["sampled"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


# Weighing


def weighed(store: Store, model: Model, shares: Table, new: Table, old: Table | None = None) -> Iterator[Table]:
    """left, right, weight of pairs among the new profiles, then of those between them and the old ones; not in order.

    shares: how common each value was in training (field, value, share). Old profiles are never compared among
    themselves. A table stands until the next one is asked for.
    """
    comparing = Comparing(store.engine)
    try:
        linker, frame = linker_of(comparing, new, settings_of(model), (model.fields, shares))
        least_bits = {"threshold_match_weight": FLOOR_BITS, "warning_mode": "never"}
        yield _plain(comparing.take(linker.inference.predict_within(frame, **least_bits)))
        if old is not None:
            found = linker.inference.predict_between(comparing.give(_read(old, model.fields)), frame, **least_bits)
            yield _plain(comparing.take(found))
    finally:
        comparing.clear()


def _plain(found: Table) -> Table:
    return found.select(
        left=least(found.profile_l, found.profile_r),
        right=greatest(found.profile_l, found.profile_r),
        weight=found.match_weight.round(SHOWN),
    )


def settings_of(model: Model, *, whole: bool = False) -> Any:
    """Splink's settings of a model; whole: with both sides' values and each field's bits in the answer."""
    return splink_settings(model.fields, model.prior, model.rules, model.levels, whole=whole)


def splink_settings(
    fields: Sequence[Field],
    prior: float,
    rules: Sequence[Rule],
    levels: dict[str, tuple[tuple[float, float], ...]] | None,
    *,
    whole: bool = False,
) -> Any:
    from splink import SettingsCreator

    blocking: list[Any] = [side for rule in rules for side in rule.sql()] + (list(crossed(fields)) if rules else [])
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="profile",
        probability_two_random_records_match=prior,
        comparisons=[comparison(field, levels[field.column] if levels else None) for field in fields],
        blocking_rules_to_generate_predictions=blocking,
        max_iterations=50,
        retain_matching_columns=whole,
        retain_intermediate_calculation_columns=whole,
    )


def linker_of(
    comparing: Comparing, rows: Table, settings: Any, known: tuple[Sequence[Field], Table | None]
) -> tuple[Any, Any]:
    """Splink's linker on some profiles, and the table it was given. known: the fields, and how common each value is, if
    that counts."""
    from splink import Linker

    fields, shares = known
    frame = comparing.give(_read(rows, fields))
    linker = Linker(frame, settings, log_level=40)
    for column in frequent(fields) if shares is not None else ():
        assert shares is not None
        mine = shares.filter(shares.field == column).select(**{column: "value", f"tf_{column}": "share"})
        linker.table_management.register_term_frequency_lookup(comparing.give(mine), column)
    return linker, frame


def _read(rows: Table, fields: Sequence[Field]) -> Table:
    return rows.select("profile", "number", *(field.column for field in fields))
