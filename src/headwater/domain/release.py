"""What a page, a file or an answer is made of, before and after disclosure control.

A step that has something to show builds a `Document` (or any nest of dicts and lists) whose sensitive numbers are
`Count`s. `disclosure` turns it into a `Released` one; renderers take nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.uncertainty import Interval

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people, places or contacts that somebody could be recognised by: suppressed and rounded on its way
    out.

    name: the quantity, the same wherever it is told, so that tables, pages and releases are protected together; '' for
    one that is told in this place alone. parts: the counts that add up to it, whether they are told or not.
    """

    n: float
    of: str = "people"
    name: str = ""
    parts: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a whole, told from the two as they are shown; hidden with either of them, and where the rest is too
    small."""

    part: Count
    whole: Count
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Rate:
    """A count over an exposure (contacts a person a year), told from the count as it is shown, and hidden with it."""

    count: Count
    exposure: float
    unit: str = ""
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Derived:
    """A number reckoned from counts in another way (a variance, a difference of means), hidden with any one of them."""

    value: float
    of: tuple[Count, ...]
    unit: str = ""
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Curve:
    """Heights from which these counts can be reckoned to the unit (a likelihood): hidden with any one of them."""

    heights: tuple[float, ...]
    of: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Resting:
    """Something from which, with what stands beside it, these counts can be reckoned (averted contacts beside their
    ratio): told as it is, and hidden with any one of them."""

    told: object
    of: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A modelled amount with its interval. unit: gbp, ratio, share, contacts, days, ...; not a count of anybody."""

    interval: Interval
    unit: str
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Amount:
    """A single modelled or agreed amount. `parts` are the contributions behind a sum, for the dominance rule."""

    value: float
    unit: str = "gbp"
    digits: int = 0
    parts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of a `Count`: the text that may be seen, and the rounded value where there is one."""

    text: str
    value: float | None


Cell = str | int | float | None | Count | Share | Rate | Derived | Curve | Resting | Estimate | Amount | Shown


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2
    id: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with named gaps, as in "{n} people were enrolled"; `figures` fill them."""

    words: str
    figures: Mapping[str, Cell] = field(default_factory=dict)
    style: str = "body"
    """body, lead, inset, warning or bullet."""
    masked: str = ""
    """What is said instead where disclosure control took a gap's figure; '' leaves the words, and the gap says that it
    is not shown."""


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table to be read. `totals_row` says that the last row sums the others; `adds` that a column sums others, row by
    row."""

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals_row: bool = False
    formulas: Mapping[str, str] = field(default_factory=dict)
    """Spreadsheet cell formulas by column, with {row} for the row's number; only the XLSX format uses them."""
    adds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Mark = str | float | int | None
"""A cell as a plot draws it."""


@dataclass(frozen=True, slots=True)
class FigureData:
    """The numbers of one figure. `counts` names the columns that count people or contacts (disclosure looks at those).

    A cell that is reckoned from counts is given as a Count, Share, Rate or Derived; released, it is a number or None.

    kind: forest, event-study, love, trajectories, gap, donors, series, break-map, street-map, displacement, options,
    journey, lead-time, waterfall, groups, group-map, frontier, power, chain, chance-to-pay, who-pays, ledger,
    risk-matrix, timeline, tornado.
    """

    name: str
    kind: str
    title: str
    """The finding, as a sentence."""
    alt: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Mark | Count | Share | Rate | Derived, ...], ...]
    counts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"figure {self.name}: every row needs {len(self.columns)} cells")

    def column(self, name: str) -> list[Mark]:
        """The cells of a released figure's column."""
        at = self.columns.index(name)
        return [row[at] for row in self.rows]  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure in a document: its data, from which the plot and the table beside it are made."""

    data: FigureData


Block = Heading | Sentence | DataTable | Drawn


@dataclass(frozen=True, slots=True)
class Document:
    """One content model for every format. `facts` are the hashes, versions, seeds and dates it was made from."""

    name: str
    title: str
    summary: str
    date: str
    board: tuple[Block, ...]
    appendix: tuple[Block, ...]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seal:
    """Made by `disclosure` alone (a house test holds this): what passed, under which policy, for whom and why."""

    policy: str
    purpose: str
    role: str
    content_sha256: str


@dataclass(frozen=True, slots=True)
class Released(Generic[T]):
    """Something that passed disclosure control. Counts in it are `Shown`."""

    content: T
    seal: Seal


@dataclass(frozen=True, slots=True)
class Release:
    """An entry in the register of what left: which cells of which table, so that later releases are audited against
    it."""

    release: str
    at: str
    purpose: str
    role: str
    policy: str
    content_sha256: str
    files: tuple[str, ...] = ()
