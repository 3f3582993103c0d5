"""Evidence files and pools through the command line, and what a curve may tell of counts."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from headwater import governance
from headwater.app import booking, counting, evaluating, gathering, leaving, pooling
from headwater.app.evidence_file import read, signed
from headwater.app.place import Place
from headwater.cli.main import main
from headwater.disclosure import let_out, release
from headwater.domain.collaboration import Choice, Entry, Outcome, Role, Selection
from headwater.domain.errors import Usage
from headwater.domain.pool import SiteEvidence, SiteOutcome
from headwater.domain.release import Count, Curve, DataTable, Document, Shown
from headwater.domain.uncertainty import Interval
from headwater.domain.workspace import DisclosureSettings
from headwater.evidence.pooling import differences, pooled, unbound
from places_world import PROTOCOL, panel_counts, protocol, write_trusts

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., dict[str, Any]]

SITES = {"Northshire": 3, "Southshire": 4, "Westshire": 5}
RATIOS = {"Northshire": 0.75, "Southshire": 0.9, "Westshire": 0.95}
PLAN = PROTOCOL + '[[bearer]]\nkind = "ae_attendance"\nbearer = "unit-0000"\nshare = 1.0\n'


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One workspace a site, its protocol locked with the pool before anything was read, and the evidence file that it
    wrote."""
    root, made = tmp_path_factory.mktemp("sites"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_KEY_FILE", str(root / "key"))
        write_trusts(root / "region", panel_counts(2, 3, 1), PLAN)
        asked = pooling.invite(Place(root / "region", notes=False), "trusts", "one", tuple(SITES)).content
        for site, seed in SITES.items():
            place = str(root / site)
            write_trusts(
                root / site,
                panel_counts(20, 48, seed, start=36, ratio=RATIOS[site], mean=120),
                f"{asked['write']}\n{PLAN}",
            )
            for words in (
                ("load",),
                ("lock", "one", "--role", "analyst", "--reason", "before outcomes"),
                ("evidence", "export", "one", "--site", site, "--trait", "setting=rural"),
            ):
                assert main(["-q", "-w", place, "--json", *words]) == 0
            made[site] = root / site / "releases" / "one-evidence.json"
    return made


@pytest.fixture
def ask(files: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(files["Northshire"].parents[2] / "key"))

    def asked(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        assert main(["-q", "-w", str(files["Northshire"].parents[1]), "--json", *words]) == 0
        return json.loads(capsys.readouterr().out)

    return asked


def test_three_sites_are_told_together(ask: Ask, files: dict[str, Path]) -> None:
    """The average lies among the sites, each site is drawn towards it, and one more site is told less surely than the
    average."""
    told = ask("pool", "trusts", *map(str, files.values()))
    first = told["outcomes"][0]
    alone = {one["site"]: one["own"] for one in first["sites"]}
    assert set(alone) == set(SITES)
    assert (
        min(one["mid"] for one in alone.values()) < first["average"]["mid"] < max(one["mid"] for one in alone.values())
    )
    for one in first["sites"]:
        near, far = (abs(one[key]["mid"] - first["average"]["mid"]) for key in ("with_all", "own"))
        assert near <= far + 0.005
    width = {key: first[key]["high"] - first[key]["low"] for key in ("average", "next_site", "anytime")}
    assert width["next_site"] > width["average"]
    assert width["anytime"] > width["average"]
    assert told["in_words"].startswith("Over 3 sites together")
    assert any("3 sites" in one for one in told["caveats"])


def test_a_file_says_what_it_says_and_no_row(ask: Ask, files: dict[str, Path]) -> None:
    told = ask("evidence", "show", str(files["Southshire"]))
    assert (told["site"], told["status"], told["traits"]) == ("Southshire", "locked", {"setting": "rural"})
    assert files["Southshire"].stat().st_size < 50_000


def test_a_changed_file_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    changed = tmp_path / "changed.json"
    text = files["Westshire"].read_text()
    changed.write_text(text.replace('"site": "Westshire"', '"site": "Elsewhere"'))
    with pytest.raises(Usage, match="can be used"):
        read(changed)
    for broken in ("", "{}", "[1]", text[: len(text) // 2]):
        changed.write_text(broken)
        with pytest.raises(Usage):
            read(changed)


def test_one_site_s_evidence_under_two_names_is_counted_once(
    ask: Ask, files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given twice it would look like two sites that agree."""
    copy = tmp_path / "again"
    shutil.copytree(files["Northshire"].parents[1], copy)
    assert main(["-q", "-w", str(copy), "--json", "evidence", "export", "one", "--site", "Eastshire"]) == 0
    capsys.readouterr()
    asked = [str(files["Northshire"]), str(copy / "releases" / "one-evidence.json"), str(files["Southshire"])]
    place = Place(files["Southshire"].parents[1], notes=False)
    with pytest.raises(Usage, match="the same evidence under two names") as refused:
        pooling.pool(place, "trusts", asked)
    assert "Northshire and Eastshire" in str(refused.value.given)
    assert len(pooling.pool(place, "trusts", [asked[0], asked[2]]).content["sites"]) == 2


def test_verify_says_of_an_evidence_file_whether_it_is_as_it_was_made(
    ask: Ask, files: dict[str, Path], tmp_path: Path
) -> None:
    assert ask("verify", str(files["Westshire"]))["same"] is True
    changed = tmp_path / "changed.json"
    changed.write_text(files["Westshire"].read_text().replace("Westshire", "Eastshire"))
    place = Place(files["Northshire"].parents[1], notes=False)
    told = leaving.verify(place, changed).content
    assert told["same"] is False and "changed after it was made" in told["text"]


def test_what_a_pool_has_to_ask_alike(ask: Ask) -> None:
    """Who enters, at what age, for what, how long, how compared; where the people live may differ."""
    entry = Entry("ae_attendance", 4, 365, minimum_age=18)
    agreed = protocol(unit="person", entry=entry)
    assert differences(agreed, replace(agreed, entry=replace(entry, areas=("E01",)))) == ()
    told = differences(agreed, replace(agreed, entry=replace(entry, minimum_age=65), follow_up_days=100))
    assert told == ("at what age: 65, any, where the pool has 18, any", "days followed: 100, where the pool has 365")
    chosen = protocol(selection=Selection(Choice.LOT))
    assert differences(chosen, replace(chosen, selection=Selection(Choice.BUSIEST)))[0].startswith(
        "how places were chosen"
    )


def test_who_was_invited_and_stayed_away_is_named(ask: Ask, files: dict[str, Path]) -> None:
    made = ask(
        "pool", "trusts", "one", "--invite", *(word for site in (*SITES, "Eastshire") for word in ("--site", site))
    )
    told = ask("pool", "trusts", *map(str, files.values()), "--protocol", made["file"])
    assert told["missing"] == ["Eastshire"]
    assert any("stay away" in one for one in told["caveats"])


def test_a_site_that_asked_another_question_is_left_out_with_what_differs(ask: Ask, files: dict[str, Path]) -> None:
    made = ask("pool", "trusts", "one", "--invite", "--site", "Northshire", "--site", "Southshire")
    invitation = json.loads(Path(made["file"]).read_text(encoding="utf-8"))
    invitation["protocol"] = "follow_up_days = 99\n" + invitation["protocol"]
    other = files["Northshire"].with_name("other-pool.json")
    other.write_text(json.dumps(invitation))
    code = main(
        [
            "-q",
            "-w",
            str(files["Northshire"].parents[1]),
            "pool",
            "trusts",
            *map(str, files.values()),
            "--protocol",
            str(other),
        ]
    )
    assert code == 3, "nobody asked what the pool asks"


def test_published_effects_stand_beside_a_pool_and_move_nothing(ask: Ask, files: dict[str, Path]) -> None:
    plain = ask("pool", "trusts", *map(str, files.values()))
    beside = ask("pool", "trusts", *map(str, files.values()), "--beside", "case-management")
    assert beside["outcomes"] == plain["outcomes"]
    assert plain["published"] == []
    told = {one["printed"] for one in beside["published"]}
    assert "ratio 0.856 (0.631 to 1.16)" in told, "BMC Health Services Research 2022, nurse-led case management"
    place = str(files["Northshire"].parents[1])
    assert main(["-q", "-w", place, "pool", "trusts", *map(str, files.values()), "--beside", "wishing"]) == 2


# What is booked of a site


@pytest.fixture
def booked(files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first site's workspace, with the pool's protocol and the other sites' files in evidence/."""
    root = files["Northshire"].parents[2]
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(root / "key"))
    shutil.copytree(files["Northshire"].parents[1], tmp_path / "site")
    evidence = tmp_path / "site" / "evidence"
    evidence.mkdir()
    shutil.copy(root / "region" / "releases" / "trusts-pool.json", evidence)
    for site in ("Southshire", "Westshire"):
        shutil.copy(files[site], evidence / f"{site}-evidence.json")
    return tmp_path / "site"


def lots(root: Path) -> list[dict[str, Any]]:
    return booking.show(Place(root, notes=False)).content["lots"]


def test_a_lot_is_booked_by_what_its_site_is_given_by_all(booked: Path, files: dict[str, Path]) -> None:
    """The site alone saw more; the lot holds what is believed given all, the estimate stands beside, and words say
    why."""
    place = Place(booked, notes=False)
    told = pooling.pool(place, "trusts", list(map(str, files.values())), booked / "evidence" / "trusts-pool.json")
    given = next(one for one in told.content["outcomes"][0]["sites"] if one["site"] == "Northshire")
    result = evaluating.evaluate(place, "one").content
    assert result["rate_ratio"] == given["with_all"], "one figure, one value"
    alone = result["outcomes"][0]["given_all"]["alone"]["rate_ratio"]
    assert (alone["low"], alone["high"]) == pytest.approx((given["own"]["low"], given["own"]["high"]), abs=1e-4)
    counted = counting.count(place, "one").content
    assert "given all 3 sites of the pool trusts" in counted["claims"]["shrunk_towards"]
    assert "given all 3 sites of the pool trusts" in counted["in_words"]
    (lot,) = lots(booked)
    seen = lot["raw_averted"] / (1 / alone["mid"] - 1)
    assert lot["averted"] == pytest.approx(seen * (1 / given["with_all"]["mid"] - 1), rel=0.05)
    assert abs(lot["averted"] - lot["raw_averted"]) > 0.02 * abs(lot["raw_averted"])
    assert lot["averted_low"] < lot["averted"] < lot["averted_high"]
    assert counting.count(place, "one").content["claims"]["lots"] == counted["claims"]["lots"]
    assert lots(booked) == [lot], "counting twice books nothing twice"


def test_a_site_s_file_never_holds_what_others_told_it(booked: Path, files: dict[str, Path]) -> None:
    place = Place(booked, notes=False)
    again = pooling.export(place, "one", pooling.Sender("Northshire", {"setting": "rural"})).content
    assert again["digest"] == json.loads(files["Northshire"].read_text())["digest"]


def test_when_a_file_is_not_there_the_site_stands_alone_and_the_lot_is_booked_anew(booked: Path) -> None:
    place = Place(booked, notes=False)
    counting.count(place, "one")
    (given,) = lots(booked)
    (booked / "evidence" / "Westshire-evidence.json").unlink()
    counted = counting.count(place, "one").content
    assert "the file of Westshire is not here" in counted["claims"]["shrunk_towards"]
    (alone,) = lots(booked)
    assert alone["lot"] != given["lot"]
    open_claims = [one for one in booking.show(place).content["claims"] if one["claim"]["state"] == "measured"]
    assert sum(one["claim"]["contacts"] for one in open_claims) <= alone["averted"] + 1e-6


def test_a_pool_that_was_named_after_outcomes_were_read_is_not_booked(booked: Path) -> None:
    """The lock holds the pool only if it did so before the first outcome was read; what is amended afterwards does not
    count."""
    place, plan = Place(booked, notes=False), booked / "collaborations" / "one.toml"
    named = plan.read_text()
    assert governance.bound_pool(place.workspace, "one") in named
    plan.write_text(named.replace('pool = "', 'pool = "0'))
    governance.amend(place.workspace, "one", governance.Signed("analyst", "another pool", "2025-01-01", "x"))
    assert governance.bound_pool(place.workspace, "one") in named, "what held when outcomes were read"
    told = evaluating.evaluate(place, "one").content
    assert told["outcomes"][0]["given_all"] is None
    assert "because the pool's protocol was not locked before outcomes were read." in told["caveats"][0]


def site(name: str, bound: str = "p") -> SiteEvidence:
    return SiteEvidence(name, "one", "One", protocol(), "", "locked", "", ("", ""), "20", (), bound=bound)


@pytest.mark.parametrize(
    ("sites", "invited", "why"),
    [
        ([site("A"), site("B")], "AB", ""),
        ([site("A"), site("B")], "ABC", "the file of C is not here, and whoever stays away may have found less"),
        ([site("A"), site("B"), site("D")], "AB", "D was not invited"),
        ([site("A"), site("B", "")], "AB", "the pool's protocol was not locked before the outcomes of B were read"),
        ([site("A", "q"), site("B")], "AB", "the pool's protocol was not locked before the outcomes of A were read"),
    ],
)
def test_what_may_be_booked_of_a_pool(sites: list[SiteEvidence], invited: str, why: str) -> None:
    assert unbound("p", sites[0], sites, tuple(invited)) == why
    assert "this site's own evidence file is not here" in unbound("p", None, sites, tuple(invited))


def test_a_site_whose_comparison_broke_is_left_out_whatever_the_words_of_its_check() -> None:
    ratio = Interval(0.7, 0.8, 0.9)

    def with_line(name: str, broken: tuple[str, ...]) -> SiteEvidence:
        line = SiteOutcome(
            "ae_attendance",
            Role.PRIMARY,
            "averted",
            ("the fit before was poor",) if broken else (),
            ratio,
            ratio,
            None,
            3,
            broken,
            broken,
        )
        return replace(site(name), outcomes=(line,))

    told = pooled("p", protocol(), [with_line("A", ()), with_line("B", ()), with_line("C", ("pre-fit",))], {})
    assert told.left_out == {"C": "a check that has to pass failed (pre fit)"}


def test_a_pool_of_which_the_primary_outcome_is_not_told_is_no_pool_of_another() -> None:
    ratio = Interval(0.7, 0.8, 0.9)
    hidden = SiteOutcome("ae_attendance", Role.PRIMARY, "averted", (), None, None, None, 3)
    other = SiteOutcome("admission", Role.SECONDARY, "averted", (), ratio, ratio, None, 3)
    plan = protocol(outcomes=(Outcome("ae_attendance", Role.PRIMARY), Outcome("admission", Role.SECONDARY)))
    sites = [replace(site(name), outcomes=(hidden, other)) for name in "AB"]
    with pytest.raises(ValueError, match="primary outcome"):
        pooled("p", plan, sites, {})
    told = pooled("p", plan, [replace(one, outcomes=(replace(hidden, ratio=ratio), other)) for one in sites], {})
    assert [one.kind for one in told.outcomes] == ["ae_attendance", "admission"]


# Signatures


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A key pair a site, made by OpenSSH itself."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("OpenSSH is not on this computer")
    folder = tmp_path_factory.mktemp("keys")
    for site in SITES:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / site)], check=True)
    return {site: folder / site for site in SITES}


def sent(file: Path, key: Path, to: Path) -> Path:
    to.write_text(json.dumps(signed(json.loads(file.read_text(encoding="utf-8")), key)), encoding="utf-8")
    return to


def test_a_site_with_a_key_is_taken_under_its_signature_alone(
    ask: Ask, files: dict[str, Path], keys: dict[str, Path], tmp_path: Path
) -> None:
    names = ("Northshire", "Southshire", f"Westshire={keys['Westshire']}.pub")
    made = ask("pool", "trusts", "one", "--invite", *(word for name in names for word in ("--site", name)))["file"]
    others = [str(files[site]) for site in ("Northshire", "Southshire")]
    own = sent(files["Westshire"], keys["Westshire"], tmp_path / "own.json")
    assert ask("evidence", "show", str(own))["signed_by"] == " ".join(
        Path(f"{keys['Westshire']}.pub").read_text().split()[:2]
    )
    assert len(ask("pool", "trusts", *others, str(own), "--protocol", made)["sites"]) == 3
    for given in (files["Westshire"], sent(files["Westshire"], keys["Southshire"], tmp_path / "another's.json")):
        place = str(files["Northshire"].parents[1])
        assert main(["-q", "-w", place, "pool", "trusts", *others, str(given), "--protocol", made]) == 3


def test_a_signature_holds_for_its_own_text_and_purpose(keys: dict[str, Path], tmp_path: Path) -> None:
    signature, public = governance.sign("a digest", keys["Westshire"])
    assert governance.signed_by("a digest", signature, public)
    assert not governance.signed_by("another digest", signature, public)
    assert not governance.signed_by("a digest", signature, governance.sign("a digest", keys["Southshire"])[1])
    assert not governance.signed_by("a digest", "no signature", public)
    text = tmp_path / "text"
    text.write_text("a digest")
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", str(keys["Westshire"]), "-n", "file", str(text)], check=True
    )
    assert not governance.signed_by("a digest", (tmp_path / "text.sig").read_text(), public), "made for something else"


def test_a_key_that_asks_for_a_passphrase_or_is_none_is_refused(tmp_path: Path, keys: dict[str, Path]) -> None:
    locked = tmp_path / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "a phrase", "-f", str(locked)], check=True)
    (tmp_path / "none").write_text("no key")
    for one in (locked, tmp_path / "none", tmp_path / "absent"):
        with pytest.raises(Usage, match="does not sign"):
            governance.sign("a digest", one)
    with pytest.raises(Usage, match="public key"):
        governance.public_part("rubbish")


def test_a_file_whose_signature_is_not_its_keys_is_refused(
    files: dict[str, Path], keys: dict[str, Path], tmp_path: Path
) -> None:
    file = sent(files["Westshire"], keys["Westshire"], tmp_path / "own.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    content["signed_by"] = governance.sign("x", keys["Southshire"])[1]
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Usage, match="not that of the key"):
        read(file)


# What a curve may tell


def test_a_curve_of_few_contacts_stays_at_home() -> None:
    policy = DisclosureSettings()
    curves = [Curve((0.0, -1.0), (Count(n, "contacts"), Count(200, "contacts"))) for n in (4, 40)]
    assert release(curves, policy).content == [Shown("*", None), (0.0, -1.0)]


def test_a_second_curve_of_a_few_contacts_more_stays_at_home(tmp_path: Path) -> None:
    """A curve tells its contacts to the unit: two of them, a few contacts apart, would tell who came between."""
    register, policy = tmp_path / "register.jsonl", DisclosureSettings()

    def document(n: int) -> Document:
        cell = Curve((0.0, -1.0), (Count(n, "contacts", name="contacts of the enrolled"),))
        return Document("d", "t", "", "2024-01-01", (DataTable("c", "", ("o", "h"), (("a", cell),)),), (), {})

    def told(n: int, data: str) -> object:
        return let_out(register, document(n), policy, data).content.board[0].rows[0][1]  # type: ignore[union-attr]

    assert told(40, "one") == (0.0, -1.0)
    assert told(43, "two") == Shown("*", None)
    assert told(90, "three") == (0.0, -1.0)


def test_the_page_of_a_pool_tells_the_files_that_were_sent_and_this_workspace_s_own(
    files: dict[str, Path], tmp_path: Path
) -> None:
    root = tmp_path / "region"
    shutil.copytree(files["Northshire"].parents[1], root)
    place = Place(root, notes=False)
    assert gathering.gathered(place)["cannot"].startswith("a pool takes at least two sites")
    for site in ("Southshire", "Westshire"):
        assert gathering.keep(place, f"{site}.json", files[site].read_bytes())["site"] == site
    invitation = (files["Northshire"].parents[2] / "region" / "releases" / "trusts-pool.json").read_bytes()
    assert gathering.keep(place, "trusts.json", invitation)["sites"] == sorted(SITES)
    told = gathering.gathered(place)
    assert {one["site"] for one in told["told"]["outcomes"][0]["sites"]} == set(SITES)
    assert told["pools"] == [{"id": "one", "title": "One trust", "files": 3}]
    assert [figure.content.kind for figure in told.figures] == ["forest"]


def test_a_changed_file_is_not_kept(files: dict[str, Path], tmp_path: Path) -> None:
    sent = json.loads(files["Westshire"].read_text())
    sent["site"] = "Eastshire"
    place = Place(tmp_path, notes=False)
    with pytest.raises(Usage, match="changed after it was made"):
        gathering.keep(place, "x.json", json.dumps(sent).encode())
    assert not (tmp_path / "evidence").exists()
