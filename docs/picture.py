"""The picture of the README: the first page of the board report that the demonstration county made.

.venv/bin/python docs/picture.py COUNTY     COUNTY is the folder of `python3 go.py demo`; writes docs/report.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent
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


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    (HERE / "report.png").write_bytes(picture(Path(sys.argv[1]) / REPORT))
