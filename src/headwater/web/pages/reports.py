"""Reports and audit: make reports, download what was made, and see who asked what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.errors import Usage
from headwater.report import FORMATS
from headwater.web.asking import Go, Missing, Sent, Sheet

if TYPE_CHECKING:
    from headwater.web.asking import Ask

NAMES = {"html": "Web page", "pdf": "PDF", "docx": "Word", "xlsx": "Excel", "ods": "OpenDocument"}


def show(ask: Ask) -> Sheet:
    words = {"rows": _rows(ask), "formats": tuple(NAMES.items())}
    return Sheet("reports.html.j2", "Reports and audit", {"made": ask.need("progress")}, words)


def _rows(ask: Ask) -> list[tuple[str, list[tuple[str, str]]]]:
    """Report → (format's words, file name), for every report with a manifest; other files last, by themselves."""
    names = _files(ask)
    stems = [name.removesuffix(".manifest.json") for name in names if name.endswith(".manifest.json")]
    rows = [(stem, [(NAMES[form], f"{stem}.{form}") for form in NAMES if f"{stem}.{form}" in names]) for stem in stems]
    told = {file for _, files in rows for _, file in files}
    others = [name for name in names if name not in told and not name.endswith((".manifest.json", ".jsonl"))]
    return rows + [(name.removesuffix(".json"), [("Download", name)]) for name in others]


def _files(ask: Ask) -> list[str]:
    folder = ask.place.workspace.releases
    return sorted(file.name for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []


def make(ask: Ask) -> Go:
    chosen = [form for form in FORMATS if ask.word(f"format-{form}")]
    if not chosen:
        raise Usage("no format was chosen", allowed=", ".join(FORMATS), next_step="go back and choose one")
    return ask.start("report", "Make the board reports", "/reports", ",".join(chosen))


def file(ask: Ask) -> Sent:
    """A report, as a download. Only names that are in releases/ are served."""
    name = ask.path["name"]
    if name not in _files(ask) or name.endswith(".jsonl"):
        raise Missing(
            "there is no such report", given=repr(name[:120]), next_step="choose one on the page Reports and audit"
        )
    ask.place.note("download", name)
    return Sent(ask.place.workspace.releases / name)


def audit(ask: Ask) -> Sheet:
    return Sheet("audit.html.j2", "Audit trail", {"found": ask.need("audit")})
