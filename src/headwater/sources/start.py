"""An empty workspace with commented templates, and what is wrong with a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from headwater.domain.errors import HeadwaterError, Usage
from headwater.domain.workspace import Workspace
from headwater.sources.check import check
from headwater.sources.settings import FILE, read_settings
from headwater.store.files import write_atomically
from headwater.store.java import OLDEST, java_problem

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.workspace import Settings

SETTINGS = """\
# The place, and where its agencies' files are. Every path is within this folder.
place = "{place}"
# price_year = 2024            # whose prices figures are shown in; the newest when left out
# prices = ["data/our_prices.csv"]

[engine]
name = "duckdb"                # or "spark"
# memory = "4GB"
# threads = 2

[disclosure]
rule = "hospital-episodes"     # 1-7 masked, others to the nearest 5; or threshold-10
purpose = "service evaluation"
role = "analyst"

# [link]                       # how records of several agencies are linked; these are the defaults
# method = "names"             # keys: shared numbers only; names: then names, birth dates and addresses
# single = []                  # agencies that hold nobody twice, as in ["gp"]
# partitions = 5               # drawn from the weights, so that intervals carry the uncertainty of linkage; 0 to 20
# largest = 50                 # different spellings a person may have before the group is broken and reported
# pairs_per_record = 10        # how much is compared: more finds more and takes longer
# names = "dropped"            # names, addresses and days of birth leave the store once records are linked; "kept": they stay
# review_pairs = 200           # where names are kept: pairs sampled into .headwater/link/review.csv

# [retention]
# keep_from = 2018-04-01       # what ended before this day is not loaded, and leaves the store with the next load
# months = 84                  # how long contacts may be kept; an early warning says when some are older

# [observed]                   # between which days all data are complete
# from = 2022-01-01
# to = 2024-12-31

# One [[source]] a file, folder or pattern. Left: our column. Right: the heading in the file.
# `headwater check` says what fits and suggests mappings; it never writes.
[[source]]
table = "contact"
files = "data/hospital_attendances.csv"
agency = "hospital"
[source.columns]
contact = "attendance_id"
record = "patient_id"
start = "arrival_time"
service = "department"
[source.constants]
kind = "ae_attendance"
# [source.values.outcome]      # their word = our word
# "ADM" = "admitted"

[[source]]
table = "record"
files = "data/hospital_patients.csv"
agency = "hospital"
[source.columns]
record = "patient_id"
nhs_number = "nhs_no"
given_name = "forename"
family_name = "surname"
birth_date = "dob"
[source.values.sex]
"F" = "female"
"M" = "male"

[[source]]
table = "organisation"
files = "data/organisations.csv"

[[source]]
table = "service"
files = "data/services.csv"

# What the capacity of a kind of contact looks like; see docs for every key.
# [[station]]
# kind = "ae_attendance"
# service_hours = 4.0
# servers = 40
"""

# Made-up people; the NHS numbers lie in the 999 range, which is nobody's.
EXAMPLES = {
    "hospital_attendances.csv": (
        "attendance_id,patient_id,arrival_time,department\n"
        "A1,P1,2023-01-05 10:20,emergency\nA2,P1,2023-02-11 22:05,emergency\nA3,P2,2023-02-12 09:00,emergency\n"
    ),
    "hospital_patients.csv": (
        "patient_id,nhs_no,forename,surname,dob,sex,postcode\n"
        "P1,9990000018,Imra,Vessant,1950-03-12,F,ZZ1 1ZZ\nP2,9990000026,Dolan,Orrick,1983-11-30,M,ZZ1 2ZZ\n"
    ),
    "organisations.csv": "organisation,name,sort\nhospital,The Hospital,hospital-trust\n",
    "services.csv": "service,organisation,name,kind\nemergency,hospital,Emergency department,ae_attendance\n",
}
README = """\
1. Put the files that your agencies gave into data/ (the examples there are made up; delete them).
2. Edit headwater.toml: one [[source]] a file.   Then: headwater check
3. headwater load, headwater link
4. headwater partners                            Who should we collaborate with?
5. headwater protocol new my-team --template multidisciplinary-team, edit it, headwater plan my-team,
   headwater lock my-team --role "head of ...", headwater evaluate my-team, headwater count my-team, headwater report
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, and what mends it."""

    what: str
    next: str


def new_workspace(root: Path) -> tuple[str, ...]:
    """Write the folders, the settings and the examples; the files written. Raises Usage where a workspace stands
    already."""
    if (root / FILE).exists():
        raise Usage(
            "a workspace stands here already", given=str(root), next_step=f"choose another folder, or edit {FILE}"
        )
    content = {FILE: SETTINGS.format(place=root.name.title()), "README.txt": README}
    content |= {f"data/{name}": text for name, text in EXAMPLES.items()}
    for name, text in content.items():
        write_atomically(root / name, text)
    for folder in ("collaborations", "governance", "releases"):
        (root / folder).mkdir(exist_ok=True)
    return tuple(sorted(content))


def diagnose(root: Path) -> tuple[Finding, ...]:
    """What is wrong with the installation and the workspace, each with how to mend it; nothing found is an empty
    tuple."""
    found = [
        Finding(f"the library {name} is missing", "python3 go.py demo installs it") for name in _missing_libraries()
    ]
    try:
        settings = read_settings(root)
    except HeadwaterError as problem:
        return (*found, Finding(str(problem), problem.next_step))
    return (*found, *_of_settings(root, settings))


def _of_settings(root: Path, settings: Settings) -> list[Finding]:
    found = []
    if settings.engine.name == "spark" and find_spec("pyspark") is None:
        found.append(
            Finding("the Spark engine is not installed", "pip install 'headwater[spark]', or engine = \"duckdb\"")
        )
    elif settings.engine.name == "spark" and (problem := java_problem()):
        found.append(
            Finding(
                f"Spark needs Java {OLDEST}: {problem}", f'install Java {OLDEST} or set JAVA_HOME, or engine = "duckdb"'
            )
        )
    for one in check(Workspace(root), settings):
        found += [
            Finding(f"{one.file}: {what}", "mend its [[source]] in headwater.toml; headwater check")
            for what in one.problems
            if not one.fits
        ]
    found += [
        Finding(f"the price table {path} is missing", f"put it there, or mend prices = ... in {FILE}")
        for path in settings.prices
        if not (root / path).is_file()
    ]
    if not settings.sources:
        found.append(Finding(f"{FILE} names no [[source]]", "add one for each file; headwater new shows how"))
    return found


def _missing_libraries() -> list[str]:
    return [
        name
        for name in ("duckdb", "ibis", "pyarrow", "numpy", "scipy", "numba", "splink", "altair", "vl_convert")
        if find_spec(name) is None
    ]
