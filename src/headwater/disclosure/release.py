"""The only way out: content in, `Released` content out, with every count masked or rounded by the workspace's rule.

Nothing else makes a `Seal` (a house test holds this), and renderers take nothing but `Released`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from headwater.disclosure.cells import cells_of, place_of, walked
from headwater.disclosure.protect import masked
from headwater.disclosure.rules import MASK, Rule, rule_named
from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Amount, Count, Curve, Derived, Rate, Released, Resting, Seal, Share, Shown

if TYPE_CHECKING:
    from collections.abc import Collection

    from headwater.domain.workspace import DisclosureSettings

T = TypeVar("T")


def release(
    content: T, settings: DisclosureSettings, scope: str = "", hidden: Collection[str] | None = None
) -> Released[T]:
    """What may leave of a document, a figure or any nest of dicts, lists and frozen values.

    All counts are one system: what is masked is masked so that nothing else in the content gives it away. Counts become
    `Shown`; shares and rates are made of the counts as they are shown; what is reckoned from a masked count is masked;
    sums of money that one or two contributors dominate become `Shown` masks. scope: the version of the data; hidden:
    the quantities to mask, where that was settled with earlier releases.
    """
    rule = rule_named(settings.rule)
    if hidden is None:
        hidden = masked(cells_of(content, scope), rule, secondary=settings.secondary)
    passed = walked(content, place_of(content), _Out(rule, scope, hidden))
    return Released(passed, Seal(rule.name, settings.purpose, settings.role, digest(passed)))


def digest(content: Any) -> str:
    """The hash of what was released, the same for the same content."""
    return hashlib.sha256(json.dumps(_plain(content), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def verify(released: Released[Any]) -> bool:
    """Whether the content is still what the seal was put on."""
    return digest(released.content) == released.seal.content_sha256


@dataclass(frozen=True, slots=True)
class _Out:
    """What each cell becomes, once it is known which quantities are masked."""

    rule: Rule
    scope: str
    hidden: Collection[str]

    def __call__(self, cell: Any, place: str) -> Any:
        if isinstance(cell, Count):
            return self.count(cell, place)
        if isinstance(cell, Rate):
            shown = self.count(cell.count, place).value
            return _told(cell, None if shown is None else shown / cell.exposure)
        if isinstance(cell, Derived):
            masks = [self.masks(one, f"{place}/{at}") for at, one in enumerate(cell.of)]
            return _told(cell, None if any(masks) else cell.value)
        if isinstance(cell, Share):
            return self.share(cell, place)
        if isinstance(cell, Curve | Resting):
            masks = [self.masks(one, f"{place}/{at}") for at, one in enumerate(cell.of)]
            told = cell.heights if isinstance(cell, Curve) else cell.told
            return Shown(MASK, None) if any(masks) else told
        if isinstance(cell, Amount):
            return Shown(MASK, None) if self.rule.hides(cell.parts) else cell
        if isinstance(cell, Shown):
            return cell
        if isinstance(cell, np.ndarray):
            raise DisclosureBlock(
                "raw draws are not released", given="an array", next_step="release their interval instead"
            )
        raise DisclosureBlock(
            "this cannot be released", given=type(cell).__name__, allowed="documents, figures, plain answers"
        )

    def masks(self, count: Count, place: str) -> bool:
        return f"{self.scope}|{count.name or place}" in self.hidden or self.rule.masks(count.n)

    def count(self, count: Count, place: str) -> Shown:
        return Shown(MASK, None) if self.masks(count, place) else self.rule.shown(count.n)

    def share(self, cell: Share, place: str) -> Any:
        """Of the counts as they are shown; masked with either, and where so few are left over that they would be
        masked."""
        part, whole = self.count(cell.part, f"{place}/part"), self.count(cell.whole, f"{place}/whole")
        few = self.rule.masks(cell.whole.n - cell.part.n)
        if part.value is None or not whole.value or few:
            return _told(cell, None)
        return _told(cell, part.value / whole.value)


def _told(cell: Share | Rate | Derived, value: float | None) -> Amount | Shown:
    """A number made of counts, with no more digits than were asked for; None where it is masked."""
    if value is None:
        return Shown(MASK, None)
    return Amount(round(value, cell.digits), "share" if isinstance(cell, Share) else cell.unit, cell.digits)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            "$": type(value).__name__,
            **{f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)},
        }
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
