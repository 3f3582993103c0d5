"""The tutorial notebook runs from its first cell to its last, shows pictures, and shows nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.acceptance
NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "tutorial.ipynb"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each code cell put out, run on a smaller county."""
    folder = tmp_path_factory.mktemp("tutorial")
    patch = pytest.MonkeyPatch()
    patch.setenv("HEADWATER_TUTORIAL", str(folder / "northshire"))
    patch.setenv("HEADWATER_TUTORIAL_PEOPLE", "5000")
    patch.setenv("HEADWATER_KEY_FILE", str(folder / "key"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    patch.undo()
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_answers_show_their_pictures_with_their_numbers(shown: list[dict[str, Any]]) -> None:
    pages = [output["data"]["text/html"] for output in shown if "text/html" in output.get("data", {})]
    assert len(pages) == 6
    assert sum("<svg" in page for page in pages) >= 3
    assert all("<table" in page for page in pages)
    assert not [page for page in pages if "src=" in page or "<script" in page]


def test_the_truth_stands_at_the_end(shown: list[dict[str, Any]]) -> None:
    said = "".join(output.get("text", "") for output in shown)
    assert "frequent-attenders   true 0.70" in said


def test_no_cell_complains(shown: list[dict[str, Any]]) -> None:
    assert not [output for output in shown if output["output_type"] == "error" or output.get("name") == "stderr"]
