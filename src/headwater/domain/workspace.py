"""What a user has on disk, and what `headwater.toml` says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders and files of a workspace (DESIGN, "The workspace"). Nothing is read or made by naming them."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "headwater.toml"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def collaborations(self) -> Path:
        return self.root / "collaborations"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.jsonl"

    @property
    def governance(self) -> Path:
        return self.root / "governance"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def evidence(self) -> Path:
        """Other sites' evidence files, as they were sent."""
        return self.root / "evidence"

    @property
    def hidden(self) -> Path:
        return self.root / ".headwater"

    @property
    def store(self) -> Path:
        return self.hidden / "store"

    @property
    def units(self) -> Path:
        return self.hidden / "units"

    @property
    def results(self) -> Path:
        return self.hidden / "results"

    @property
    def checks(self) -> Path:
        return self.hidden / "checks"

    @property
    def answers(self) -> Path:
        """Released answers and drawn figures, kept for whoever looks next."""
        return self.hidden / "answers"

    @property
    def audit_log(self) -> Path:
        return self.hidden / "audit.jsonl"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One `[[source]]` of headwater.toml: which files fill which table, and which of their columns are which of
    ours."""

    table: str
    files: str
    """A path or a pattern within the workspace, or a postgresql:// address with `query`."""
    agency: str = ""
    columns: dict[str, str | list[str]] = field(default_factory=dict)
    """Our column → their heading, with aliases ("qty | quantity") or patterns ("lad??cd"), or several that make one."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """Our column → their value → our value."""
    constants: dict[str, str] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    header_row: int = 1
    date_format: str = ""
    null_values: tuple[str, ...] = ("", "NULL", "null", "NA", "N/A")
    at: dict[str, object] = field(default_factory=dict)
    """The headings of coordinates (easting, northing or longitude, latitude), and how a place is found from them:
    nearest or cell, metres."""
    number_rows: bool = False
    """Contacts without a number of their own are numbered by their file and row."""
    most_lost: float = 0.01
    """Share of a file's rows that may be lost before `check` and `load` say that it does not fit."""
    decimal: str = ""
    """The decimal mark, "." or ",", where a column's numbers do not prove it."""
    header_file: str = ""
    """A file that holds the headings of files without any."""
    ignore: tuple[str, ...] = ()
    """Patterns of files and sheets that are left unread on purpose."""
    optional: tuple[str, ...] = ()
    """Our columns whose heading some files may lack."""
    defaults: dict[str, str] = field(default_factory=dict)
    """Our column → what an empty cell means."""
    where: dict[str, object] = field(default_factory=dict)
    """Their heading → the value or values that are kept; "*" for any, a leading ! for all but these."""
    join: dict[str, object] = field(default_factory=dict)
    """file, on: columns of another file by a shared key; keep = "first" or "last" where a key has several rows."""
    spell: dict[str, object] = field(default_factory=dict)
    """key, order, last: rows of one key become one, with the first row's values but for the columns of ours named in
    last."""
    unpivot: dict[str, object] = field(default_factory=dict)
    """columns, name, value: one column a period becomes one row a period."""
    latest_by: str = ""
    """Their heading by which the latest of several rows of one key wins; the others are superseded."""
    total: bool = False
    """Counts of one key that stand in several rows of a file, as one a kind of appointment, are added up."""
    scale: dict[str, float] = field(default_factory=dict)
    """Our column → what its numbers are counted in, as 1000 for thousands of pounds."""
    distinct: bool = False
    """Rows that say the same again are one row, as where each event repeats its person."""
    reasons: dict[str, list[str]] = field(default_factory=dict)
    """Coding system → their headings, in order, that hold codes of why a contact came."""
    digits: dict[str, int] = field(default_factory=dict)
    """Our column → how many figures its numbers have: shorter ones get back the noughts in front that a spreadsheet
    took; 0 leaves all as they stand."""
    query: str = ""
    """A table's name or a SELECT, where `files` is the address of a database."""
    event: str = ""
    """The heading of the start, where an earlier source made other events of the same rows: a row without it has no
    such event."""
    keep_from: str = ""
    """`[retention] keep_from`: what ended before this day is not loaded."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    name: str = "duckdb"
    threads: int = 0
    memory: str = ""
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DisclosureSettings:
    rule: str = "hospital-episodes"
    secondary: bool = True
    purpose: str = "service evaluation"
    role: str = "analyst"


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole of headwater.toml."""

    place: str
    sources: tuple[SourceSettings, ...]
    engine: EngineSettings = EngineSettings()
    disclosure: DisclosureSettings = DisclosureSettings()
    link: dict[str, str | float | bool | int | list[str]] = field(default_factory=dict)
    partners: dict[str, str | float | bool | int | list[str]] = field(default_factory=dict)
    prices: tuple[str, ...] = ()
    """Price tables of the user's own, by path."""
    price_year: int | None = None
    stations: tuple[dict[str, str | float], ...] = ()
    """`[[station]]`: kind, service_hours, servers, step, step_cost_gbp, backfill, variable, ...; read by capacity."""
    observed_from: str = ""
    observed_to: str = ""
    """The days between which all agencies' data are complete; empty for the first and last contact."""
    retention_months: int = 0
    """How long contacts may be kept, counted back from the last day of the data; 0 where no period is set."""
