"""What a stranger's worlds say of the product: files in, `evaluate`, `partners` and `count` out, judged by the truth.

python3 go.py bench stranger_truth --family people [--worlds 10] [--first 1] [--only NAME] [--planned 1 0.85 0.7]
    [--minutes 4] [--table]

The worlds are made from the product's public descriptions alone and share no code with its own. A finished world is
kept under build/stranger, so that a run goes on where it was cut off; `--table` prints what is there and runs nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stranger import tally
from stranger.folder import opened, verdict, written

KEPT = Path(__file__).parent.parent / "build" / "stranger"
PLANNED = {"people": (1.0, 0.85, 0.7), "places": (1.0, 0.8)}


def judged(family: str, name: str, planned: float, seed: int, folder: Path) -> dict[str, Any]:
    """One world of people or places: made, loaded, locked, evaluated."""
    world = importlib.import_module(f"stranger.{family}").made(name, planned, seed)
    place = opened(written(world, folder), people=family == "people")
    said = {protocol: verdict(place, protocol) for protocol in world.protocols}
    first = next(iter(said.values()))
    return {
        "world": name,
        "planned": planned,
        "seed": seed,
        "truth": world.truth,
        "averted": world.averted,
        **dict(world.also),
        **first,
    }


def planned_worlds(options: argparse.Namespace) -> Iterator[tuple[str, float, int]]:
    """Name, planned ratio and seed of each world, one seed of every make before the next."""
    names = options.only or list(importlib.import_module(f"stranger.{options.family}").WORLDS)
    for seed in range(options.first, options.first + options.worlds):
        for name in names:
            for planned in options.planned or PLANNED.get(options.family, (1.0,)):
                yield name, planned, seed


def run(options: argparse.Namespace) -> None:
    """The worlds that are not there yet, until the time is up."""
    begun = time.time()
    module = importlib.import_module(f"stranger.{options.family}")
    judge = getattr(module, "judged", None)
    for name, planned, seed in planned_worlds(options):
        kept = KEPT / options.family / f"{name}-{planned:g}-{seed}.json"
        if kept.exists():
            continue
        if time.time() - begun > 60 * options.minutes:
            return
        folder = Path(options.folder or tempfile.gettempdir()) / f"stranger-{options.family}"
        _forgotten(folder.with_name(folder.name + "-config"))
        try:
            row = judge(name, planned, seed, folder) if judge else judged(options.family, name, planned, seed, folder)
        except Exception as error:  # a crash of the product is a finding, not the end of the run
            row = {
                "world": name,
                "planned": planned,
                "seed": seed,
                "crash": repr(error),
                "trace": traceback.format_exc(),
            }
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(row, default=str), encoding="utf-8")
        shown = {
            k: row.get(k)
            for k in (
                "world",
                "planned",
                "seed",
                "truth",
                "verdict",
                "low",
                "mid",
                "high",
                "withheld",
                "crash",
                "seconds",
            )
        }
        print(json.dumps(shown, default=str), flush=True)


def _forgotten(folder: Path) -> None:
    """What the product keeps outside a workspace (keys, whose outcomes were read) begins anew with each world."""
    shutil.rmtree(folder, ignore_errors=True)
    os.environ["XDG_CONFIG_HOME"] = str(folder)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=["people", "places", "upstream", "money"], required=True)
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--planned", type=float, nargs="*")
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--folder", default="")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if not options.table:
        run(options)
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((KEPT / options.family).glob("*.json"))]
    module = importlib.import_module(f"stranger.{options.family}")
    print(getattr(module, "table", tally.table)(rows))
    crashed = [row for row in rows if "crash" in row]
    for row in crashed:
        print(f"crashed: {row['world']} {row['planned']} {row['seed']}: {row['crash']}")


if __name__ == "__main__":
    main()
