"""The demonstration: a county whose truth is known, the whole river on it, a neighbour pooled with it, the truth beside
the answers."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from math import exp, log
from typing import TYPE_CHECKING, Any

from headwater import governance
from headwater.app import forecasting, planning, pooling, reading, run
from headwater.app.evaluating import protocols
from headwater.app.ledgers import ledger_of
from headwater.app.place import Place
from headwater.app.true_money import booked_money, true_money
from headwater.domain.errors import DataProblem, Usage
from headwater.domain.progress import silent
from headwater.store.files import write_atomically
from headwater.worlds import write_county

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.domain.progress import Progress

MADE = "1736150400"
"""The county's own day, 2025-01-06: its records are dated so, that the same county has the same bytes whenever it is
run."""
FORMATS = ("html", "pdf", "docx", "xlsx", "ods")
OPENED = "frequent-attenders"
NEIGHBOUR = "neighbour"
"""The folder of the second county: two fifths as many people, too few to tell the programme from chance alone."""


def demo(
    folder: Path, people: int = 20_000, seed: int = 1, progress: Progress = silent, formats: tuple[str, ...] = FORMATS
) -> Answer:
    """Make the county where it is not there yet, lock its protocols before outcomes are read, run, and compare."""
    with _on_its_own_day():
        place = _county(folder, people, seed, progress)
        _promise(place, progress)
        told = run.run(place, formats, progress)
        pool = _pool(place, folder, (people, seed), progress)
    content = {key: value for key, value in told.content.items() if key != "schema"}
    money = {
        "true": json.loads(_truth_file(folder).read_text(encoding="utf-8"))["money"],
        "booked": booked_money(place),
    }
    report = next((file for file in content["reports"] if OPENED in file and file.endswith(".html")), "")
    return place.answer(
        "demo",
        {
            **content,
            "folder": str(folder),
            "truths": _truths(folder, content["collaborations"]),
            "pool": pool,
            "money": money,
            "report": report,
        },
    )


def _promise(place: Place, progress: Progress) -> None:
    """Book what each plan for people hopes for, before anything is measured; a second run finds it there."""
    reading.load(place, progress)
    ledger = ledger_of(place)
    held = {booked.collaboration for booked in ledger.claims} | {lot.collaboration for lot in ledger.lots}
    for protocol in protocols(place):
        if protocol.unit == "person" and protocol.id not in held:
            forecasting.forecast(place, protocol.id, "head of strategy", "the plan that the partners agreed", progress)


@contextmanager
def _on_its_own_day() -> Iterator[None]:
    """The clock of records stands on the county's day, unless somebody set it; afterwards it is as it was before."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = before or MADE
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]


def _county(folder: Path, people: int, seed: int, progress: Progress) -> Place:
    """The county's workspace with its key kept and its protocols locked, made where it is not there yet."""
    if (folder / "headwater.toml").exists():
        _same_county(folder, people, seed)
    else:
        write_county(folder, people, seed, progress)
    place = Place(folder)
    # Nobody lives in the county, so its pseudonyms hide nobody: a published key gives everybody the same figures.
    governance.lend_key(place.workspace, governance.published_key(seed))
    for protocol in protocols(place):
        planning.lock(place, protocol.id, "head of strategy", "agreed by the partners before outcomes were read")
    _keep_true_money(place, folder)
    return place


def _pool(place: Place, folder: Path, made: tuple[int, int], progress: Progress) -> dict[str, Any]:
    """The neighbour's evidence file beside the county's own: no row of one is seen by the other."""
    people, seed = made
    beside = _county(folder / NEIGHBOUR, max(people * 2 // 5, 5_000), seed + 1, progress)
    sites = {"Northshire": place, "Southshire": beside}
    pooling.invite(place, "care-plans", OPENED, tuple(sites))
    agreed = place.workspace.releases / "care-plans-pool.json"
    reading.load(beside, progress)
    reading.link(beside, progress)
    files = [
        pooling.export(site, OPENED, pooling.Sender(name, pool=agreed), progress).content["file"]
        for name, site in sites.items()
    ]
    try:
        told = pooling.pool(place, "care-plans", files, agreed, progress).content
    except DataProblem as problem:  # counties of a few thousand enrol too few for a comparison that holds
        return {"refused": f"{problem}: {problem.given}"}
    first = told["outcomes"][0]
    ratios = [_ratios(at)[f"{OPENED}/{first['kind']}"] for at in (folder, folder / NEIGHBOUR)]
    truth = exp(sum(map(log, ratios)) / len(ratios))
    average = first["average"]
    return {**told, "truth": truth, "held": average["low"] <= truth <= average["high"]}


def _truth_file(folder: Path) -> Path:
    return folder / "truth" / "truth.json"


def _keep_true_money(place: Place, folder: Path) -> None:
    """What a perfect observer would book, into the truth beside the rest."""
    file = _truth_file(folder)
    truth = json.loads(file.read_text(encoding="utf-8"))
    truth["money"] = true_money(place, truth, protocols(place))
    write_atomically(file, json.dumps(truth, indent=1, sort_keys=True))


def _same_county(folder: Path, people: int, seed: int) -> None:
    truth = _truth_file(folder)
    if not truth.exists():
        raise Usage(
            "this folder holds another workspace",
            given=str(folder),
            next_step="choose another folder: headwater demo DIR",
        )
    made = json.loads(truth.read_text(encoding="utf-8"))
    if (made["people"], made["seed"]) != (people, seed):
        raise Usage(
            "this folder holds another county",
            given=f"{made['people']:,} people, seed {made['seed']}",
            allowed=f"{people:,} people, seed {seed}",
            next_step="choose another folder, or delete this one",
        )


def _ratios(folder: Path) -> dict[str, float]:
    """The true rate ratio of each programme and kind, as "programme/kind"; read only after everything is done."""
    found: dict[str, float] = json.loads(_truth_file(folder).read_text(encoding="utf-8"))["rate_ratios"]
    return found


def _truths(folder: Path, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each programme's true ratio of its primary outcome beside what was found."""
    ratios = _ratios(folder)
    place = Place(folder)
    kinds = {protocol.id: protocol.outcome_kinds()[0] for protocol in protocols(place)}
    rows = []
    for one in found:
        truth = ratios[f"{one['collaboration']}/{kinds[one['collaboration']]}"]
        ratio = one["rate_ratio"]
        held = ratio is not None and ratio["low"] <= truth <= ratio["high"]
        rows.append(
            {
                "collaboration": one["collaboration"],
                "truth": truth,
                "rate_ratio": ratio,
                "effect_verdict": one["effect_verdict"],
                "held": held,
            }
        )
    return rows
