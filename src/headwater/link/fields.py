"""What records are compared on: fields by sort. The sort decides how near two values are and which keys they give to
blocking.

The levels are those that the linkage of administrative records has long used (Winkler 1990 for names, Damerau 1964 for
slips of the keyboard), and are the same for every data set: nothing here was fitted to labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Field:
    """A compared column. sort: name, date (text, YYYY-MM-DD), postcode, text, number, code or filter (bits as hex);
    crossed: the name it may have changed places with; common: whether agreement on a rare value says more than on a
    common one."""

    column: str
    sort: str
    crossed: str = ""
    common: bool = True


FIELDS = (
    Field("given", "name", crossed="family"),
    Field("family", "name", crossed="given"),
    Field("birth", "date", common=False),
    Field("postcode", "postcode"),
    Field("street", "text"),
    Field("house", "code"),
    Field("sex", "code", common=False),
)

KEYS: Mapping[str, tuple[str, ...]] = {
    "name": ("{0}", "substr({0}, 1, 3)"),
    "date": ("{0}", "substr({0}, 1, 4)", "substr({0}, 6, 5)"),
    "postcode": ("{0}", "substr({0}, 1, length({0}) - 2)"),
    "text": ("{0}", "substr({0}, 1, 4)"),
    "number": ("{0}",),
    "code": ("{0}",),
    "filter": ("{0}", *(f"substr({{0}}, {start}, 3)" for start in range(1, 13, 3))),
}
"""What a sort gives to blocking, finest first: the value, the start of a name, the year or the day of the year, a
postcode's sector; of a filter twelve of its bits, four times over: a keyed hash put them in no order, so any twelve are
a sample (Indyk & Motwani 1998)."""


def keys_of(field: Field) -> tuple[str, ...]:
    return tuple(key.format(field.column) for key in KEYS[field.sort])


def frequent(fields: Sequence[Field]) -> tuple[str, ...]:
    """Columns whose values' frequencies count."""
    return tuple(field.column for field in fields if field.common)


def comparison(field: Field, trained: Sequence[tuple[float | None, float | None]] | None = None) -> Any:
    """Splink's comparison of a field: nothing known, then levels from alike to different; trained: (m, u) of each level
    but the first."""
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons

    exact = levels.ExactMatchLevel(field.column, term_frequency_adjustments=field.common)
    made = [exact, *_between(field, levels), levels.ElseLevel()]
    if trained is not None:
        for level, (m, u) in zip(made, trained, strict=True):
            level.configure(m_probability=m, u_probability=u)
    return comparisons.CustomComparison([levels.NullLevel(field.column), *made], output_column_name=field.column)


def _between(field: Field, levels: Any) -> list[Any]:
    name = field.column
    if field.sort == "name":
        crossed = [levels.CustomLevel(f"{name}_l = {field.crossed}_r", "the other name")] if field.crossed else []
        return [*crossed, *(levels.JaroWinklerLevel(name, near) for near in (0.92, 0.85, 0.7))]
    if field.sort == "date":
        return [
            levels.DamerauLevenshteinLevel(name, 1),
            levels.CustomLevel(_swapped(name), "day and month changed places"),
            levels.CustomLevel(_two_parts(name), "two of day, month and year"),
            levels.CustomLevel(f"substr({name}_l, 1, 4) = substr({name}_r, 1, 4)", "the same year"),
        ]
    if field.sort == "filter":
        return [levels.CustomLevel(f"{_dice(name)} >= {near}", f"Dice {near}") for near in (0.9, 0.8, 0.7, 0.6)]
    if field.sort == "postcode":
        sector = "substr({0}_{1}, 1, length({0}_{1}) - 2)"
        same = f"{sector.format(name, 'l')} = {sector.format(name, 'r')}"
        return [levels.DamerauLevenshteinLevel(name, 1), levels.CustomLevel(same, "the same sector")]
    if field.sort == "text":
        return [levels.JaroWinklerLevel(name, near) for near in (0.92, 0.8)]
    return [levels.DamerauLevenshteinLevel(name, 1)] if field.sort == "number" else []


def _swapped(name: str) -> str:
    left = f"substr({name}_l, 1, 5) || substr({name}_l, 9, 2) || '-' || substr({name}_l, 6, 2)"
    return f"{left} = {name}_r"


def _two_parts(name: str) -> str:
    def same(first: int, length: int) -> str:
        return f"substr({name}_l, {first}, {length}) = substr({name}_r, {first}, {length})"

    return f"({same(1, 7)}) or ({same(6, 5)}) or ({same(1, 4)} and {same(9, 2)})"


def _dice(name: str) -> str:
    """Twice the bits in common over the bits set (Dice 1945), in DuckDB's words."""
    left, right = (f"unhex({name}_{side})::bit" for side in ("l", "r"))
    return f"(2.0 * bit_count({left} & {right}) / (bit_count({left}) + bit_count({right})))"
