"""From one file to a first useful page, by command line alone: python benchmarks/journeys.py EXAMPLES

EXAMPLES: a folder with a folder a layout in it. Each journey types new, add, load and ready in a fresh place, edits
nothing by hand, and is told by its clock and its work, its exit codes, the rows that were kept and the questions that
can be answered or have a next step.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

JOURNEYS = {
    "emergency care (ECDS)": "ecds/ec.csv",
    "admitted care (APC)": "hes-apc/apc_2425.csv",
    "ambulance dispatch (CAD)": "ambulance-cad/incidents.csv",
    "adult social care (CLD)": "cld/cld_submission.csv",
    "fire incidents (IRS)": "lfb-incidents",
}


def main(examples: Path) -> int:
    failed = 0
    for name, file in JOURNEYS.items():
        path = examples / file
        path = min(path.glob("*.csv")) if path.is_dir() else path
        with tempfile.TemporaryDirectory() as folder:
            failed += _journey(name, path, Path(folder) / "place")
    return bool(failed)


def _journey(name: str, file: Path, root: Path) -> int:
    began, before = time.perf_counter(), _worked()
    codes = [_typed(root, "new", str(root))[0], _typed(root, "add", str(file))[0]]
    code, loaded = _typed(root, "load")
    ready_code, ready = _typed(root, "ready")
    codes += [code, ready_code]
    kept = sum(one["kept"] for one in loaded.get("files", ()))
    answers = ready.get("questions", [])
    told = sum(1 for one in answers if one.get("can") or one.get("mend"))
    took = time.perf_counter() - began
    print(
        f"{name}: 4 commands, {took:.0f} s on the clock, {_worked() - before:.0f} s of one core, exit codes {codes},"
        f" {kept} rows kept, {told} of {len(answers)} questions answerable or with a next step"
    )
    return int(code != 0 or not kept)


def _worked() -> float:
    """Seconds that the commands so far have computed: on a busy machine the clock says more."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _typed(root: Path, verb: str, *more: str) -> tuple[int, dict[str, Any]]:
    headwater = shutil.which("headwater") or str(Path(sys.executable).with_name("headwater"))
    where = [] if verb == "new" else ["--workspace", str(root)]
    done = subprocess.run([headwater, *where, "--json", verb, *more], capture_output=True, text=True, check=False)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        return done.returncode, {}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
