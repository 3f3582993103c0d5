"""Who may act at the command line, and in which roles: a list in the workspace that the administrator signed.

governance/people.toml      [[person]]  id = "a.b@example.org"   accounts = ["ab123"]   roles = ["analyst", "finance
verifier"]
governance/people.toml.sig  ssh-keygen -Y sign -f KEY -n headwater-people governance/people.toml

site.toml names the public key that must have signed it (people_signer), so that nobody who may edit the workspace makes
a list of their own. Without that key roles are words that people type.
"""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import ProtocolBreach, one_of
from headwater.domain.spelled import letters_of
from headwater.governance.signing import signed_by
from headwater.store.site import site

if TYPE_CHECKING:
    from headwater.domain.workspace import Workspace

FILE = "people.toml"
NAMESPACE = "headwater-people"
"""What is signed for: a signature under evidence is none under a list of people."""


def list_asked() -> bool:
    """Whether this computer asks for a signed list of people."""
    return bool(site().people_signer)


def identified(workspace: Workspace, role: str, *, typed: bool = True) -> str:
    """The role with the person who is at this computer, where a list is asked for; else the role as it was typed.

    typed: whether somebody asked for this very role; the one that headwater.toml names gives way to the person's first.

    Raises ProtocolBreach where the list is missing, is not signed by the key that site.toml names, or does not hold the
    account.
    """
    signer = site().people_signer
    if not signer:
        return role
    account = account_here()
    person = next((one for one in _listed(workspace, signer) if account.casefold() in _accounts(one)), None)
    if person is None:
        raise _refused(
            "this account is not on the list of people", f"account {account}", "an account of a person on it"
        )
    mine = {letters_of(one): one for one in person["roles"]}
    if letters_of(role) not in mine and not typed:
        role = person["roles"][0]
    if letters_of(role) not in mine:
        raise one_of(f"{person['id']} has no such role", role, person["roles"], f"the roles in governance/{FILE}")
    return f"{mine[letters_of(role)]}, {person['id']}"


def account_here() -> str:
    """Whose process this is, as the system knows it; not what the environment says."""
    if os.name == "nt":  # pragma: no cover
        return os.getlogin()
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _accounts(person: dict[str, Any]) -> set[str]:
    return {str(one).casefold() for one in person["accounts"]}


def _listed(workspace: Workspace, signer: str) -> list[dict[str, Any]]:
    """The people of a list that is signed and reads, each with an id, accounts and roles."""
    file = workspace.governance / FILE
    try:
        text, signature = file.read_bytes().decode(), file.with_name(f"{FILE}.sig").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise _refused("there is no signed list of people here", str(file), f"{FILE} and {FILE}.sig") from problem
    if not signed_by(text, signature, signer, NAMESPACE):
        raise _refused(
            "the list of people is not signed by the key that this computer asks for",
            str(file),
            "a signature made for this very text",
        )
    try:
        people = tomllib.loads(text)["person"]
        if not all(_reads(one) for one in people):
            raise ValueError("each [[person]] has an id with an @, accounts and roles")
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as problem:
        raise _refused(
            "the list of people cannot be read", f"{file}: {problem}", "[[person]] with id, accounts and roles"
        ) from problem
    return list(people)


def _reads(person: dict[str, Any]) -> bool:
    lists = all(isinstance(person[name], list) and person[name] for name in ("accounts", "roles"))
    return lists and "@" in person["id"]


def _refused(what: str, given: str, allowed: str) -> ProtocolBreach:
    return ProtocolBreach(
        what,
        given=given,
        allowed=allowed,
        next_step=f"let the administrator sign it: ssh-keygen -Y sign -f KEY -n {NAMESPACE} governance/{FILE}",
    )
