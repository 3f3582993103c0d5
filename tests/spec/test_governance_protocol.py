"""Protocols, their lock, and the key behind pseudonyms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headwater.domain.collaboration import Status
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.workspace import Workspace
from headwater.governance import (
    Signed,
    amend,
    audit_entries,
    difference,
    key_file,
    lock,
    outcomes_read,
    prepare_key,
    protocol_docs,
    pseudonym,
    pseudonym_key,
    read_protocol,
    record_audit,
    rotate_key,
    standing,
    write_protocol,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
id = "team"
name = "The team"
style = "upstream"
lead = "gp"
partners = ["hospital"]
start = 2023-04-01
theory = "Seen earlier, people come less often."
owner = "head of urgent care"
unit = "person"

[entry]
kind = "ae_attendance"
at_least = 3
within_days = 90

[comparison]
method = "matched"
per_unit = 3

[[outcome]]
kind = "ae_attendance"
role = "primary"

[[cost]]
bearer = "icb"
what = "running"
gbp = 1000
yearly = true

[[bearer]]
kind = "ae_attendance"
bearer = "icb"
share = 1

[[agreement]]
what = "data-sharing"
between = ["gp", "hospital"]
expires = 2024-06-30

[cashable]
ae_attendance = 0.2
"""


def by(reason: str) -> Signed:
    return Signed("head of finance", reason, "2024-01-01T00:00:00Z", "1")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path)
    made.collaborations.mkdir()
    (made.collaborations / "team.toml").write_text(TEXT)
    return made


def edit(workspace: Workspace, old: str, new: str) -> None:
    file = workspace.collaborations / "team.toml"
    file.write_text(file.read_text().replace(old, new))


def test_writing_and_reading_give_the_same_protocol(workspace: Workspace) -> None:
    protocol = read_protocol(workspace.collaborations / "team.toml")
    (workspace.collaborations / "team.toml").write_text(write_protocol(protocol))
    assert read_protocol(workspace.collaborations / "team.toml") == protocol
    assert protocol.entry is not None
    assert protocol.entry.at_least == 3
    assert protocol.cashable == {"ae_attendance": 0.2}


def test_every_problem_is_told_at_once(workspace: Workspace) -> None:
    edit(workspace, 'style = "upstream"', 'stile = "upstream"')
    edit(workspace, "at_least = 3", 'at_least = "three"')
    edit(workspace, "share = 1", "share = 0.4")
    with pytest.raises(Usage) as wrong:
        read_protocol(workspace.collaborations / "team.toml")
    for told in (
        "did you mean 'style'",
        "style is missing",
        "at_least: 'three' is not a whole number",
        "add up to 0.4",
    ):
        assert told in str(wrong.value)


def test_people_need_the_rule_that_made_them_eligible(workspace: Workspace) -> None:
    edit(workspace, '[entry]\nkind = "ae_attendance"\nat_least = 3\nwithin_days = 90\n', "")
    with pytest.raises(Usage, match="regression to the mean"):
        read_protocol(workspace.collaborations / "team.toml")


def test_a_file_that_is_not_toml_is_said_to_be_so(workspace: Workspace) -> None:
    (workspace.collaborations / "team.toml").write_text("id = ")
    with pytest.raises(Usage, match="not TOML"):
        read_protocol(workspace.collaborations / "team.toml")


def test_unlocked_is_exploratory_and_locked_is_locked(workspace: Workspace) -> None:
    assert standing(workspace, "team").status is Status.EXPLORATORY
    held = lock(workspace, "team", by("agreed"))
    assert held.status is Status.LOCKED
    assert lock(workspace, "team", by("again")) == held
    outcomes_read(workspace, "team")
    assert standing(workspace, "team").status is Status.LOCKED


def test_comments_and_spacing_do_not_break_a_lock(workspace: Workspace) -> None:
    lock(workspace, "team", by("agreed"))
    edit(workspace, 'lead = "gp"', '# who leads\nlead   =   "gp"')
    assert standing(workspace, "team").status is Status.LOCKED


def test_a_lock_after_outcomes_were_read_stays_exploratory(workspace: Workspace) -> None:
    outcomes_read(workspace, "team")
    held = lock(workspace, "team", by("too late"))
    assert held.status is Status.EXPLORATORY
    assert "only after outcomes had been read" in held.deviations[0]


def test_a_changed_protocol_is_a_breach_that_names_the_field(workspace: Workspace) -> None:
    lock(workspace, "team", by("agreed"))
    edit(workspace, "within_days = 90", "within_days = 30")
    with pytest.raises(ProtocolBreach, match="entry") as breach:
        standing(workspace, "team")
    assert breach.value.exit_code == 4
    assert [change["field"] for change in difference(workspace, "team")] == ["entry, within_days"]
    with pytest.raises(ProtocolBreach, match="changed since"):
        lock(workspace, "team", by("again"))


def test_an_amendment_needs_a_reason_and_says_so_ever_after(workspace: Workspace) -> None:
    lock(workspace, "team", by("agreed"))
    edit(workspace, "within_days = 90", "within_days = 30")
    with pytest.raises(ProtocolBreach, match="reason"):
        amend(workspace, "team", by(" "))
    outcomes_read(workspace, "team")
    held = amend(workspace, "team", by("the rule was mistyped"))
    assert held.status is Status.AMENDED
    assert "after outcomes were read: the rule was mistyped" in held.deviations[0]


def test_what_was_never_locked_cannot_be_amended(workspace: Workspace) -> None:
    with pytest.raises(ProtocolBreach, match="never locked"):
        amend(workspace, "team", by("x"))


def test_an_unknown_collaboration_names_the_known_ones(workspace: Workspace) -> None:
    with pytest.raises(Usage, match="team"):
        lock(workspace, "teem", by("x"))


@pytest.mark.parametrize("harm", ["edit", "drop", "swap"])
def test_a_tampered_lock_file_is_found_and_located(workspace: Workspace, harm: str) -> None:
    lock(workspace, "team", by("agreed"))
    outcomes_read(workspace, "team")
    file = workspace.governance / "locks.jsonl"
    lines = file.read_text().splitlines()
    harmed = {"edit": [lines[0].replace("agreed", "forced"), lines[1]], "drop": lines[1:], "swap": lines[::-1]}[harm]
    file.write_text("\n".join(harmed) + "\n")
    with pytest.raises(ProtocolBreach, match="line 1"):
        standing(workspace, "team")


def test_a_line_torn_by_a_power_cut_never_counted(workspace: Workspace) -> None:
    lock(workspace, "team", by("agreed"))
    file = workspace.governance / "locks.jsonl"
    whole, anchor = file.read_bytes(), workspace.hidden / "heads" / "locks.head"
    noted = anchor.read_bytes()
    for cut in (1, 40, 200):
        file.write_bytes(whole + whole[:cut])
        anchor.write_bytes(noted)
        assert standing(workspace, "team").status is Status.LOCKED
        outcomes_read(workspace, "team")
        assert [json.loads(line)["act"] for line in file.read_text().splitlines()] == ["lock", "outcomes-read"]


def test_the_audit_log_keeps_its_order(workspace: Workspace) -> None:
    for what in ("load", "evaluate team"):
        record_audit(workspace, role="analyst", what=what, data="d1", purpose="evaluation", at="2024-01-01T00:00:00Z")
    assert [entry["what"] for entry in audit_entries(workspace)] == ["load", "evaluate team"]


def test_the_key_is_kept_outside_the_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.delenv("HEADWATER_KEY_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    key = pseudonym_key(workspace)
    assert pseudonym_key(workspace) == key
    assert home in key_file(workspace).parents
    assert workspace.root not in key_file(workspace).parents
    prepare_key(workspace)
    assert pseudonym_key(workspace) == key, "in use until the new one is taken"
    rotate_key(workspace)
    assert pseudonym_key(workspace) != key


def test_pseudonyms_depend_on_the_key_and_every_part() -> None:
    one = pseudonym(b"k", "hospital", "12")
    assert len(one) == 32
    assert (
        len(
            {one, pseudonym(b"l", "hospital", "12"), pseudonym(b"k", "police", "12"), pseudonym(b"k", "hospital1", "2")}
        )
        == 4
    )


def test_the_documentation_names_every_key() -> None:
    text = protocol_docs()
    for key in ("at_least", "per_unit", "worthwhile", "yearly", "expires", "cashable", "minimum_grade"):
        assert key in text


@pytest.mark.parametrize("line", ['method = "did"', 'exact = ["shoe_size"]', "caliper = 0"])
def test_a_comparison_that_people_do_not_have_is_refused_before_the_lock(workspace: Workspace, line: str) -> None:
    """What is locked is what is done: no other method, no column that is not there, no distance that nobody lies
    within."""
    edit(workspace, 'method = "matched"', line)
    with pytest.raises(Usage, match="1 problem"):
        read_protocol(workspace.collaborations / "team.toml")


def test_a_method_for_people_is_refused_for_places_and_the_default_is_written_out(workspace: Workspace) -> None:
    edit(workspace, 'unit = "person"', 'unit = "place"')
    with pytest.raises(Usage, match="1 problem"):
        read_protocol(workspace.collaborations / "team.toml")
    edit(workspace, 'method = "matched"', "")
    assert read_protocol(workspace.collaborations / "team.toml").comparison.method == "synthetic-did"


def test_an_id_that_is_not_its_file_is_refused(workspace: Workspace) -> None:
    edit(workspace, 'id = "team"', 'id = "other"')
    with pytest.raises(Usage, match="own name"):
        read_protocol(workspace.collaborations / "team.toml")


def test_places_are_chosen_before_the_start(workspace: Workspace) -> None:
    edit(workspace, "[comparison]", '[selection]\nrule = "lot"\nchosen = 2024-01-01\n\n[comparison]')
    with pytest.raises(Usage, match="1 problem"):
        read_protocol(workspace.collaborations / "team.toml")
