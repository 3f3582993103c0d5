"""The partner question over several areas: each one's boards as one small file without a row, and the pairs of kinds
told together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.app import choosing
from headwater.app.acting import acting
from headwater.app.answers import interval
from headwater.app.evidence_file import digest, opened, schema_of, signed, signer
from headwater.app.reading import data_version, observed
from headwater.app.version import code_version
from headwater.disclosure import let_out
from headwater.domain.areas import AreaEvidence, Pair
from headwater.domain.errors import DataProblem, Usage
from headwater.domain.release import Cell, Count, Curve, DataTable, Document, FigureData, Shown
from headwater.evidence.pooling import alone, pooled_pairs
from headwater.report.kinds import capital, kind_words
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.app.pooling import Sender
    from headwater.domain.areas import PooledPair
    from headwater.domain.progress import Progress

SCHEMA = "headwater.pairs/1"
FILE = "upstream-pairs.json"
DIGITS = 4
DRAWN = 12
"""Pairs in the figure: the surest to avert."""


def export(place: Place, sender: Sender, progress: Progress) -> Answer:
    """Write what the upstream boards say of every pair they judged into releases/: no row, no small count."""
    if not sender.site.strip():
        raise Usage("a file names its area", given="''", next_step="headwater evidence partners --site 'Northshire'")
    asked = (sender.site, tuple(sorted(sender.traits.items())), str(sender.sign or ""))
    with acting(place, "evidence partners", sender.site, asked) as act:
        with place.store() as store:
            controls, found = choosing.pairs(place, store, progress)
            data, days = data_version(store), observed(place, store)
        if not found:
            raise DataProblem(
                "there is no pair of kinds that could be judged",
                given="no contacts of people, or too few",
                next_step="headwater doctor says what to load",
            )
        content = content_of(place, sender, (controls, found, days), data)
        file = place.workspace.releases / FILE
        write_atomically(file, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        act.said = {"data": data}
    return place.answer(
        "evidence-partners",
        {
            "file": str(file),
            "digest": content["digest"],
            "pairs": len(content["pairs"]),
            "stay_at_home": content["hidden"],
            "signed_by": content.get("signed_by", ""),
        },
    )


def content_of(
    place: Place, sender: Sender, told: tuple[int, Sequence[Pair], tuple[str, str]], data: str
) -> dict[str, Any]:
    """The file's content, judged by the disclosure rule and entered in the register of releases."""
    controls, found, days = told
    kept = _let_out(place, found, days[1], data)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "area": sender.site.strip(),
        "days": list(days),
        "controls": controls,
        "pairs": [
            {
                "service": one.service,
                "kind": one.kind,
                "log_ratio": cell[0],
                "se": cell[1],
                "refused": list(one.refused),
            }
            for one, cell in kept
        ],
        "hidden": len(found) - len(kept),
        "traits": dict(sorted(sender.traits.items())),
        "code": code_version(),
    }
    content["digest"] = digest(content)
    return content if sender.sign is None else signed(content, sender.sign)


def _let_out(place: Place, found: Sequence[Pair], date: str, data: str) -> list[tuple[Pair, tuple[float, ...]]]:
    """The pairs whose estimates may leave: an error tells how many contacts it was made of, so few of them keep it at
    home."""
    rows: tuple[tuple[Cell, ...], ...] = tuple((f"{one.service} > {one.kind}", _cell(one)) for one in found)
    document = Document(
        name="upstream-pairs",
        title="Pairs of kinds",
        summary="",
        date=date,
        board=(DataTable("pairs", "", ("pair", "estimate"), rows),),
        appendix=(),
        facts={},
    )
    released = let_out(place.workspace.releases / "register.jsonl", document, place.settings.disclosure, data).content
    (table,) = released.board
    assert isinstance(table, DataTable)
    cells = [cell for _name, cell in table.rows]
    return [(one, cell) for one, cell in zip(found, cells, strict=True) if not isinstance(cell, Shown)]  # type: ignore[misc]


def _cell(one: Pair) -> Curve:
    events, contacts = one.seen
    of = (
        Count(events, "contacts", name=f"{one.kind} within 180 days after {one.service}"),
        Count(contacts, "contacts", name=f"{one.service} of everybody"),
    )
    return Curve((round(one.log_ratio, DIGITS), round(one.se, DIGITS)), of)


def read(file: Path) -> AreaEvidence:
    """An area's file. Raises Usage where it is none, was changed after it was made, or holds what cannot be."""
    return opened(file, SCHEMA, _area)


def _area(content: Mapping[str, Any]) -> AreaEvidence:
    return AreaEvidence(
        area=str(content["area"]),
        days=(str(content["days"][0]), str(content["days"][1])),
        controls=int(content["controls"]),
        pairs=tuple(_pair(one) for one in content["pairs"]),
        hidden=int(content["hidden"]),
        traits={str(name): str(value) for name, value in content["traits"].items()},
        code=str(content["code"]),
        digest=str(content["digest"]),
        signed_by=signer(content),
    )


def _pair(one: Mapping[str, Any]) -> Pair:
    log_ratio, se = float(one["log_ratio"]), float(one["se"])
    if not (abs(log_ratio) < 20 and 0 < se < 20):
        raise ValueError(f"{one['service']} > {one['kind']} has no estimate")
    return Pair(str(one["service"]), str(one["kind"]), log_ratio, se, refused=tuple(map(str, one["refused"])))


def is_one(file: Path) -> bool:
    """Whether a file says that it holds an area's pairs, whatever else is wrong with it."""
    return schema_of(file) == SCHEMA


def show(place: Place, file: Path) -> Answer:
    """What an area's file says, with its digest."""
    one = read(file)
    lines = [
        {"service": each.service, "kind": each.kind, "ratio": interval(alone(each)), "refused": list(each.refused)}
        for each in one.pairs
    ]
    return place.answer("evidence-pairs", {**_head(one), "traits": dict(one.traits), "pairs": lines})


def _head(one: AreaEvidence) -> dict[str, Any]:
    return {
        "area": one.area,
        "days": list(one.days),
        "controls": one.controls,
        "judged": len(one.pairs),
        "stay_at_home": one.hidden,
        "digest": one.digest,
        "signed_by": one.signed_by,
    }


def told(place: Place, files: Sequence[Path]) -> Answer:
    """Areas' files told together: every pair that two of them judged, with the spread between areas and one more
    area."""
    areas = [read(file) for file in files]
    if len({one.area for one in areas}) < max(len(areas), 2):
        raise Usage(
            "the partner question of a region takes one file of each of two areas or more",
            given=", ".join(one.area for one in areas),
            next_step="headwater partners --area FILE --area FILE",
        )
    found = pooled_pairs(areas)
    place.note("partners", f"over areas: {', '.join(one.area for one in areas)}")
    content = {
        "areas": [_head(one) for one in areas],
        "pairs": [_line(one) for one in found],
        "averting": sum(one.averting for one in found),
        "caveats": _caveats(areas),
    }
    return place.answer("partners-areas", content, (_forest(found),) if found else (), found)


def _line(one: PooledPair) -> dict[str, Any]:
    return {
        "service": one.service,
        "kind": one.kind,
        "averting": one.averting,
        "refused": one.refused,
        "average": interval(one.mean),
        "next_area": interval(one.next),
        "spread_between": interval(one.between),
        "chance_of_a_fall": round(one.chance_of_a_fall, 4),
        "areas": [
            {
                "area": each.area,
                "own": interval(each.own),
                "with_all": interval(each.with_all),
                "refused": list(each.refused),
            }
            for each in one.areas
        ],
    }


def _caveats(areas: Sequence[AreaEvidence]) -> list[str]:
    said = [
        f"{one.area} declared too few pairs that are nothing, so its estimates are not calibrated."
        for one in areas
        if one.controls < 10
    ]
    if len(areas) < 5:
        said.append(f"With {len(areas)} areas the spread between them rests largely on what was believed before.")
    return said


def _forest(found: Sequence[PooledPair]) -> FigureData:
    """The average area's ratio of the pairs that are surest to avert, and what one more area may have."""
    rows = [row for one in found[:DRAWN] for row in _rows(one)]
    return FigureData(
        name="areas",
        kind="forest",
        title="After contacts with a service, how a demand runs at the average area and at one more",
        alt=f"Rate ratios of {min(len(found), DRAWN)} pairs of kinds over several areas; 1 is no change.",
        columns=("label", "low", "mid", "high", "role", "measure"),
        rows=tuple(
            (label, round(of.low, 4), round(of.mid, 4), round(of.high, 4), role, "rate ratio")
            for label, of, role in rows
        ),
    )


def _rows(one: PooledPair) -> list[tuple[str, Any, str]]:
    name = f"{capital(kind_words(one.kind))} after {kind_words(one.service)}"
    return [(name, one.mean, "primary"), (f"{name}, one more area", one.next, "secondary")]
