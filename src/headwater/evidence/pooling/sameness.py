"""Whether sites asked the same question: the parts of their protocols that have to agree before their answers are
added."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.collaboration import Protocol

PARTS: dict[str, Callable[[Protocol], object]] = {
    "unit": lambda one: one.unit,
    "who enters": lambda one: one.entry and (one.entry.kind, one.entry.at_least, one.entry.within_days),
    "at what age": lambda one: one.entry and (one.entry.minimum_age or 0, one.entry.maximum_age or "any"),
    "how places were chosen": lambda one: one.selection and (one.selection.rule.value, one.selection.kind),
    "outcomes": lambda one: tuple(sorted((outcome.kind, outcome.role.value) for outcome in one.outcomes)),
    "days followed": lambda one: one.follow_up_days,
    "days of history": lambda one: one.history_days,
    "comparison": lambda one: (one.comparison.method, one.comparison.distance),
    "whose effect": lambda one: one.estimand,
}
"""What has to be the same, in words, and how it is read."""


def differences(agreed: Protocol, site: Protocol) -> tuple[str, ...]:
    """What a site's protocol has otherwise than the agreed one, a sentence each; nothing where it asks the same."""
    return tuple(
        f"{name}: {_told(read(site))}, where the pool has {_told(read(agreed))}"
        for name, read in PARTS.items()
        if read(site) != read(agreed)
    )


def _told(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(" ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value)
    return "none" if value is None else str(value)
