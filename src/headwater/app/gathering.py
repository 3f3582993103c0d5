"""Other sites' evidence files as they came in: kept in evidence/, and told together collaboration by collaboration."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from headwater.app import pooling
from headwater.app.pool_files import invitation_of, invitations, on_file
from headwater.domain.errors import HeadwaterError, Usage
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.pool import SiteEvidence

    Filed = tuple[Path, SiteEvidence]


def keep(place: Place, name: str, sent: bytes) -> Answer:
    """What a site or a region sent into evidence/: an evidence file under the names of its site and collaboration, a
    pool's protocol under its own; a newer file takes the older's place."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sent.json"
        file.write_bytes(sent)
        try:
            asked = invitation_of(file)
            kept, told = (
                f"{asked.hash}-pool.json",
                place.answer(
                    "pool-invite", {"pool": asked.hash, "sites": list(asked.sites), "collaboration": asked.agreed.id}
                ),
            )
        except Usage:
            told = _evidence(place, name, file)
            kept = f"{_plain(told['site'])}-{_plain(told['collaboration'])}-evidence.json"
    place.workspace.evidence.mkdir(exist_ok=True)
    write_atomically(place.workspace.evidence / kept, sent)
    place.note("evidence keep", kept)
    return told


def _evidence(place: Place, name: str, file: Path) -> Answer:
    try:
        return pooling.show(place, file)
    except Usage as problem:
        raise Usage(
            problem.what,
            given=problem.given.replace("sent.json", ascii(name[:80])),
            allowed=problem.allowed,
            next_step="ask the site for the file that its export wrote",
        ) from problem


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "site"


def gathered(place: Place, collaboration: str = "") -> Answer:
    """What evidence files there are, by collaboration, and those of one collaboration told together, or why they cannot
    be."""
    found: dict[str, list[Filed]] = {}
    for file, one in on_file(place):
        found.setdefault(one.collaboration, []).append((file, one))
    chosen = collaboration if collaboration in found else max(found, key=lambda one: (len(found[one]), one), default="")
    mine = found.get(chosen, [])
    content = {
        "pools": [{"id": one, "title": of[0][1].title, "files": len(of)} for one, of in sorted(found.items())],
        "chosen": chosen,
        "title": mine[0][1].title if mine else "",
        "cannot": "",
        "told": None,
        "sites": [_filed(one) for _file, one in mine],
    }
    try:
        told = pooling.pool(place, chosen, [str(file) for file, _one in mine], _agreed(place, mine))
    except HeadwaterError as problem:
        return place.answer("pool-page", {**content, "cannot": f"{problem.what}: {problem.given}"})
    together = {key: value for key, value in told.content.items() if key != "schema"}
    figures = tuple(one.content for one in told.figures)
    return place.answer("pool-page", {**content, "told": together}, figures)


def _filed(one: SiteEvidence) -> dict[str, Any]:
    return {
        "site": one.site,
        "status": one.status,
        "followed": list(one.followed),
        "enrolled": one.enrolled,
        "digest": one.digest,
        "signed": bool(one.signed_by),
    }


def _agreed(place: Place, sites: Sequence[Filed]) -> Path | None:
    """The pool's protocol that the sites say they agreed to, where it is here."""
    agreed = {one.pool for _file, one in sites} - {""}
    return next((file for file, asked in invitations(place) if asked.hash in agreed), None)
