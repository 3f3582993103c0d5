"""The declared tables: every column with its type, its unit, whether it identifies, and one sentence.

Checks, documentation, synthetic data and the data-request template for a partner are all made from this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Type = Literal["text", "integer", "number", "date", "timestamp", "boolean"]
Identity = Literal["no", "indirect", "direct"]
"""direct: a name or number of a person; indirect: narrows down who it is (birth date, postcode, sex)."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: Type
    about: str
    unit: str = ""
    required: bool = False
    identifying: Identity = "no"
    allowed: tuple[str, ...] = ()
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table. `key` names the columns that together occur once; `origin` says who writes it."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    origin: Literal["source", "link", "house"] = "source"

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


PRECISIONS = ("second", "day", "month")
SEXES = ("female", "male", "other", "unknown")
ENDINGS = ("study-end", "death", "moved", "custody", "withdrew", "unknown")


def _text(
    name: str, about: str, *, required: bool = False, identifying: Identity = "no", allowed: tuple[str, ...] = ()
) -> Column:
    return Column(name, "text", about, required=required, identifying=identifying, allowed=allowed)


def _number(name: str, about: str, unit: str = "", *, required: bool = False, minimum: float | None = None) -> Column:
    return Column(name, "number", about, unit, required=required, minimum=minimum)


def _when(name: str, about: str, *, required: bool = False, type: Type = "timestamp") -> Column:
    return Column(name, type, about, required=required)


ORGANISATION = Table(
    "organisation",
    "A body that could collaborate.",
    (
        _text(
            "organisation",
            "Its code, unique in the workspace (an official register's code where there is one).",
            required=True,
        ),
        _text("name", "Its name as it is written on its own letters.", required=True),
        _text(
            "sort",
            "What sort of body: council-district, council-county, council-unitary, hospital-trust, gp, ambulance,"
            " police, fire, housing, ...",
        ),
        _text("tier", "For councils: county, district, unitary, metropolitan, london-borough."),
        _text("upper_tier", "The code of the county that covers a district."),
        _text("region", "The region it lies in."),
        _number("population", "People it serves.", "people", minimum=0),
        _number("easting", "Easting of its main office.", "metres"),
        _number("northing", "Northing of its main office.", "metres"),
        _when("start", "First day it exists.", type="date"),
        _when("end", "Last day it exists; empty while it lives.", type="date"),
        _text("successor", "The code of the organisation that took it over; several with commas between."),
        _number("area_km2", "How much ground it covers, so that distances run from edge to edge.", "km²", minimum=0),
        _text("website", "The address of its own pages; bodies that share a host share more."),
    ),
    key=("organisation",),
)

SERVICE = Table(
    "service",
    "What an organisation provides.",
    (
        _text("service", "Its code, unique in the workspace.", required=True),
        _text("organisation", "Who provides it.", required=True),
        _text("name", "Its name.", required=True),
        _text("standard", "Its code in a national list (for councils the LGSL number)."),
        _text("kind", "The kind of contact it gives, as in contact.kind."),
        _text("function", "The budget heading or function it belongs to."),
        Column(
            "eligible_upstream",
            "boolean",
            "Whether it could act before the demand arises (a GP can, a police cell cannot).",
        ),
    ),
    key=("service",),
)

POST = Table(
    "post",
    "A job in an organisation's establishment.",
    (
        _text("post", "Its code.", required=True),
        _text("organisation", "Whose establishment.", required=True),
        _text("title", "Its title.", required=True),
        _text("service", "The service or function it leads or works in."),
        Column(
            "layer",
            "integer",
            "1 chief executive, 2 director, 3 head of service, 4 team manager, 5 operative.",
            minimum=1,
        ),
        _number("fte", "Full-time equivalents.", "FTE", minimum=0),
        _number("salary_gbp", "Middle of the salary band, without on-costs.", "£ per year", minimum=0),
    ),
    key=("post",),
)

ASSET = Table(
    "asset",
    "A building, station, vehicle or team base.",
    (
        _text("asset", "Its code.", required=True),
        _text("organisation", "Who owns or runs it.", required=True),
        _text("kind", "Station, surgery, depot, office, vehicle.", required=True),
        _number("easting", "Where it is.", "metres"),
        _number("northing", "Where it is.", "metres"),
        _number("estate_gbp", "What it costs to keep.", "£ per year", minimum=0),
        _number("capacity", "How many crews or places it holds.", "units", minimum=0),
    ),
    key=("asset",),
)

SPEND = Table(
    "spend",
    "What an organisation spent on a line of its budget in a year.",
    (
        _text("organisation", "Who spent.", required=True),
        _text("line", "The budget line.", required=True),
        _text("year", "The financial year, as 2023-24.", required=True),
        _number("gbp", "Net current expenditure.", "£", required=True),
    ),
    key=("organisation", "line", "year"),
)

PLACE = Table(
    "place",
    "An area or a point.",
    (
        _text("place", "Its code.", required=True),
        _text("name", "Its name."),
        _text("area", "The larger area it lies in."),
        _number("easting", "Centre.", "metres"),
        _number("northing", "Centre.", "metres"),
        _number("population", "People who live there.", "people", minimum=0),
        Column("deprivation", "integer", "Decile, 1 the most deprived.", minimum=1),
    ),
    key=("place",),
)

RECORD = Table(
    "record",
    "An identity as one agency holds it.",
    (
        _text(
            "record",
            "The agency's own number of the person, made a pseudonym when read.",
            required=True,
            identifying="direct",
        ),
        _text("agency", "Who holds it.", required=True),
        _text(
            "nhs_number", "NHS number, checked by its check digit, made a pseudonym when read.", identifying="direct"
        ),
        _text(
            "local_key",
            "Any other number that several agencies share, made a pseudonym when read.",
            identifying="direct",
        ),
        _text("given_name", "Given name.", identifying="direct"),
        _text("family_name", "Family name.", identifying="direct"),
        Column(
            "birth_date",
            "date",
            "Date of birth; once records are linked, the first day of its month.",
            identifying="indirect",
        ),
        Column(
            "death_date",
            "date",
            "Day of death, where the agency knows it: nobody is observed after it.",
            identifying="indirect",
        ),
        _text("sex", "Sex as recorded.", identifying="indirect", allowed=SEXES),
        _text("address", "First line of the address.", identifying="direct"),
        _text("postcode", "Postcode.", identifying="indirect"),
        _text("area", "Area of residence.", identifying="indirect"),
        Column("deprivation", "integer", "Decile of deprivation of the home area, 1 the most deprived.", minimum=1),
    ),
    key=("record", "agency"),
)

CONTACT = Table(
    "contact",
    "One use of a service by a person or at a place, at a time.",
    (
        _text("contact", "Its number, unique within the agency; made a pseudonym when read.", required=True),
        _text("agency", "Who recorded it.", required=True),
        _text("service", "The service used.", required=True),
        _text("record", "Who used it, as the agency numbers people; made a pseudonym when read.", identifying="direct"),
        _text(
            "person",
            "Who used it, where the agency already shares a person number: contacts with one number are one person's,"
            " and no file of records is needed; made a pseudonym when read.",
            identifying="direct",
        ),
        _text("place", "Where it happened."),
        _when("start", "When it began.", required=True),
        _when("end", "When it ended."),
        _text("precision", "How exact the time is.", allowed=PRECISIONS),
        _when("recorded_at", "When the agency wrote it down."),
        _text(
            "kind", "The kind of contact: ae_attendance, gp_contact, emergency_admission, burglary, ...", required=True
        ),
        _text("outcome", "How it ended, in the agency's words."),
        _number("quantity", "How much of it: bed-days, crew-hours, 1 for a plain contact.", "service units", minimum=0),
    ),
    key=("contact", "agency"),
)

CONTACT_REASON = Table(
    "contact_reason",
    "Why a contact came, as coded: one row a code, a contact may have several.",
    (
        _text("contact", "The contact; made a pseudonym when read.", required=True),
        _text("agency", "Who recorded it.", required=True),
        _text(
            "system",
            "The coding system: icd10, opcs4, snomed, ecds-discharge-status, offence, support-reason, ...",
            required=True,
        ),
        _text("code", "The code or word, as the agency writes it.", required=True),
        Column(
            "position", "integer", "Its place among the codes of the contact in that system, 1 the first.", minimum=1
        ),
    ),
)

COUNT = Table(
    "count",
    "Contacts that were counted before they were given: unit × period × kind.",
    (
        _text("unit", "The organisation or place counted.", required=True),
        Column("period", "date", "First day of the period.", required=True),
        _text("kind", "The kind of contact.", required=True),
        _number(
            "contacts",
            "How many; empty where a mark such as <5 or * stands for a small number.",
            "contacts",
            required=True,
            minimum=0,
        ),
        _number("exposure", "People, or person-time, at risk in the period.", "people", minimum=0),
        _text("agency", "Who counted."),
        _number(
            "least",
            "Where a mark stands for the number: the least it may be; read from the mark.",
            "contacts",
            minimum=0,
        ),
        _number(
            "most", "Where a mark stands for the number: the most it may be; read from the mark.", "contacts", minimum=0
        ),
        _text("source", "The system, return or rule of coding that the number comes from, where it changed."),
    ),
    key=("unit", "period", "kind"),
)

ENROLMENT = Table(
    "enrolment",
    "Who or which place a collaboration took on, and when.",
    (
        _text("collaboration", "The collaboration's id.", required=True),
        _text("record", "The person, as the agency numbers people; made a pseudonym when read.", identifying="direct"),
        _text("agency", "The agency whose number it is."),
        _text("person", "The person, where a shared number exists; made a pseudonym when read.", identifying="direct"),
        _text("place", "The place, for collaborations that act on places."),
        Column("start", "date", "First day.", required=True),
        Column("end", "date", "Last day; empty while it lasts."),
    ),
)

OBSERVATION = Table(
    "observation",
    "Between which days an agency would have seen a person's contacts. Outside it a person is missing, not zero.",
    (
        _text("record", "The person, as the agency numbers people; made a pseudonym when read.", identifying="direct"),
        _text("person", "The person, where a shared number exists; made a pseudonym when read.", identifying="direct"),
        _text("agency", "The agency.", required=True),
        Column("from", "date", "First day observed.", required=True),
        Column("to", "date", "Last day observed; empty while it goes on."),
        _text("why_ended", "Why it ended.", allowed=ENDINGS),
    ),
)

PRICE = Table(
    "price",
    "What one contact of a kind costs.",
    (
        _text("price", "Its code.", required=True),
        _text("kind", "The kind of contact it prices.", required=True),
        _text("about", "What is in it."),
        _number("gbp", "Average cost of one.", "£", required=True, minimum=0),
        _text("unit", "One of what.", required=True),
        Column("price_year", "integer", "First year of the financial year of the prices.", required=True, minimum=1990),
        _text(
            "perspective",
            "Who bears it: fiscal, economic or social.",
            required=True,
            allowed=("fiscal", "economic", "social"),
        ),
        _text("bearer", "Whose budget."),
        _text("source", "Where the number comes from.", required=True),
        _text("edition", "Which edition of the source.", required=True),
        _text("licence", "Under which licence it may be shown."),
    ),
    key=("price",),
)

PERSON_LINK = Table(
    "person_link",
    "Which records are the same person.",
    (
        _text("record", "Pseudonym of the record.", required=True, identifying="indirect"),
        _text("agency", "The agency that holds it.", required=True),
        _text("person", "The person it belongs to.", required=True, identifying="indirect"),
        _number("weight", "Log2 odds that it does; empty for a shared key."),
        Column("run", "integer", "Which of the drawn partitions; 0 is the most likely one.", required=True, minimum=0),
    ),
    key=("record", "agency", "run"),
    origin="link",
)

PERSON = Table(
    "person",
    "One row a linked person, with what matching needs and no name.",
    (
        _text("person", "The person.", required=True, identifying="indirect"),
        Column("birth_date", "date", "The first day of the month of birth.", identifying="indirect"),
        _text("sex", "Sex as most records have it.", identifying="indirect", allowed=SEXES),
        _text("area", "Area of residence as most records have it.", identifying="indirect"),
        Column("deprivation", "integer", "Decile, 1 the most deprived.", minimum=1),
        Column(
            "records",
            "integer",
            "Number of records linked; 0 where a shared person number alone says who it is.",
            "records",
            minimum=0,
        ),
    ),
    key=("person",),
    origin="link",
)

PERSON_CONTACT = Table(
    "person_contact",
    "A contact with the person it belongs to; contacts at a place only are not in it.",
    tuple(column for column in CONTACT.columns if column.name != "record"),
    key=("contact", "agency"),
    origin="link",
)

PERSON_ENROLMENT = Table(
    "person_enrolment",
    "An enrolment with the person it belongs to.",
    (
        _text("collaboration", "The collaboration's id.", required=True),
        _text("person", "The person.", required=True, identifying="indirect"),
        Column("start", "date", "First day.", required=True),
        Column("end", "date", "Last day; empty while it lasts."),
    ),
    origin="link",
)

PERSON_OBSERVATION = Table(
    "person_observation",
    "Between which days a person was observed, over all agencies: one stretch without a gap, ended by death.",
    (
        _text("person", "The person.", required=True, identifying="indirect"),
        Column("from", "date", "First day observed.", required=True),
        Column("to", "date", "Last day observed.", required=True),
        _text("why_ended", "Why it ended.", allowed=ENDINGS),
    ),
    key=("person",),
    origin="link",
)

QUARANTINE = Table(
    "quarantine",
    "Rows that were not loaded, each with its reasons. The row's values are not kept, only where it stands.",
    (
        _text("file", "The file, by its path within the workspace.", required=True),
        _text("table", "The table it was meant for.", required=True),
        Column("row", "integer", "Its number in the file, the first data row being 1.", required=True, minimum=1),
        _text("reasons", "Why, separated by semicolons.", required=True),
        _text("columns", "The columns concerned, separated by semicolons."),
    ),
    origin="house",
)

LEFT_OUT = Table(
    "left_out",
    "Values that were not loaded though their row was: a number that fails its check does not cost the record. The"
    " value is not kept.",
    tuple(QUARANTINE.columns),
    origin="house",
)

BATCH = Table(
    "batch",
    "One file, read once: what went in, what was kept.",
    (
        _text("file", "The file, by its path within the workspace.", required=True),
        _text("table", "The table it fills.", required=True),
        _text("sha256", "The hash of its bytes.", required=True),
        Column("rows_in", "integer", "Rows in it.", "rows", required=True, minimum=0),
        Column("kept", "integer", "Rows kept.", "rows", required=True, minimum=0),
        Column("quarantined", "integer", "Rows quarantined.", "rows", required=True, minimum=0),
        Column(
            "excluded",
            "integer",
            "Rows left out because the mapping says so: filtered, merged or superseded.",
            "rows",
            required=True,
            minimum=0,
        ),
    ),
    origin="house",
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        ORGANISATION,
        SERVICE,
        POST,
        ASSET,
        SPEND,
        PLACE,
        RECORD,
        CONTACT,
        CONTACT_REASON,
        COUNT,
        ENROLMENT,
        OBSERVATION,
        PRICE,
        PERSON_LINK,
        PERSON,
        PERSON_CONTACT,
        PERSON_ENROLMENT,
        PERSON_OBSERVATION,
        QUARANTINE,
        LEFT_OUT,
        BATCH,
    )
}
