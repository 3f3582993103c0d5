"""Question 1: who should we collaborate with? The three finders on one base, ranked together."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    return ranked(found)


def _finder(style: Style) -> Finder:
    if style is Style.MIRROR:
        from headwater.partners.mirror import options as mirror

        return mirror
    if style is Style.INTEGRATION:
        from headwater.partners.integration import options as integration

        return integration
    from headwater.partners.upstream import options as upstream

    return upstream
