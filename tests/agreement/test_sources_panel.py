"""The published A&E panel through the example's settings, beside a plain reading of the same file."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.domain.workspace import Workspace
from headwater.governance import read_protocol
from headwater.sources import check, diagnose, load, read_settings
from sources_world import KEY

if TYPE_CHECKING:
    from headwater.store import Store

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ae-trusts"
FILE = "ae_monthly_type1_panel_2010-11_2019-03.csv"
KINDS = {"ae_attendance": "type1_att", "emergency_admission": "type1_adm"}


def test_the_example_reads_and_says_what_it_lacks() -> None:
    settings = read_settings(EXAMPLE)
    assert {source.table for source in settings.sources} == {"count"}
    assert read_protocol(EXAMPLE / "collaborations" / "rln.toml").treated == ("RLN",)
    assert all("no file" in finding.what for finding in diagnose(EXAMPLE))


def test_the_panel_loads_as_counts(store: Store, tmp_path: Path, shared_data: Path) -> None:
    root = tmp_path / "ae trusts"
    shutil.copytree(EXAMPLE, root)
    (root / "data").mkdir()
    shutil.copyfile(shared_data / "ae_trust_panel" / FILE, root / "data" / FILE)
    settings = read_settings(root)
    with (root / "data" / FILE).open(encoding="utf-8") as lines:
        plain = list(csv.DictReader(lines))
    seen = check(Workspace(root), settings)
    assert all(found.fits for found in seen)
    # The earlier months of this panel are weekly returns spread over months, so that they count parts of a contact: the
    # one thing that there is to say of it.
    parts = [sum(float(row[theirs]) % 1 > 0 for row in plain) for theirs in KINDS.values()]
    assert all(
        f"odd: {many:,} row(s) count a fraction" in found.problems[0] for found, many in zip(seen, parts, strict=True)
    )
    assert [len(found.problems) for found in seen] == [1, 1]
    (found,) = load(store, Workspace(root), settings, KEY)
    assert (found.rows_in, found.kept, found.reasons) == (2 * len(plain), 2 * len(plain), {})
    wanted = {
        (p["code"], date.fromisoformat(p["month"]), kind): float(p[theirs])
        for p in plain
        for kind, theirs in KINDS.items()
    }
    got = {(r["unit"], r["period"], r["kind"]): r["contacts"] for r in store.arrow(store.table("count")).to_pylist()}
    assert got == wanted
    assert len({unit for unit, _, _ in got}) == 141  # as the data's own provenance says
