"""Question 1: who should we collaborate with? The three finders on one base, ranked together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.progress import silent
from headwater.partners.compare import ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headwater.domain.money import Price
    from headwater.domain.options import Option
    from headwater.domain.progress import Progress
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.store import Store

    Finder = Callable[[Store, Mapping[str, Price], Settings, Question, int], tuple[Option, ...]]


WORTH_A_MEETING_GBP = 1_000.0
"""A year. Partners who surely would bring less are not told: ten of them hide the one that matters."""


def find(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, progress: Progress = silent
) -> tuple[Option, ...]:
    """Options of the styles asked for, ranked by the lower bound of their net benefit a year."""
    found: list[Option] = []
    for at, style in enumerate(question.styles):
        progress(f"{style} options", at, len(question.styles))
        # A seed for each style, so that asking for one style gives what asking for all gives.
        found += _finder(style)(store, prices, settings, question, question.seed + list(Style).index(style))
    progress("", 1, 1)
    return ranked([option for option in found if _worth_a_meeting(option)])


def _worth_a_meeting(option: Option) -> bool:
    """Whether it may bring something; that a mirror brings nothing is itself an answer."""
    return option.style is Style.MIRROR or float(np.quantile(option.benefit_gbp, 0.975)) >= WORTH_A_MEETING_GBP


def _finder(style: Style) -> Finder:
    if style is Style.MIRROR:
        from headwater.partners.mirror import options as mirror

        return mirror
    if style is Style.INTEGRATION:
        from headwater.partners.integration import options as integration

        return integration
    from headwater.partners.upstream import options as upstream

    return upstream
