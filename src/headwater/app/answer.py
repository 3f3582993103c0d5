"""What a use case hands to a door: an answer that passed disclosure control, with its figures and the value behind
it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headwater.domain.release import FigureData, Released


@dataclass(frozen=True, repr=False)
class Answer:
    """`content` is the versioned JSON object; `value` the domain value, for Python users, who hold the data anyway."""

    released: Released[dict[str, Any]]
    figures: tuple[Released[FigureData], ...] = ()
    value: Any = None

    @property
    def content(self) -> dict[str, Any]:
        return self.released.content

    def __getitem__(self, key: str) -> Any:
        return self.content[key]

    def __repr__(self) -> str:
        """What was answered, in a line or two: the value behind it may hold a million draws."""
        told = self.content.get("in_words") or ", ".join(key for key in self.content if key != "schema")
        return f"<{self.content.get('schema', 'answer')}: {told}>"

    def _repr_html_(self) -> str:
        """The notebook view: the answer's words and its figures."""
        from headwater.report import notebook_view

        return notebook_view(self.released, self.figures)
