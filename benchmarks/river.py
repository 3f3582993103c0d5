"""The whole river at several sizes: the demonstration county through `headwater run`, from files to reports.

    python3 go.py bench river [--people 20000 200000] [--folder DIR] [--memory 4GB] [--write]

The command runs as a user types it, in a process of its own. Its steps are those that it tells on stderr; at each the
system is asked what the process spent, with the processes it waited for, and its largest memory is set back (Linux
only). Memory is that of the command's own process, not of those it starts, and holds what earlier steps left; bytes are
those of its calls, from the cache or the disk. The last step's are not known, since the process is gone when it ends. A
`--folder` keeps the counties and the
sizes that were measured: a bench that was killed goes on with the size it was at, from the files anew, since half a
run timed twice is no measure. The bare scan reads every column of every table that the run left, with nothing but
DuckDB.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from engine_county import name_engine
from headwater.app.demo import MADE, _county, _on_its_own_day
from headwater.domain.workspace import EngineSettings
from headwater.store.files import write_atomically
from money_table import Results

TICKS = os.sysconf("SC_CLK_TCK")
START = "starting"
OF_A_FILE = re.compile(r"^(reading|looking at) .*")
"""Files are read one after another, more of them in a larger county: they are one step of one name at every size."""
SMALL = 1.0
"""CPU seconds at the larger size below which growth is that of the clock's grain, and not told."""
UNITS = ("wall", "cpu", "read", "written")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--people", type=int, nargs="+", default=(20_000, 200_000))
    words.add_argument(
        "--folder", type=Path, help="where counties and measures are kept, so that a killed bench goes on"
    )
    words.add_argument("--memory", default="4GB", help="the engine's stated memory")
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    sizes = sorted(given.people)
    command = f"python3 go.py bench river --people {' '.join(map(str, sizes))} --memory {given.memory}"
    results = Results("river", "The whole river, step by step", command)
    with tempfile.TemporaryDirectory() as spare:
        found = {people: kept(given.folder or Path(spare), people, given.memory) for people in sizes}
    told(results, found)
    if given.write:
        results.write(("duckdb", "pyarrow", "numpy", "numba", "splink"))


def kept(folder: Path, people: int, memory: str) -> dict[str, Any]:
    """What one size measured, from the folder where it was measured already with the same memory stated."""
    home = folder / str(people)
    file = home / f"measured-{memory}.json"
    if not file.exists():
        measured = of_county(home, people, memory)
        write_atomically(file, json.dumps(measured, indent=1))
    return json.loads(file.read_text(encoding="utf-8"))


def of_county(home: Path, people: int, memory: str) -> dict[str, Any]:
    county, work = home / "county", home / "work"
    if not (home / "made").exists():
        shutil.rmtree(county, ignore_errors=True)
        with _on_its_own_day():
            _county(county, people, 1, lambda *told: None)
        (home / "made").touch()
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(county, work)
    name_engine(work, EngineSettings("duckdb", threads=2, memory=memory))
    load = os.getloadavg()[0]
    steps = run(work)
    scan = apart_scan(work / ".headwater" / "store" / "parts")
    shutil.rmtree(work)
    return {"steps": steps, "scan": scan, "load": [load, os.getloadavg()[0]]}


def run(root: Path) -> dict[str, dict[str, float]]:
    """Every step that `headwater run` told, in order, with what it spent; a step told twice is added up."""
    steps: dict[str, dict[str, float]] = {}
    call = [sys.executable, "-m", "headwater", "--workspace", str(root), "run"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": MADE, "NO_COLOR": "1"}
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    step, before, line = START, spent(process.pid), ""
    for line in process.stderr:
        now = spent(process.pid)
        _add(steps, step, before, now)
        step, before = OF_A_FILE.sub(r"\1 files", line.strip().removesuffix(" ...")), now
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    # Waited for without being reaped, so that what it spent can still be read.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    _add(steps, step, before, spent(process.pid, before))
    if process.wait():
        sys.exit(f"headwater run ended with {process.returncode}: {line.strip()}")
    return steps


def spent(pid: int, last: dict[str, float] | None = None) -> dict[str, float]:
    """What the process and those it waited for spent so far; bytes and memory of one that ended are not known."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    now = {"wall": time.perf_counter(), "cpu": sum(map(int, fields[11:15])) / TICKS}
    if last is not None:
        return {**now, **dict.fromkeys(("read", "written", "peak"), math.nan)}
    asked = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    peak = Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]
    return {**now, "read": int(asked["rchar"]), "written": int(asked["wchar"]), "peak": int(peak) / 1024}


def _add(steps: dict[str, dict[str, float]], step: str, before: dict[str, float], now: dict[str, float]) -> None:
    held = steps.setdefault(step, dict.fromkeys((*UNITS, "peak"), 0.0))
    for unit in UNITS:
        held[unit] += now[unit] - before[unit]
    held["peak"] = math.nan if math.isnan(now["peak"]) else max(held["peak"], now["peak"])


def apart_scan(parts: Path) -> dict[str, float]:
    """Seconds of a bare scan, and bytes of its files."""
    tables = [table for table in sorted(parts.iterdir()) if any(table.rglob("*.parquet"))]
    began, processor = time.perf_counter(), time.process_time()
    with duckdb.connect() as engine:
        engine.execute("SET threads = 2")
        for table in tables:
            files = str(table / "**" / "*.parquet")
            engine.execute(f"SELECT count(*), max(COLUMNS(*)) FROM read_parquet('{files}', union_by_name = true)")
            engine.fetchall()
    size = sum(file.stat().st_size for table in tables for file in table.rglob("*.parquet"))
    return {"wall": time.perf_counter() - began, "cpu": time.process_time() - processor, "bytes": size}


def told(results: Results, found: dict[int, dict[str, Any]]) -> None:
    smaller: int | None = None
    for people, measured in found.items():
        scan, steps = measured["scan"], measured["steps"]
        busy = " then ".join(f"{load:.1f}" for load in measured["load"])
        results.add(
            f"{people:,} people: a bare scan",
            f"{scan['wall']:.2f} s",
            f"CPU {scan['cpu']:.2f} s of {scan['bytes'] / 1e6:,.0f} MB of Parquet; the machine's load was {busy},"
            " others' work included",
        )
        before = None if smaller is None else found[smaller]["steps"]
        growth = None if smaller is None else math.log(people / smaller)
        whole = {unit: sum(step[unit] for step in steps.values() if not math.isnan(step[unit])) for unit in UNITS}
        whole["peak"] = max(step["peak"] for step in steps.values() if not math.isnan(step["peak"]))
        old = before and {"cpu": sum(step["cpu"] for step in before.values())}
        results.add(f"{people:,} people: all", f"{whole['wall']:,.1f} s", _remark(whole, scan, old, growth))
        for name, step in steps.items():
            results.add(
                f"{people:,}: {name}",
                f"{step['wall']:,.1f} s",
                _remark(step, scan, before and before.get(name), growth),
            )
        smaller = people


def _remark(step: dict[str, float], scan: dict[str, float], old: dict[str, float] | None, growth: float | None) -> str:
    known = not math.isnan(step["peak"])
    spent_on = f"peak {step['peak']:,.0f} MiB; read {step['read'] / 1e6:,.0f} MB, wrote {step['written'] / 1e6:,.0f} MB"
    shown = (
        f"CPU {step['cpu']:,.1f} s, {step['cpu'] / scan['cpu']:,.1f} × the scan's;"
        f" {spent_on if known else 'peak and bytes not measured'}"
    )
    if old is None or growth is None or step["cpu"] < SMALL or old["cpu"] <= 0:
        return shown
    return f"{shown}; CPU grows with the power {math.log(step['cpu'] / old['cpu']) / growth:.2f}"


if __name__ == "__main__":
    main()
