"""Counties with a known truth, one a seed: does the truth lie in the intervals, and what is said where nothing was
done?

python3 go.py bench counties [--counties 20] [--people 20000] [--write]     resumable: a county that was judged is not
judged again
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from headwater.app import choosing, evaluating, planning, reading
from headwater.app.place import Place
from headwater.governance import keep_key
from headwater.worlds import write_county

ROOT = Path(__file__).resolve().parents[1]


def judged(folder: Path, people: int, seed: int) -> dict[str, Any]:
    """One county from its files to its findings, beside its truth."""
    truth = write_county(folder, people, seed)
    os.environ["HEADWATER_KEY_FILE"] = str(folder / "key")
    place = Place(folder)
    keep_key(place.workspace, bytes(32))
    reading.load(place)
    rows = []
    for protocol in evaluating.protocols(place):
        planning.lock(place, protocol.id, "judge", "before outcomes are read")
        found = evaluating.evaluate(place, protocol.id).content
        for outcome in found["outcomes"]:
            known = truth.ratios.get(
                (protocol.id, outcome["kind"]), 1.0 if outcome["role"] == "negative-control" else None
            )
            if known is not None and outcome["rate_ratio"]:
                rows.append(
                    {
                        "programme": protocol.id,
                        "kind": outcome["kind"],
                        "role": outcome["role"],
                        "truth": known,
                        **outcome["rate_ratio"],
                        "verdict": outcome["verdict"],
                        "naive": (outcome["naive"] or {}).get("change"),
                        "grade": found["grade"]["level"],
                    }
                )
    options = choosing.find(place, style="upstream").content["options"]
    board = [one["id"] for one in options if one["board"] == "evidence"]
    wanted = {f"upstream:{u}:{d}" for u, d in truth.preventive}
    return {
        "seed": seed,
        "rows": rows,
        "decoy": sum(truth.decoy in one for one in board),
        "preventive": len(wanted & set(board)),
        "others": len(set(board) - wanted),
    }


def table(found: list[dict[str, Any]], people: int) -> str:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for county in found:
        for row in county["rows"]:
            groups[row["programme"], row["kind"]].append(row)
    lines = [
        (
            "| programme | outcome | true ratio | mean found | bias (log) | rmse (log) | truth in 95 % | saved | harm |"
            " nothing | cannot tell | naive change |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (programme, kind), rows in sorted(groups.items()):
        gap = np.log([row["mid"] / row["truth"] for row in rows])
        inside = np.mean([row["low"] <= row["truth"] <= row["high"] for row in rows])
        said = [
            np.mean([row["verdict"] == word for row in rows])
            for word in ("averted", "harm", "nothing-found", "cannot-tell")
        ]
        naive = np.mean([row["naive"] for row in rows if row["naive"] is not None])
        lines.append(
            f"| {programme} | {kind} | {rows[0]['truth']:.2f} | {np.exp(np.mean(np.log([r['mid'] for r in rows]))):.3f}"
            f" | {gap.mean():+.3f} | {np.sqrt((gap**2).mean()):.3f} | {inside:.0%} | "
            + " | ".join(f"{one:.0%}" for one in said)
            + f" | {naive:+.0%} |"
        )
    every = [row for rows in groups.values() for row in rows]
    nothing = [row for row in every if row["truth"] == 1.0]
    inside = np.mean([row["low"] <= row["truth"] <= row["high"] for row in every])
    wrong = np.mean([row["verdict"] == "averted" for row in nothing])
    board = [(county["decoy"], county["preventive"], county["others"]) for county in found]
    end = (
        f"\nOver all {len(every)} intervals the truth lies in {inside:.1%}; where nothing was done *saved* was said in"
        f" {wrong:.1%} of {len(nothing)}.\n\nUpstream evidence board, {len(board)} counties: the decoy was on it"
        f" {sum(b[0] for b in board)} times, the two preventive services {sum(b[1] for b in board)} of {2 * len(board)}"
        f" times, {sum(b[2] for b in board)} other pairs in all (pairs whose own effect reaches the demand by way of"
        " the first are among them).\n"
    )
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    return (
        f"# Counties judged by their truth\n\n`python3 go.py bench counties --counties {len(found)} --people {people}`,"
        f" seeds 1 to {len(found)}, {machine}\n\n" + "\n".join(lines) + "\n" + end
    )


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--counties", type=int, default=5)
    words.add_argument("--people", type=int, default=20_000)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    kept = Path(tempfile.gettempdir()) / f"headwater-counties-{given.people}.jsonl"
    found = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    done = {county["seed"] for county in found}
    for seed in range(1, given.counties + 1):
        if seed in done:
            continue
        folder = Path(tempfile.mkdtemp()) / "county"
        found.append(judged(folder, given.people, seed))
        shutil.rmtree(folder.parent)
        with kept.open("a") as out:
            out.write(json.dumps(found[-1]) + "\n")
        print(f"county {seed} of {given.counties}", flush=True)
    text = table(sorted(found, key=lambda county: county["seed"])[: given.counties], given.people)
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "counties.md").write_text(text)


if __name__ == "__main__":
    main()
