"""One agency's whole river under a stated memory: five million contacts of 400,000 records through `headwater run`, and
its peak.

    python3 go.py bench run_agency [--contacts 5000000] [--people 400000] [--memory 3GB] [--write]

Names, birth dates and postcodes are made up; every person stands on one record, so that linkage has records and no
agency to compare them with. The command runs as a user types it, in a process of its own, whose largest memory the
system tells.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from load import PIECE, contacts
from money_table import Results

STEPS = ("load", "link", "run")
SETTINGS = """place = "One agency"

[engine]
name = "duckdb"
threads = 2
memory = "{memory}"

[[source]]
table = "record"
files = "data/people.csv"
agency = "hospital"
[source.columns]
record = "patient"
given_name = "forename"
family_name = "surname"
birth_date = "born"
postcode = "postcode"
sex = "sex"

[[source]]
table = "contact"
files = "data/contacts.csv"
agency = "hospital"
[source.columns]
contact = "attendance"
record = "patient"
start = "arrived"
end = "left"
service = "department"
[source.constants]
kind = "ae_attendance"
"""
SOUNDS = (
    "ba",
    "cor",
    "den",
    "el",
    "fir",
    "gos",
    "hal",
    "in",
    "ker",
    "lo",
    "mar",
    "nor",
    "os",
    "pel",
    "ri",
    "sa",
    "tun",
    "ul",
    "ver",
    "win",
)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--contacts", type=int, default=5_000_000)
    words.add_argument("--people", type=int, default=400_000)
    words.add_argument("--memory", default="3GB")
    words.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    command = (
        f"python3 go.py bench run_agency --contacts {given.contacts} --people {given.people} --memory {given.memory}"
    )
    results = Results("run_agency", "One agency through every step", command)
    with tempfile.TemporaryDirectory() as folder:
        write_workspace(Path(folder), given)
        results.add("files", f"{given.contacts:,} contacts", f"of {given.people:,} records; memory = {given.memory!r}")
        for step in given.steps:
            seconds, peak = step_apart(Path(folder), step)
            results.add(f"headwater {step}", f"{seconds:,.0f} s", f"largest memory {peak:,.0f} MiB")
    if given.write:
        results.write(("duckdb", "pyarrow", "numpy", "splink"))


def write_workspace(root: Path, given: argparse.Namespace) -> None:
    (root / "data").mkdir()
    (root / "headwater.toml").write_text(SETTINGS.format(memory=given.memory))
    generator = np.random.default_rng(given.seed)
    with pacsv.CSVWriter(root / "data" / "contacts.csv", contacts(0, 0, 1, generator).schema) as writer:
        for first in range(0, given.contacts, PIECE):
            writer.write_table(contacts(first, min(PIECE, given.contacts - first), given.people, generator))
    pacsv.write_csv(people(given.people, generator), root / "data" / "people.csv")


def people(count: int, generator: np.random.Generator) -> pa.Table:
    def name(parts: int) -> list[str]:
        sounds = np.array(SOUNDS, dtype=object)[generator.integers(0, len(SOUNDS), (count, parts))]
        return [str(one).capitalize() for one in sounds.sum(axis=1)]

    born = np.datetime64("1930-01-01") + generator.integers(0, 90 * 365, count)
    codes = generator.integers(0, 20_000, count)
    return pa.table(
        {
            "patient": [f"P{at}" for at in range(count)],
            "forename": name(2),
            "surname": name(3),
            "born": pa.array(born).cast(pa.string()),
            "postcode": [
                f"ZZ{code // 1000 + 1} {code // 100 % 10}{chr(65 + code // 10 % 10)}{chr(65 + code % 10)}"
                for code in codes.tolist()
            ],
            "sex": np.array(["male", "female"])[generator.integers(0, 2, count)],
        }
    )


def step_apart(root: Path, step: str) -> tuple[float, float]:
    """Seconds and largest memory (MiB) of one command."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "headwater", "--workspace", str(root), step])
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"headwater {step} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - began, in_mib(used)


def in_mib(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024 if sys.platform != "darwin" else used.ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
