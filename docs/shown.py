"""What the README and the tutorial show, made from the demonstration county: docs/report.png, and the outputs of
docs/tutorial.ipynb.

.venv/bin/python docs/shown.py COUNTY     COUNTY is the folder that `python3 go.py demo` made
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import typst
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "tutorial.ipynb"
REPORT = "releases/frequent-attenders-board-report.pdf"
DOTS = 90
"""Dots an inch: legible in the README, at about 200 kB."""
PAGE = """#set page(width: 210mm, height: 297mm, margin: 0pt)
#image(sys.inputs.report, page: 1, width: 100%)"""


def picture(report: Path) -> bytes:
    """The first page of a PDF as a PNG."""
    made = typst.compile(
        PAGE.encode(), root=str(report.parent), sys_inputs={"report": f"/{report.name}"}, format="png", ppi=DOTS
    )
    return made if isinstance(made, bytes) else made[0]


def executed(county: Path) -> nbformat.NotebookNode:
    """The tutorial with what each cell put out; nothing in it tells when or where it was run."""
    os.environ["HEADWATER_TUTORIAL"] = str(county)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=1800, kernel_name="python3", record_timing=False).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for kind, text in output.get("data", {}).items():
                output.data[kind] = text.replace(str(county.parent), "")
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    made = Path(sys.argv[1]).resolve()
    (HERE / "report.png").write_bytes(picture(made / REPORT))
    nbformat.write(executed(made), NOTEBOOK)
