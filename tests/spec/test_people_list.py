"""Roles at the command line: words that are typed, or, where the computer asks for it, the roles of people on a signed
list."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from acts_world import KEY, Case, case_in
from headwater.cli.main import main
from headwater.governance import people
from headwater.ledger import Ledger

PERSON = (
    '[[person]]\nid = "a.b@example.org"\naccounts = ["AB123", "county\\\\ab123"]\nroles = ["analyst", "finance'
    ' verifier"]\n'
)
OTHER = '[[person]]\nid = "c.d@example.org"\naccounts = ["cd456"]\nroles = ["finance verifier"]\n'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("administrator", "somebody"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    return {name: folder / name for name in ("administrator", "somebody")}


@pytest.fixture
def root(case: Case, keys: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace on a computer that asks for a list, with a list that the administrator signed."""
    site = tmp_path / "site.toml"
    public = (keys["administrator"].with_suffix(".pub")).read_text().strip()
    site.write_text(f'people_signer = "{public}"\n')
    monkeypatch.setenv("HEADWATER_SITE", str(site))
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))
    case.fresh()
    case.key.write_text(KEY.hex())
    listed(case.at, PERSON + OTHER, keys["administrator"])
    return case.at


def listed(root: Path, text: str, key: Path, purpose: str = people.NAMESPACE) -> None:
    file = root / "governance" / "people.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())
    file.with_name("people.toml.sig").unlink(missing_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", purpose, str(file)], check=True, capture_output=True
    )


def by(account: str, root: Path, *words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "account_here", lambda: account)
        return main(["-q", "-w", str(root), *words])


SIGN = ("--reason", "seen against the budget")
CLAIM = ("ledger", "claim", "lot-1", "--bearer", "hospital", "--contacts", "5", "--year", "2023-24", "--reason", "more")


def test_who_booked_cannot_accept_in_another_of_their_own_roles(root: Path) -> None:
    assert by("ab123", root, *CLAIM) == 0
    books = Ledger(root / "ledger.jsonl", root / ".headwater" / "units")
    made = books.claims[-1]
    assert made.claim.role == "analyst, a.b@example.org"
    accept = ("ledger", "accept", made.claim.claim, "--role", "finance verifier", *SIGN)
    assert by("county\\AB123", root, *accept) == 4, "the same person under another account"
    assert by("cd456", root, *accept) == 0
    last = json.loads((root / "ledger.jsonl").read_text().splitlines()[-1])
    assert last["role"] == "finance verifier, c.d@example.org"


def test_whoever_has_another_role_than_the_workspaces_acts_in_their_own(root: Path) -> None:
    assert by("cd456", root, *CLAIM) == 0
    made = Ledger(root / "ledger.jsonl", root / ".headwater" / "units").claims[-1]
    assert made.claim.role == "finance verifier, c.d@example.org"
    assert by("cd456", root, "ledger", "accept", made.claim.claim, "--role", "finance verifier", *SIGN) == 4


@pytest.mark.parametrize(
    ("account", "role", "code"),
    [
        ("ab123", "Finance Verifier", 0),
        ("ab123", "board", 2),
        ("nobody", "finance verifier", 4),
        ("root", "analyst", 4),
    ],
)
def test_only_people_on_the_list_act_and_in_their_own_roles(root: Path, account: str, role: str, code: int) -> None:
    assert by(account, root, "ledger", "reverse", "second", "--role", role, "--reason", "counted elsewhere") == code


def test_a_list_that_is_not_the_administrators_is_none(
    root: Path, keys: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file = root / "governance" / "people.toml"
    harms = {
        "signed by somebody else": lambda: listed(root, PERSON, keys["somebody"]),
        "signed for something else": lambda: listed(root, PERSON, keys["administrator"], "file"),
        "edited after it was signed": lambda: file.write_text(PERSON.replace("analyst", "board")),
        "saved with other line ends": lambda: file.write_bytes((PERSON + OTHER).replace("\n", "\r\n").encode()),
        "without its signature": lambda: file.with_name("people.toml.sig").unlink(),
        "gone": file.unlink,
        "binary": lambda: file.write_bytes(bytes(range(256))),
    }
    for name, do in harms.items():
        listed(root, PERSON + OTHER, keys["administrator"])
        do()
        capsys.readouterr()
        assert by("ab123", root, "ledger", "show") == 4, name
        assert "list of people" in capsys.readouterr().err, name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[person]\nid = 1\n",
        "[[person]]\nid = 'x@y'\n",
        PERSON.replace("@", " at "),
        PERSON.replace('["analyst", "finance verifier"]', "[]"),
        "person = 3",
    ],
)
def test_a_signed_list_that_does_not_read_says_so(
    root: Path, keys: dict[str, Path], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listed(root, text, keys["administrator"])
    assert by("ab123", root, "ledger", "show") == 4
    assert "cannot be read" in capsys.readouterr().err


def test_line_ends_of_another_system_are_part_of_what_is_signed(root: Path, keys: dict[str, Path]) -> None:
    listed(root, (PERSON + OTHER).replace("\n", "\r\n"), keys["administrator"])
    assert by("ab123", root, "ledger", "show") == 0


def test_without_a_signer_roles_are_words(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEADWATER_SITE", str(tmp_path / "none.toml"))
    assert by("nobody", root, "ledger", "reverse", "second", "--role", "board", "--reason", "counted elsewhere") == 0


def test_the_account_is_the_systems_word_not_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    known = people.account_here()
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, "finance-director")
    assert people.account_here() == known != "finance-director"
