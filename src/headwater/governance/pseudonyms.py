"""The key behind the pseudonyms. It lives outside the workspace, so that a copied workspace does not carry it.

Pseudonyms are HMAC-SHA-256 (RFC 2104, FIPS 198-1). Losing the key means that new files cannot be joined to loaded ones:
load everything again and a new key is made.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from headwater.domain.workspace import Workspace

HEX_DIGITS = 32
"""128 bits: no two of a nation's numbers meet by chance."""


def pseudonym_key(workspace: Workspace) -> bytes:
    """The workspace's key, made on first use; HEADWATER_KEY_FILE names another file for it."""
    file = key_file(workspace)
    if not file.exists():
        keep_key(workspace, secrets.token_bytes(32))
    return bytes.fromhex(file.read_text(encoding="ascii").strip())


def keep_key(workspace: Workspace, key: bytes) -> None:
    """Use this key from now on: a partner's, by agreement, or the published one of made-up data, so that all get the same results."""
    write_atomically(key_file(workspace), key.hex())
    key_file(workspace).chmod(0o600)


def key_file(workspace: Workspace) -> Path:
    """Where the key is kept: the user's own settings folder, one file a workspace."""
    if named := os.environ.get("HEADWATER_KEY_FILE"):
        return Path(named)
    home = Path(os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    place = hashlib.sha256(str(workspace.root).encode()).hexdigest()[:16]
    return home / "headwater" / f"{place}.key"


def rotate_key(workspace: Workspace) -> None:
    """Make a new key; every file must be loaded again, and older pseudonyms mean nothing any more."""
    key_file(workspace).unlink(missing_ok=True)
    pseudonym_key(workspace)


def pseudonym(key: bytes, *parts: str) -> str:
    """The pseudonym of a number: the same for the same key and parts (an agency and its number, or a shared number)."""
    return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:HEX_DIGITS]
