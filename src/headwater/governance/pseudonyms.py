"""The key behind the pseudonyms. It lives outside the workspace, so that a copied workspace does not carry it.

Pseudonyms are HMAC-SHA-256 (RFC 2104, FIPS 198-1). Losing the key means that new files cannot be joined to loaded ones:
load everything again and a new key is made.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.domain.errors import Failed, Usage
from headwater.store.files import replaced, write_atomically
from headwater.store.site import settings_folder, site

if TYPE_CHECKING:
    from headwater.domain.workspace import Workspace

HEX_DIGITS = 32
"""128 bits: no two of a nation's numbers meet by chance."""
SHORTEST = 16
"""Bytes of a key: RFC 2104 asks for as many as the digest gives, and half of that is beyond all guessing."""
PUBLISHED = 1000
"""Seeds of made-up counties whose keys are known to be published."""


def pseudonym_key(workspace: Workspace) -> bytes:
    """The workspace's key, made on first use; HEADWATER_KEY_FILE names another file for it.

    The workspace holds the key's fingerprint. Raises Failed where it was loaded under a key that is not here, as after
    a move
    or on another account: a new key would give everybody a second name, and count them twice.
    """
    file, held = key_file(workspace), fingerprint_of(workspace)
    if not file.exists():
        if held or (workspace.store / "manifest.json").exists():
            raise _elsewhere(workspace, file)
        keep_key(workspace, secrets.token_bytes(32))
    key = _read(file)
    if held and held != fingerprint(key):
        raise _elsewhere(workspace, file)
    if not held:
        _refuse_published(workspace, key)
        write_atomically(_mark(workspace), json.dumps({"fingerprint": fingerprint(key)}))
    return key


def fingerprint(key: bytes) -> str:
    """What tells one key from another and gives neither away."""
    return hmac.new(key, b"headwater key", hashlib.sha256).hexdigest()[:16]


def fingerprint_of(workspace: Workspace) -> str:
    """The fingerprint of the key that the workspace was loaded under, '' for none."""
    try:
        return str(json.loads(_mark(workspace).read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def keep_key(workspace: Workspace, key: bytes) -> None:
    """Use this key from now on: a partner's, by agreement. Raises Usage for a short one, and where another key is kept
    already."""
    file = key_file(workspace)
    _long_enough(key, file)
    if file.exists() and _read(file) != key:
        raise Usage(
            "another key is kept there already, and is not written over",
            given=str(file),
            next_step="name another file in HEADWATER_KEY_FILE, or headwater key rotate",
        )
    _write(file, key)


def lend_key(workspace: Workspace, key: bytes) -> None:
    """A published key for made-up people, kept only where no key is: whoever has one keeps it."""
    if not key_file(workspace).exists():
        _write(key_file(workspace), key)


def key_file(workspace: Workspace) -> Path:
    """Where the key is kept: the user's own settings folder, one file a workspace."""
    if named := os.environ.get("HEADWATER_KEY_FILE"):
        return Path(named)
    place = hashlib.sha256(str(workspace.root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    folder = site().key_folder
    return (Path(folder) if folder else settings_folder() / "headwater") / f"{place}.key"


def prepare_key(workspace: Workspace) -> str:
    """A new key beside the one in use, which stays in use; its fingerprint. Made once, however often it is asked
    for."""
    file = _next(workspace)
    if not file.exists():
        _write(file, secrets.token_bytes(32))
    return fingerprint(_read(file))


def rotate_key(workspace: Workspace) -> None:
    """Take the prepared key into use; every file must be loaded again, and older pseudonyms mean nothing any more."""
    if _next(workspace).exists():
        replaced(_next(workspace), key_file(workspace))
    write_atomically(_mark(workspace), json.dumps({"fingerprint": fingerprint(_read(key_file(workspace)))}))


def _next(workspace: Workspace) -> Path:
    return key_file(workspace).with_name(f"{key_file(workspace).name}.next")


def _mark(workspace: Workspace) -> Path:
    return workspace.hidden / "key.json"


def _read(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as problem:
        raise Failed(
            "the key behind the pseudonyms cannot be read",
            given=str(file),
            allowed="64 hexadecimal digits",
            next_step="put back the key file from your backup; a new key would count everybody twice",
        ) from problem
    _long_enough(key, file)
    return key


def _write(file: Path, key: bytes) -> None:
    write_atomically(file, key.hex())
    with suppress(OSError):  # on Windows the user's own folder is what keeps others out
        file.chmod(0o600)


def _long_enough(key: bytes, file: Path) -> None:
    if len(key) < SHORTEST:
        raise Usage(
            "the key is too short to keep anybody's number",
            given=f"{len(key)} bytes in {file}",
            allowed=f"{SHORTEST} bytes or more",
        )


def published_key(seed: int) -> bytes:
    """The key of a made-up county, which hides nobody: the same seed gives everybody the same figures."""
    return hashlib.sha256(f"northshire {seed}".encode()).digest()


def is_made_up(workspace: Workspace) -> bool:
    """Whether it is a made-up county under its published key: the truth lies beside it, and everybody has the same
    files."""
    file = key_file(workspace)
    return _holds_truth(workspace) and file.exists() and _published(_read(file))


def _holds_truth(workspace: Workspace) -> bool:
    return (workspace.root / "truth" / "truth.json").exists()


def _published(key: bytes) -> bool:
    return any(hmac.compare_digest(key, published_key(seed)) for seed in range(PUBLISHED))


def _refuse_published(workspace: Workspace, key: bytes) -> None:
    if _holds_truth(workspace):
        return
    if not any(key) or _published(key):
        raise Usage(
            "this key is published, and would hide nobody",
            given=str(key_file(workspace)),
            allowed="a key that nobody else has",
            next_step="name another file in HEADWATER_KEY_FILE; a new key is made in it",
        )


def _elsewhere(workspace: Workspace, file: Path) -> Failed:
    held = fingerprint_of(workspace)
    wanted = f"; wanted: the key with fingerprint {held}" if held else ""
    return Failed(
        "the key that this workspace was loaded under is not here: the workspace was moved, or belongs to another"
        " account",
        given=f"{file}{'' if file.exists() else ' (no such file)'}{wanted}",
        allowed="the same key; a new one would give everybody a second name and count them twice",
        next_step=_where_from(file, held),
    )


def _where_from(file: Path, held: str) -> str:
    """What to do about a key that is not at its place: this account may have it under another workspace's name."""
    for other in sorted(file.parent.glob("*.key")) if held else ():
        with suppress(Failed, Usage, OSError, ValueError):
            if other != file and fingerprint(_read(other)) == held:
                return f"this account has it for the folder that the workspace was copied from: copy {other} to {file}"
    return "copy the key file there, or name it in HEADWATER_KEY_FILE; or, where it is lost, headwater key rotate"


def pseudonym(key: bytes, *parts: str) -> str:
    """The pseudonym of a number: the same for the same key and parts (an agency and its number, or a shared number)."""
    return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:HEX_DIGITS]
