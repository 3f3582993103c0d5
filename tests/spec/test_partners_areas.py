"""The partner question over several areas: small files in, pairs of kinds told together out."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from headwater.app import areas, choosing
from headwater.app.place import Place
from headwater.app.pooling import Sender
from headwater.cli.main import main
from headwater.domain.areas import AreaEvidence, Pair
from headwater.domain.errors import Usage
from headwater.evidence.pooling import pooled_pairs
from places_world import PROTOCOL, panel_counts, write_trusts

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("Northshire", "Southshire", "Westshire")


def area(name: str, *pairs: Pair) -> AreaEvidence:
    return AreaEvidence(name, ("2021-01-01", "2023-12-31"), 12, pairs)


def test_what_averts_in_every_area_is_told_with_its_spread_and_one_more_area() -> None:
    """A fall of a fifth in six areas, a pair that is nothing, and one that a check refuses in most."""
    rng, made = np.random.default_rng(5), []
    for at in range(6):
        seen = rng.normal([-0.22, 0.0, -0.3], 0.05)
        refused = ("returns",) if at < 4 else ()
        made.append(
            area(
                f"area {at}",
                Pair("falls-team", "ae", seen[0], 0.05),
                Pair("library", "ae", seen[1], 0.05),
                Pair("clinic", "ae", seen[2], 0.05, refused=refused),
            )
        )
    falls, *others = pooled_pairs(made)
    assert (falls.service, falls.averting) == ("falls-team", True)
    assert falls.mean.low < np.exp(-0.22) < falls.mean.high < 1
    assert falls.next.low < falls.mean.low and falls.next.high > falls.mean.high, "one more area is told less surely"
    assert {one.service: (one.averting, one.refused) for one in others} == {
        "library": (False, False),
        "clinic": (False, True),
    }
    for line in falls.areas:
        assert (
            abs(np.log(line.with_all.mid) - np.log(falls.mean.mid))
            <= abs(np.log(line.own.mid) - np.log(falls.mean.mid)) + 0.02
        )


def test_a_pair_that_one_area_judged_is_no_pair_of_the_region() -> None:
    one = pooled_pairs(
        [area("A", Pair("a", "b", -0.5, 0.1), Pair("c", "b", 0.0, 0.1)), area("B", Pair("c", "b", 0.0, 0.1))]
    )
    assert [(each.service, len(each.areas)) for each in one] == [("c", 2)]


def test_of_two_dozen_pairs_that_are_nothing_hardly_any_is_told_to_avert() -> None:
    rng = np.random.default_rng(8)
    seen = rng.normal(0, 0.1, (3, 24))
    found = pooled_pairs(
        [area(name, *(Pair(f"s{at}", "ae", seen[row, at], 0.1) for at in range(24))) for row, name in enumerate(NAMES)]
    )
    assert sum(one.averting for one in found) <= 1


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each area's file, of pairs found beforehand; what its boards find is tested with the boards."""
    root, rng, made = tmp_path_factory.mktemp("areas"), np.random.default_rng(3), {}
    write_trusts(root / "place", panel_counts(2, 3, 1), PROTOCOL)
    place = Place(root / "place", notes=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_KEY_FILE", str(root / "key"))
        for name in NAMES:
            falls = Pair("falls_team", "ae_attendance", float(rng.normal(-0.25, 0.04)), 0.04, (400, 900))
            few = Pair("library_visit", "ae_attendance", -0.1, 0.6, (3, 900))
            patch.setattr(choosing, "pairs", lambda *_, found=(12, (falls, few)): found)
            told = areas.export(place, Sender(name), lambda *_: None).content
            assert (told["pairs"], told["stay_at_home"]) == (1, 1), "three events are a small count"
            made[name] = root / f"{name}-pairs.json"
            shutil.copy(place.workspace.releases / areas.FILE, made[name])
    return made


def asked(capsys: pytest.CaptureFixture[str], place: Path, *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["-q", "-w", str(place), "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_files_of_areas_are_told_together_by_partners(
    sent: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    root = sent["Northshire"].parent / "place"
    shown = asked(capsys, root, "evidence", "show", str(sent["Westshire"]))
    assert (shown["area"], shown["judged"], shown["stay_at_home"]) == ("Westshire", 1, 1)
    assert "400" not in sent["Westshire"].read_text() and "library" not in sent["Westshire"].read_text()
    words = [word for file in sent.values() for word in ("--area", str(file))]
    told = asked(capsys, root, "partners", *words)
    (pair,) = told["pairs"]
    assert pair["averting"] and pair["average"]["high"] < 1 and pair["spread_between"]["mid"] >= 0
    assert {one["area"] for one in pair["areas"]} == set(NAMES)
    assert main(["-q", "-w", str(root), "partners", *words]) == 0
    assert "less of a demand comes" in capsys.readouterr().out
    assert main(["-q", "-w", str(root), "partners", *words[:2]]) == 2, "one area is no region"
    assert main(["-q", "-w", str(root), "partners", *words, "--style", "mirror"]) == 2


def test_a_changed_file_of_an_area_is_refused(sent: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "changed.json"
    file.write_text(sent["Southshire"].read_text().replace("Southshire", "Eastshire"))
    with pytest.raises(Usage, match="can be used"):
        areas.read(file)
