"""Pairs for people to look at: a sample over all weights with the waterfall of each, kept in the hidden folder and
never released."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.link import pairs, profiles
from headwater.link.model import FLOOR_BITS, kept_model, linker_of, settings_of
from headwater.store.comparing import Comparing
from headwater.store.expr import union
from headwater.store.files import as_words, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.link.model import Model
    from headwater.store import Store

HEAD = (
    "pair",
    "weight",
    "what",
    "one",
    "other",
    "bits",
    "same person? (yes, no, unsure)",
    "holds names: stays in the workspace",
)
STEP_BITS = 2.0


def write_review(store: Store, wanted: int) -> Path | None:
    """The file, or None where no weight decided anything. A pair is a block of lines: its prior, a line a field, and
    what to fill in.

    It holds names: it is readable by its owner alone and lies where no renderer looks.
    """
    model = kept_model(pairs.model_file(store))
    if model is None or not store.has(pairs.TABLE) or not wanted:
        return None
    file = store.folder.parent / "link" / "review.csv"
    write_atomically(file, _text(_compared(store, model, wanted), model))
    file.chmod(0o600)
    return file


def sampled(weight: np.ndarray[Any, Any], wanted: int) -> np.ndarray[Any, Any]:
    """int64[pair]: as many from each two bits of weight, spread evenly over it, because most pairs are plain and teach
    nothing."""
    order = np.lexsort((np.arange(len(weight)), weight))
    band = np.floor(weight[order] / STEP_BITS)
    bands = np.unique(band)
    each = max(wanted // max(len(bands), 1), 1)
    taken = [_even(np.flatnonzero(band == one), each) for one in bands]
    return np.sort(order[np.concatenate(taken)]) if taken else np.zeros(0, dtype=np.int64)


def _even(places: np.ndarray[Any, Any], wanted: int) -> np.ndarray[Any, Any]:
    return places[np.unique(np.linspace(0, len(places) - 1, min(wanted, len(places))).astype(np.int64))]


def _compared(store: Store, model: Model, wanted: int) -> list[dict[str, Any]]:
    """The sampled pairs with both sides' values and the bits of each field, best first."""
    found = store.arrow(store.table(pairs.TABLE).select("left", "right", "weight").order_by("left", "right"))
    some = found.take(sampled(found["weight"].to_numpy(), wanted))
    asked = set(zip(some["left"].to_pylist(), some["right"].to_pylist(), strict=True))
    ends = sorted({end for pair in asked for end in pair})
    parts = [store.part_table(part) for part in store.parts(profiles.TABLE) if part.rows]
    rows = union(*parts) if len(parts) > 1 else parts[0]
    mine, shares = rows.filter(rows.profile.isin(ends)), store.table(profiles.FREQUENCY)
    comparing = Comparing(store.engine)
    try:
        linker, frame = linker_of(comparing, mine, settings_of(model, whole=True), (model.fields, shares))
        weighed = comparing.take(
            linker.inference.predict_within(frame, threshold_match_weight=FLOOR_BITS - 1, warning_mode="never")
        )
        rows = store.arrow(weighed).to_pylist()
    finally:
        comparing.clear()
    kept = [row for row in rows if tuple(sorted((row["profile_l"], row["profile_r"]))) in asked]
    return sorted(kept, key=lambda row: (-row["match_weight"], row["profile_l"], row["profile_r"]))


def _text(rows: list[dict[str, Any]], model: Model) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    for number, row in enumerate(rows, 1):
        writer.writerows((number, *line, "", "") for line in _waterfall(row, model))
    return out.getvalue()


def _waterfall(row: dict[str, Any], model: Model) -> Iterator[tuple[str, str, str, str, str]]:
    """weight, what, one, other, bits: the prior, then each field; the bits add up to the weight."""
    bits = [row.get(f"mw_{field.column}", 0.0) + row.get(f"mw_tf_adj_{field.column}", 0.0) for field in model.fields]
    weight = row["match_weight"]
    yield f"{weight:.2f}", "before anything is compared", "", "", f"{weight - sum(bits):.2f}"
    for field, bit in zip(model.fields, bits, strict=True):
        one, other = (as_words(str(row[f"{field.column}_{side}"] or "")) for side in ("l", "r"))
        yield "", field.column, one, other, f"{bit:.2f}"
