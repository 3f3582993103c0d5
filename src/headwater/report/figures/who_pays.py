"""What each budget pays in, gains and loses: a bar a budget, to the left what it loses, to the right what it gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, DARK_GREY, DARK_PINK, INK, TURQUOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size

PAID, CASH, RELEASED, LOST = "Paid in", "Cash gained", "Capacity released", "Lost to added demand"
LOOKS = {PAID: DARK_GREY, LOST: DARK_PINK, CASH: DARK_BLUE, RELEASED: TURQUOISE}
"""In the order of the key: the two losses, then the two gains."""
BESIDE = {"absorbed": "absorbed by other demand", "unchanged": "of fixed costs unchanged"}
"""What no budget gains or loses by: told in a note, never drawn."""
ADDED = {
    "absorbed": "of added demand that crowds out other work",
    "unchanged": "of added demand that fixed costs carry",
}
"""The same of harm."""


def chart(rows: Sequence[Row], size: Size) -> Chart:
    drawn = [{**made, "name": parts.broken(made["budget"], size.wrap)} for row in rows if (made := _bar(row))]
    sums = [{"low": sum(values)} for values in _sides(drawn)]
    scale = parts.money_scale(sums, "low")
    words = f"Pounds over the whole time measured.{_beside(rows)}"
    axis, note = parts.money_axis(sums, words, size, "low", room=0.66), parts.titled(words, size, 0.66)
    used = [words for words in LOOKS if any(row["look"] == words for row in drawn)]
    colour = alt.Color("look:N", scale=alt.Scale(domain=used, range=[LOOKS[words] for words in used]))
    named = list({row["name"]: row for row in drawn}.values())
    x = alt.X("gbp:Q", axis=axis, scale=scale, stack="zero")
    bars = alt.Chart(parts.data(drawn)).mark_bar(size=20, stroke=INK, strokeWidth=0.5)
    bars = bars.encode(y=parts.name_axis(named), x=x, color=colour, order="order:Q")
    # The note under the axis takes lines that the axis's own room does not hold.
    height = parts.tall(named, size, keys=len(used)) + (len(note) - 2) * parts.LINE_HEIGHT
    return alt.layer(bars, parts.rule_at(0, dash=(1, 0))).properties(height=height)


def _bar(row: Row) -> Row | None:
    """One piece of a budget's bar; what was paid in is a loss to it."""
    part, gbp = str(row["part"]), float(row["gbp"])
    if part in BESIDE or not gbp:
        return None
    look = PAID if part == "invested" else LOST if gbp < 0 else CASH if part == "cash" else RELEASED
    return {
        "budget": row["budget"],
        "look": look,
        "gbp": -gbp if part == "invested" else gbp,
        "order": list(LOOKS).index(look),
    }


def _sides(drawn: Sequence[Row]) -> list[list[float]]:
    """The lengths of each budget's bar, left and right."""
    names = dict.fromkeys(row["budget"] for row in drawn)
    of = {name: [row["gbp"] for row in drawn if row["budget"] == name] for name in names}
    return [[gbp for gbp in pieces if (gbp < 0) == left] for pieces in of.values() for left in (True, False)]


def _beside(rows: Sequence[Row]) -> str:
    sums = {part: sum(float(row["gbp"]) for row in rows if row["part"] == part) for part in BESIDE}
    by, mark = parts.pounds(sums.values())
    said = [
        f"{parts.short_pounds(abs(gbp), by, mark)} {(ADDED if gbp < 0 else BESIDE)[part]}"
        for part, gbp in sums.items()
        if round(gbp)
    ]
    return f" Not drawn, as no budget changes by it: {' and '.join(said)}." if said else ""
