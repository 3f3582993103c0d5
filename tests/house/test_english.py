"""Plain British public-sector English: nothing that a reader meets is written for machines or for this house alone."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path

import pytest

from headwater.disclosure.release import release
from headwater.domain.workspace import DisclosureSettings
from headwater.report import board_document
from headwater.report import html as page
from headwater.report.content import paper
from plain_english import faults
from report_board import facts

ROOT = Path(__file__).resolve().parents[2] / "src" / "headwater"
SAID = ("app", "capacity", "cli", "evidence", "governance", "ledger", "partners", "report", "savings", "stats", "web")
OF_MACHINES = frozenset(
    {
        "an ISO date",
        "a code of a kind or a verdict",
        "a value of a machine",
        "mend",
    }
)
"""Strings of the code may be keys and codes; what becomes of them is looked at on the pages."""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("locked on 2024-06-30", "an ISO date"),
        ("Locked 2025-01-06T08:00:00Z, hash", "an ISO date"),
        ("a net of £-85,919", "a minus after the pound sign"),
        ("it came to -£400", "a hyphen for a minus"),
        ("gp gives 101 % of it", "a space before the percent sign"),
        ("1 lot(s) withdrawn", "a plural in brackets"),
        ("fewer ae_attendance", "a code of a kind or a verdict"),
        ("share explained: −1159%", "a percentage over 1,000"),
        ("the net is nan", "a value of a machine"),
        ("Opens a lot of averted contacts", "'lot'"),
        ("We are very sure of this.", "'very sure'"),
        ("surely more", "'surely'"),
    ],
)
def test_each_fault_is_found(text: str, fault: str) -> None:
    assert any(one.startswith(fault) for one in faults(text))


def test_good_english_has_no_fault() -> None:
    assert (
        faults(
            "Fewer A&E attendances, about 110 a year, by 6 January 2025; a loss of −£400, or 12.5%. See"
            " frequent-attenders."
        )
        == []
    )


def strings(file: Path) -> list[str]:
    """The texts of a module that are sentences or part of one; docstrings and keys are not."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in texts if id(node) not in notes and " " in node.value.strip()]


@pytest.mark.parametrize("room", SAID)
def test_no_sentence_of_the_code_is_written_for_this_house_alone(room: str) -> None:
    found = [
        f"{file.name}: {fault}"
        for file in sorted((ROOT / room).rglob("*.py"))
        for text in strings(file)
        for fault in faults(text, but=OF_MACHINES)
    ]
    assert found == []


def test_no_template_has_a_word_of_this_house_alone() -> None:
    found = []
    for file in sorted(ROOT.rglob("*.j2")):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]+>", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{file.name}: {fault}" for fault in faults(text, but=frozenset({"mend"}))]
    assert found == []


def words_of(text: str) -> str:
    """A page's visible words, without hashes, file names and code."""
    shown = re.sub(r"<(style|script|svg|code|head)\b.*?</\1>", " ", text, flags=re.DOTALL)
    shown = re.sub(r"<[^>]+>", "\n", shown)
    return re.sub(r"\S*/\S*\.\w+|\b[0-9a-f]{16,}\b|\S+\.(?:csv|toml|jsonl?|xlsx)\b", " ", unescape(shown))


def test_the_board_report_is_plain_english() -> None:
    text = page.write(paper(release(board_document(facts()), DisclosureSettings()))).decode()
    assert faults(words_of(text)) == []
