"""headwater.toml of the county: every agency's headings mapped to the declared columns."""

from __future__ import annotations

from headwater.worlds import bodies
from headwater.worlds.layouts import COUNCIL, IDENTITY, LAYOUTS, Layout

HEAD = """\
# The demonstration county. Made of a seed; nobody in it lives.
place = "Northshire"
price_year = 2023
prices = ["data/local_prices.csv"]

[engine]
name = "duckdb"

[disclosure]
rule = "hospital-episodes"
purpose = "service evaluation"
role = "analyst"

[observed]
from = 2022-01-03
to = 2024-12-29

[partners]
negative_controls = ["fracture_attendance", "outpatient_appointment"]
# People who live in the place: the records are of some of them, so that what is found among those is told for all.
place_people = PLACE_PEOPLE
""".replace("PLACE_PEOPLE", str(bodies.PEOPLE))

REGISTERS = """
[[source]]
table = "organisation"
files = "data/registers/organisations.csv"
[source.columns]
organisation = "code"
upper_tier = "county"
easting = "x"
northing = "y"

[[source]]
table = "service"
files = "data/registers/services.csv"
[source.columns]
service = "code"
organisation = "by"
eligible_upstream = "upstream"

[[source]]
table = "post"
files = "data/registers/posts.csv"
[source.columns]
post = "code"
organisation = "by"
salary_gbp = "salary"

[[source]]
table = "asset"
files = "data/registers/assets.csv"
[source.columns]
asset = "code"
organisation = "by"
easting = "x"
northing = "y"
estate_gbp = "estate"
capacity = "crews"

[[source]]
table = "spend"
files = "data/registers/spend.csv"
[source.columns]
organisation = "by"
gbp = "pounds"

[[source]]
table = "place"
files = "data/registers/places.csv"
[source.columns]
place = "code"
area = "in"
easting = "x"
northing = "y"
population = "people"
deprivation = "decile"

[[source]]
table = "contact"
files = "data/police/incidents.csv"
agency = "police"
[source.columns]
contact = "incident"
place = "street"
start = "reported"
[source.constants]
kind = "police_incident"
service = "police/police_incident"

[[source]]
table = "contact"
files = "data/fire/incidents.csv"
agency = "fire"
[source.columns]
contact = "incident"
place = "street"
start = "reported"
[source.constants]
kind = "fire_incident"
service = "fire/fire_incident"

[[source]]
table = "enrolment"
files = "data/enrolments/streets.csv"
[source.columns]
collaboration = "programme"
place = "street"
start = "joined"
"""

OBSERVED = """
[[source]]
table = "observation"
files = "data/gp/registration-*.csv"
agency = "gp"
[source.columns]
record = "number"
from = "first"
to = "last"
why_ended = "why"
"""

# What one more or one fewer contact does to capacity. Servers and hours are made up for the county.
STATIONS = """
[[station]]
kind = "ae_attendance"
name = "Emergency department"
service_hours = 4.0
servers = 24
step = 4
step_cost_gbp = 310000

[[station]]
kind = "emergency_admission"
name = "Emergency wards"
service_hours = 158.0
servers = 190
step = 6
step_cost_gbp = 420000
"""


def settings_text() -> str:
    parts = [HEAD, REGISTERS, OBSERVED]
    councils = [
        (f"council-{name}", COUNCIL) for name, (*_, county) in bodies.DISTRICTS.items() if county == "northshire"
    ]
    for agency, layout in [*LAYOUTS.items(), *councils]:
        parts += [_contacts(agency, layout), _records(agency)]
    parts += [_enrolments(agency) for agency in ("gp", "ambulance", "hospital")]
    return "".join(parts) + STATIONS


def _contacts(agency: str, layout: Layout) -> str:
    columns = "\n".join(f'{ours} = "{theirs}"' for ours, theirs in layout.contact.items())
    words = "\n".join(f'"{theirs}" = "{ours}"' for ours, theirs in layout.words.items())
    delimiter = f'delimiter = "{layout.delimiter}"\n' if layout.delimiter != "," and layout.form != "parquet" else ""
    return (
        f'\n[[source]]\ntable = "contact"\nfiles = "data/{agency}/contacts-*.{layout.form}"\nagency ='
        f' "{agency}"\n{delimiter}[source.columns]\n{columns}\n[source.values.kind]\n{words}\n'
    )


def _records(agency: str) -> str:
    columns = "\n".join(f'{ours} = "{theirs}"' for ours, theirs in IDENTITY.items() if ours != theirs)
    sexes = '"F" = "female"\n"M" = "male"\n"U" = "unknown"'
    return (
        f'\n[[source]]\ntable = "record"\nfiles = "data/{agency}/people-*.csv"\nagency = "{agency}"\n'
        f"[source.columns]\n{columns}\n[source.values.sex]\n{sexes}\n"
    )


def _enrolments(agency: str) -> str:
    return (
        f'\n[[source]]\ntable = "enrolment"\nfiles = "data/enrolments/{agency}-*.csv"\nagency = "{agency}"\n'
        '[source.columns]\ncollaboration = "programme"\nrecord = "number"\nstart = "joined"\n'
    )
