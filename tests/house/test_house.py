"""The contracts of the house that no library checks: words, seals, doors, licences of words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import networkx
import pytest

from engine_cases import SETTINGS, named_stages
from headwater.cli.main import VERBS, headwater
from headwater.domain import collaboration, evidence, governance, ledger, money, options, release

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "headwater"
FILES = sorted(SOURCE.rglob("*.py"))


def test_only_disclosure_makes_a_seal() -> None:
    makers = {
        file.relative_to(SOURCE).parts[0]
        for file in FILES
        if (re.search(r"\bSeal\(", file.read_text()) and file.name != "release.py") or "Seal(rule" in file.read_text()
    }
    assert makers <= {"disclosure"}


def test_only_the_store_imports_an_engine() -> None:
    for file in FILES:
        tree = ast.parse(file.read_text())
        names = {
            alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        if file.relative_to(SOURCE).parts[0] != "store":
            assert not names & {"duckdb", "ibis", "pyspark"}, file


def test_every_word_of_the_design_is_in_the_glossary() -> None:
    glossary = (ROOT / "GLOSSARY.md").read_text()
    for module in (collaboration, evidence, governance, ledger, money, options, release):
        for word in (
            "Organisation",
            "Protocol",
            "Cohort",
            "Comparison",
            "Panel",
            "Effect",
            "Check",
            "Grade",
            "Verdict",
            "Freed",
            "Price",
            "Saving",
            "Bearer",
            "Lot",
            "Claim",
            "Statement",
            "Option",
            "Risk",
            "Control",
            "Gate",
            "Phase",
            "Decision",
            "Release",
        ):
            if hasattr(module, word):
                assert f"| {word} |" in glossary, word


def test_the_reference_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "build.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_a_command_with_help(verb: str) -> None:
    command = headwater.get_command(None, verb)  # type: ignore[arg-type]
    assert command is not None
    assert command.help or getattr(command, "commands", None)


BANNED = re.compile(r"\b(manager|handler|helper|utils|processor)\b", re.IGNORECASE)


def test_no_file_bears_a_banned_name() -> None:
    # Managers of services are posts of an organisation and may be spoken of; no code may be called one.
    assert not [file.name for file in FILES if BANNED.search(file.stem.replace("_", " "))]


def test_no_file_is_longer_than_the_house_allows() -> None:
    assert {file.name: n for file in FILES if (n := len(file.read_text().splitlines())) > 500} == {}


def test_no_line_is_left_out_of_the_formatter() -> None:
    mark = "# fmt" + ":"
    everywhere = (ROOT / folder for folder in ("src", "tests", "benchmarks", "docs"))
    left = {
        file.name for folder in everywhere for file in folder.rglob("*.py") if mark in file.read_text(encoding="utf-8")
    }
    assert not left


def test_no_machine_path_stands_in_the_project() -> None:
    pattern = re.compile(r"/(root|home|tmp|work)/")
    for file in [*FILES, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "DECISIONS.md"]:
        assert not pattern.search(file.read_text()), file


def test_every_named_stage_is_judged_on_both_engines() -> None:
    """A stage is one that is made anywhere in the source; the agreement tests compare every one that has settings among
    the cases."""
    stages = named_stages()
    written = sum(len(re.findall(r"(?<!class )\bStage\(", file.read_text())) for file in FILES)
    assert len(stages) == written, "two stages make one table, or one is hidden in a function"
    assert set(stages) == set(SETTINGS)


def test_no_ring_of_imports() -> None:
    """Not even one that is there for types alone: what two modules share has a module of its own."""
    graph = grimp.build_graph("headwater")
    arrows = [(name, other) for name in graph.modules for other in graph.find_modules_directly_imported_by(name)]
    rings = [ring for ring in networkx.strongly_connected_components(networkx.DiGraph(arrows)) if len(ring) > 1]
    assert [sorted(ring) for ring in rings] == []


def test_every_file_that_contributing_names_is_there() -> None:
    names = re.findall(r"`([\w./-]+/[\w.-]*\.(?:py|csv|toml|md))`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(names) > 20
    places = (ROOT, SOURCE, SOURCE / "report", SOURCE / "evidence" / "checks")
    assert [name for name in names if not any((place / name).exists() for place in places)] == []
