"""Question 1: who should we collaborate with? The three finders on one base, ranked together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.progress import silent
from headwater.partners.base import on_one_base, rows
from headwater.partners.compare import ranked
from headwater.partners.seats import concerns, seat
from headwater.partners.spend import spending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headwater.domain.money import Price
    from headwater.domain.options import Option
    from headwater.domain.progress import Progress
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.partners.seats import Seat
    from headwater.store import Store

    Finder = Callable[[Store, Mapping[str, Price], Settings, Question, int], tuple[Option, ...]]


WORTH_A_MEETING_GBP = 1_000.0
"""A year. What was only seen first and surely is less is not told: ten of such hide the one that matters."""
FLOOR_SHARE, FLOOR_GBP = 0.0001, 5_000.0
"""A gain a year below one pound in 10,000 of what the body spends is not material to it; where nobody knows, below
£5,000. Assumptions of this tool, changed in headwater.toml as [partners] floor_share and floor_gbp."""


def find(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, progress: Progress = silent
) -> tuple[Option, ...]:
    """Options of the styles asked for, on one base, ranked by expected net a year; those whose figures are missing
    last."""
    found = gathered(store, prices, settings, question, question.styles, progress)
    asking = question.organisation
    return answered(store, settings, seat(store, prices, settings, asking) if asking else None, found)


def gathered(
    store: Store,
    prices: Mapping[str, Price],
    settings: Settings,
    question: Question,
    styles: Sequence[Style],
    progress: Progress = silent,
) -> tuple[Option, ...]:
    """What the finders of these styles find, as they find it. Mirror alone depends on who asks."""
    found: list[Option] = []
    for at, style in enumerate(styles):
        progress(f"{style} options", at, len(styles))
        asked = question if style is Style.MIRROR else question.of_everybody()
        # A seed for each style, so that asking for one style gives what asking for all gives.
        found += _finder(style)(store, prices, settings, asked, question.seed + list(Style).index(style))
    progress("", 1, 1)
    return tuple(found)


def answered(store: Store, settings: Settings, asks: Seat | None, found: Sequence[Option]) -> tuple[Option, ...]:
    """Those that concern whoever asks (None is everybody), each with the figures that everybody's answer gives it."""
    told = on_one_base(found, place_factor(store, settings))
    mine = rows([option for option in told if concerns(option, asks) and _worth_a_meeting(option)])
    return ranked(mine, floor_gbp(store, settings, asks.organisation if asks else None))


def place_factor(store: Store, settings: Settings) -> float:
    """People of the place for each person in the records; 1 where `place_people` of [partners] is not given."""
    people = float(str(settings.partners.get("place_people", 0)))
    if not people or not store.has("person"):
        return 1.0
    seen = store.table("person")
    known = int(store.arrow(seen.agg(n=seen.person.nunique()))["n"][0].as_py())
    return max(people / known, 1.0) if known else 1.0


def floor_gbp(store: Store, settings: Settings, organisation: str | None) -> float:
    """Below which a net a year is not material: a share of what the asking body spends, and never less than
    `floor_gbp`."""
    share = float(str(settings.partners.get("floor_share", FLOOR_SHARE)))
    least = float(str(settings.partners.get("floor_gbp", FLOOR_GBP)))
    known = spending(store)
    spent = known[organisation].whole_gbp if organisation in known else None
    return max(share * (spent or 0.0), least)


def _worth_a_meeting(option: Option) -> bool:
    """Whether what was only seen may bring something; that another option brings nothing is itself an answer."""
    return option.board != "opportunity" or float(np.quantile(option.benefit_gbp, 0.975)) >= WORTH_A_MEETING_GBP


def _finder(style: Style) -> Finder:
    if style is Style.MIRROR:
        from headwater.partners.mirror import options as mirror

        return mirror
    if style is Style.INTEGRATION:
        from headwater.partners.integration import options as integration

        return integration
    from headwater.partners.upstream import options as upstream

    return upstream
