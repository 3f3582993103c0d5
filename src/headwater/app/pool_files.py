"""The files of pools that a workspace holds: what sites were invited to, and the evidence that they sent."""

from __future__ import annotations

import json
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from headwater import governance
from headwater.app.evidence_file import read
from headwater.domain.errors import DataProblem, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol
    from headwater.domain.pool import SiteEvidence

INVITATION = "headwater.pool/1"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a region asked its sites for. hash: what names it; keys: the public key of each site that has to sign."""

    hash: str
    name: str
    agreed: Protocol
    sites: tuple[str, ...]
    keys: Mapping[str, str] = field(default_factory=dict)


def invitation_of(file: Path) -> Invitation:
    """What a file that `invite` wrote asks for. Raises Usage where it is none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        if content["schema"] != INVITATION:
            raise ValueError(f"it does not say schema {INVITATION}")
        agreed = governance.parse_protocol(tomllib.loads(content["protocol"]), file.name)
        keys = {str(site): governance.public_part(str(key)) for site, key in content.get("keys", {}).items()}
        return Invitation(name_of(content), str(content["pool"]), agreed, tuple(map(str, content["sites"])), keys)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Usage(
            "this is no pool's protocol",
            given=f"{file.name}: {problem}",
            allowed="a file that headwater pool --invite wrote",
            next_step="headwater pool NAME COLLAB --invite --site A --site B",
        ) from problem


def name_of(content: Mapping[str, Any]) -> str:
    """The hash by which sites and their locks name a pool's protocol."""
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def under_its_key(site: SiteEvidence, keys: Mapping[str, str]) -> None:
    """Raises DataProblem where a site has to sign and this file is not signed with its key."""
    wanted = keys.get(site.site)
    if wanted is not None and site.signed_by != wanted:
        raise DataProblem(
            f"the file of {site.site} is not signed by {site.site}",
            given=site.signed_by or "no signature",
            allowed=wanted,
            next_step="ask the site for its file: headwater evidence export COLLAB --site NAME --sign KEY",
        )


def files(place: Place, ending: str) -> list[Path]:
    """Those that were sent, then this workspace's own. ending: evidence, pool or pairs."""
    folders = (place.workspace.evidence, place.workspace.releases)
    return [file for folder in folders for file in sorted(folder.glob(f"*-{ending}.json"))]


def on_file(place: Place) -> Iterator[tuple[Path, SiteEvidence]]:
    """The evidence files; what does not read is left out."""
    for file in files(place, "evidence"):
        with suppress(Usage):
            yield file, read(file)


def invitations(place: Place) -> Iterator[tuple[Path, Invitation]]:
    """The pools' protocols; what does not read is left out."""
    for file in files(place, "pool"):
        with suppress(Usage):
            yield file, invitation_of(file)
