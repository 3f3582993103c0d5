"""`ready`: what the data as loaded bear, and what mends what they do not; nothing ends in a traceback or in nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headwater.app import bearing, choosing, reading
from headwater.app.place import Place
from headwater.cli.main import main
from headwater.domain.errors import HeadwaterError
from headwater.sources import read_settings

if TYPE_CHECKING:
    from pathlib import Path

VISITS = "id,pid,t,dept\n" + "".join(
    f"{at},{at % 40},2024-0{at % 9 + 1}-{at % 27 + 1:02d},{('ae', 'gp', 'ward')[at % 3]}\n" for at in range(240)
)
SOURCE = (
    '[[source]]\ntable = "contact"\nfiles = "data/{name}.csv"\nagency = "{name}"\n[source.columns]\ncontact ='
    ' "id"\nrecord = "pid"\nstart = "t"\nservice = "dept"\nkind = "dept"\n'
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    (tmp_path / "w" / "data").mkdir(parents=True)
    return tmp_path / "w"


def loaded(root: Path, agencies: tuple[str, ...], more: str = "") -> Place:
    (root / "headwater.toml").write_text(
        'place = "P"\n' + "".join(SOURCE.format(name=name) for name in agencies) + more
    )
    for name in agencies:
        (root / "data" / f"{name}.csv").write_text(VISITS)
    reading.load(Place(root))
    return Place(root)


def said(place: Place, style: str, organisation: str | None = None) -> tuple[bool, str, str]:
    found = [one for one in bearing.ready(place, organisation).content["questions"] if one["style"] == style]
    return found[0]["can"], found[0]["why"], found[0]["mend"]


def test_one_agency_is_told_who_is_lacking(root: Path) -> None:
    place = loaded(root, ("hospital",))
    assert said(place, "integration") == (
        False,
        "only hospital gave contacts",
        "add another agency's contacts, with a number, or names and birth dates, that both hold",
    )
    assert not said(place, "mirror")[0]


@pytest.mark.parametrize("organisation", [None, "hospital"])
def test_partners_of_contacts_alone_are_no_traceback_and_no_tie_at_nought(root: Path, organisation: str | None) -> None:
    found = choosing.find(loaded(root, ("hospital",)), organisation).content
    assert not [one for one in found["options"] if not one["benefit_gbp_per_year"] and one["rank"]]


def test_two_agencies_whose_numbers_nobody_shares_are_told_so(root: Path) -> None:
    can, why, mend = said(loaded(root, ("hospital", "council")), "integration")
    assert (can, why) == (False, "no person is known to two agencies")
    assert "NHS number" in mend


def test_contacts_that_bear_a_number_that_no_record_has_are_named(root: Path) -> None:
    (root / "data" / "people.csv").write_text("record\n" + "".join(f"L{at}\n" for at in range(30)))
    place = loaded(
        root, ("hospital", "council"), '[[source]]\ntable = "record"\nfiles = "data/people.csv"\nagency = "hospital"\n'
    )
    assert "most contacts of hospital bear a number" in said(place, "integration")[1]
    (orphans,) = bearing.ready(place).content["orphans"]
    assert (orphans["agency"], orphans["most"]) == ("hospital", True)


def test_people_shared_by_a_number_bear_integration(root: Path) -> None:
    records = "record,nhs_number\n" + "".join(f"{at},{number}\n" for at, number in enumerate(_numbers(40)))
    (root / "data" / "people.csv").write_text(records)
    more = "".join(
        f'[[source]]\ntable = "record"\nfiles = "data/people.csv"\nagency = "{name}"\n'
        for name in ("hospital", "council")
    )
    assert said(loaded(root, ("hospital", "council"), more), "integration") == (True, "", "")


def _numbers(count: int) -> list[str]:
    """Sound NHS numbers of the 999 range, which is nobody's."""
    found: list[str] = []
    for at in range(10_000):
        nine = f"99900{at:04d}"
        check = 11 - sum(int(figure) * weight for figure, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
        if check < 10:
            found.append(f"{nine}{check}")
        if len(found) == count:
            break
    return found


def test_own_words_are_priced_kinds_with_a_yes(root: Path) -> None:
    place = loaded(root, ("hospital",))
    kinds = {one["kind"]: (one["priced"], one["like"]) for one in bearing.ready(place).content["kinds"]}
    assert kinds == {
        "ae": (False, "ae_attendance"),
        "gp": (False, "gp_contact"),
        "ward": (False, "emergency_admission"),
    }
    bearing.accept(place, "ae", "ae_attendance")
    assert read_settings(root).sources[0].values == {"kind": {"ae": "ae_attendance"}}
    reading.load(Place(root))
    kinds = {one["kind"]: (one["priced"], one["like"]) for one in bearing.ready(Place(root)).content["kinds"]}
    assert kinds["ae_attendance"] == (True, "")
    bearing.accept(Place(root), "ae_attendance", "gp_contact")
    assert read_settings(root).sources[0].values == {"kind": {"ae": "gp_contact"}}, "said again, it is said anew"


def test_a_kind_that_every_row_has_is_renamed_too(root: Path) -> None:
    (root / "data" / "n.csv").write_text("unit,period,contacts\nA,2024-01-01,3\n")
    place = loaded(
        root, ("hospital",), '[[source]]\ntable = "count"\nfiles = "data/n.csv"\n[source.constants]\nkind = "niche"\n'
    )
    bearing.accept(place, "niche", "police_incident")
    assert read_settings(root).sources[1].constants == {"kind": "police_incident"}
    for kind, priced in (("niche", "no such kind"), ("unheard-of", "gp_contact")):
        with pytest.raises(HeadwaterError):
            bearing.accept(place, kind, priced)


@pytest.mark.parametrize(
    ("word", "priced"),
    [
        ("A&E", "ae_attendance"),
        ("ed_attendances", "ae_attendance"),
        ("district_nurse", "community_nursing"),
        ("purple", ""),
    ],
)
def test_words_are_likely_what_they_say(word: str, priced: str) -> None:
    assert bearing.like(word, frozenset({"ae_attendance", "community_nursing", "gp_contact"})) == priced


@pytest.mark.parametrize("word", ["maternity_admission", "incidents", "incident", "ward attendance"])
def test_words_that_may_mean_another_thing_are_not_suggested(word: str) -> None:
    priced = frozenset(
        {"emergency_admission", "elective_admission", "fire_incident", "police_incident", "ae_attendance"}
    )
    assert bearing.like(word, priced) == ""


@pytest.mark.parametrize(("known", "code"), [(40, 0), (30, 0), (10, 3)])
def test_a_load_says_whose_contacts_are_nobodys(
    root: Path, known: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty people have contacts; so many of them are in the file of people."""
    (root / "headwater.toml").write_text(
        'place = "P"\n'
        + SOURCE.format(name="hospital")
        + '[[source]]\ntable = "record"\nfiles = "data/people.csv"\nagency = "hospital"\n'
    )
    (root / "data" / "hospital.csv").write_text(VISITS)
    (root / "data" / "people.csv").write_text("record\n" + "".join(f"{at}\n" for at in range(known)))
    assert main(["-q", "-w", str(root), "load"]) == code
    assert (f"{240 - 6 * known} of 240 contacts of hospital" in capsys.readouterr().out) == (known < 40)
