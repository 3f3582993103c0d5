"""The style sheet of the pages, cut from govuk-frontend: `python docs/assets.py node_modules/govuk-frontend` writes it
again.

What is left out: the restricted font (GDS Transport) and every address of it, the crest and the crown, and the rules of
components that no page uses. What is kept stands under the MIT licence; `static/MANIFEST.json` holds every file's hash.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "src" / "headwater" / "web" / "static"
FACE = 'Arial,"Liberation Sans",Helvetica,sans-serif'
USED = (
    "back-link",
    "body",
    "button",
    "caption",
    "checkboxes",
    "details",
    "error-message",
    "error-summary",
    "fieldset",
    "file-upload",
    "footer",
    "form-group",
    "generic-header",
    "grid",
    "heading",
    "hint",
    "input",
    "inset-text",
    "label",
    "link",
    "list",
    "main-wrapper",
    "notification-banner",
    "section-break",
    "select",
    "service-navigation",
    "skip-link",
    "summary-card",
    "summary-list",
    "table",
    "tag",
    "task-list",
    "template",
    "textarea",
    "visually-hidden",
    "warning-text",
    "width-container",
    "!-display",
    "!-font",
    "!-margin",
    "!-padding",
    "!-static-margin",
    "!-static-padding",
    "!-text",
    "!-width",
)
"""Components (and helper classes) whose rules are kept: the name that follows `govuk-`."""
LICENCE = "LICENCE-govuk-frontend.txt"
FACE_FILE, FACE_LICENCE = "words.woff", "LICENCE-words.txt"
FONTS = STATIC.parents[1] / "report" / "fonts"
BORROWED = {FACE_FILE: "headwater-sans.woff", FACE_LICENCE: "LICENCE.txt"}
"""What the pages serve of the report's own files, under the name they serve it by."""


def rules(css: str) -> list[tuple[str, str]]:
    """(head, body) of each rule at the top level; an at-rule's body holds rules again."""
    found, at, depth, start = [], 0, 0, 0
    for place, letter in enumerate(css):
        if letter == "{":
            depth += 1
            if depth == 1:
                at = place
        elif letter == "}":
            depth -= 1
            if depth == 0:
                found.append((css[start:at].strip(), css[at + 1 : place]))
                start = place + 1
    return found


def wanted(selector: str) -> bool:
    """Whether every class of a selector belongs to a component that is used."""
    names = re.findall(r"\.govuk-((?:\\!)?-?[a-z][a-z-]*?)(?=__|--|[^a-z-]|$)", selector)
    plain = [name.replace("\\!", "!") for name in names]
    return all(any(name == one or name.startswith(f"{one}-") for one in USED) for name in plain)


def pruned(css: str) -> str:
    kept = []
    for head, body in rules(css):
        if head.startswith("@font-face"):
            continue
        if head.startswith(("@media", "@supports")):
            inner = pruned(body)
            kept.append(f"{head}{{{inner}}}" if inner else "")
        elif (selectors := [one for one in head.split(",") if wanted(one)]) and "url(" not in body:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def style_sheet(package: Path) -> str:
    """The pruned sheet. Raises ValueError where an address or the restricted font would be left in it."""
    css = (package / "dist" / "govuk" / "govuk-frontend.min.css").read_text(encoding="utf-8")
    css = pruned(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).replace("GDS Transport,arial,sans-serif", FACE)
    if left := re.findall(r"url\([^)]*\)|GDS Transport|crest", css):
        raise ValueError(f"left in the sheet: {left}")
    return css


def manifest(version: str) -> dict[str, object]:
    """Every file of the folder with its size, its hash, where it is from and its licence."""
    told = {
        "govuk.css": {"from": f"govuk-frontend {version} (npm), pruned, without its font", "licence": "MIT"},
        "pages.css": {"from": "Headwater", "licence": "Apache-2.0"},
        LICENCE: {"from": f"govuk-frontend {version}", "licence": "MIT"},
        FACE_FILE: {"from": "Liberation Sans 2.1, Latin letters alone, named Headwater Sans", "licence": "OFL-1.1"},
        FACE_LICENCE: {"from": "Liberation Sans", "licence": "OFL-1.1"},
    }
    for name, about in told.items():
        content = (FONTS / BORROWED[name] if name in BORROWED else STATIC / name).read_bytes()
        about.update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())  # type: ignore[call-overload]
    return {"files": told}


def main() -> int:
    if len(sys.argv) > 1:
        package = Path(sys.argv[1])
        version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        (STATIC / "govuk.css").write_text(style_sheet(package), encoding="utf-8")
    else:
        version = re.findall(r'frontend-version:"([\d.]+)"', (STATIC / "govuk.css").read_text(encoding="utf-8"))[0]
    (STATIC / "MANIFEST.json").write_text(json.dumps(manifest(version), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
