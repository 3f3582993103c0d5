"""Who may look and act: one browser through a link that works once, or people whom a reverse proxy names.

A door decides who a request is from; what each role may do stands in `ways.py`, a line a page.
"""

from __future__ import annotations

import hmac
import os
import secrets
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from headwater.domain.errors import Usage
from headwater.domain.spelled import letters_of

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request


class Role(StrEnum):
    READER = "reader"
    ANALYST = "analyst"
    FINANCE = "finance verifier"


EVERYBODY = frozenset(Role)
ANALYSTS = frozenset({Role.ANALYST})
VERIFIERS = frozenset({Role.FINANCE})
PEOPLE_FILE = "people.toml"
SECRET = "HEADWATER_PROXY_SECRET"
SECRET_HEADER = "x-headwater-proxy"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a request is from. name: as the proxy says, '' on one's own computer; roles: what they may act as."""

    name: str
    roles: frozenset[Role]

    @property
    def acting(self) -> str:
        """What the audit log notes; '' leaves it to headwater.toml."""
        return f"{', '.join(sorted(self.roles))} {self.name}" if self.name else ""

    def may(self, allowed: frozenset[Role]) -> bool:
        return bool(self.roles & allowed)


class Door(Protocol):
    """What the application needs to know of a request."""

    @property
    def hosts(self) -> tuple[str, ...]: ...

    def who(self, request: Request) -> Visitor | None: ...

    def form_token(self, visitor: Visitor) -> str: ...


class Tokens:
    """Form tokens bound to a key of this run and to whoever asked for the form."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def form_token(self, visitor: Visitor) -> str:
        return hmac.new(self._key, visitor.name.encode(), "sha256").hexdigest()


def same(given: str, wanted: str) -> bool:
    """Compared in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(), wanted.encode())


class OwnComputer(Tokens):
    """One session a server: the link's token is good once, then only the cookie is. Its visitor may do everything."""

    hosts = ("127.0.0.1", "localhost")

    def __init__(self) -> None:
        super().__init__()
        self.token: str | None = secrets.token_urlsafe(24)
        self.session = secrets.token_urlsafe(32)
        # Cookies do not know ports: two servers on one computer must not overwrite each other's.
        self.cookie = f"headwater-{secrets.token_hex(3)}"

    def enter(self, token: str) -> bool:
        """Whether the token opens; it never opens again."""
        if self.token is None or not same(token, self.token):
            return False
        self.token = None
        return True

    def who(self, request: Request) -> Visitor | None:
        return Visitor("", EVERYBODY) if same(request.cookies.get(self.cookie, ""), self.session) else None


@dataclass(eq=False)
class Shared(Tokens):
    """Behind a reverse proxy that signs people in and names them in a header; only those on the list come in.

    The header counts only from a proxy's own address and beside the secret that the two share: any other program on the
    machine could write a header.
    """

    header: str
    people: dict[str, Role]
    proxies: tuple[str, ...]
    hosts: tuple[str, ...]
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        super().__init__()
        # By capitals alone: a name that only looks like another's must not open their door.
        self._listed = {name.casefold(): name for name in self.people}

    def who(self, request: Request) -> Visitor | None:
        near = request.client is not None and request.client.host in self.proxies
        if not near or not same(request.headers.get(SECRET_HEADER, ""), self.secret):
            return None
        named = request.headers.getlist(self.header)
        name = self._listed.get(named[0].casefold()) if len(named) == 1 else None
        return Visitor(name, frozenset({self.people[name], Role.READER})) if name else None


def shared_door(file: Path) -> Shared:
    """The shared mode's settings. Raises Usage that lists every problem of the file, or the missing secret."""
    if not file.exists():
        raise Usage("shared mode needs a list of people", given=str(file), next_step=f"write {file.name}:\n{EXAMPLE}")
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Usage(f"{file.name} is not TOML: {problem}", next_step=f"mend governance/{file.name}") from problem
    if problems := _problems(found):
        raise Usage(
            f"{file.name} cannot be used: {len(problems)} problem{'s' * (len(problems) != 1)}",
            given="; ".join(problems),
            next_step=f"mend it:\n{EXAMPLE}",
        )
    secret = os.environ.get(SECRET, "")
    if len(secret) < 24:
        raise Usage(
            f"shared mode needs a secret of 24 letters or more in {SECRET}",
            given=f"{len(secret)} letters",
            next_step=f"set it for headwater and let the proxy send it as {SECRET_HEADER}",
        )
    people = {name: Role(role) for name, role in found["people"].items()}
    return Shared(found["header"].lower(), people, tuple(found["proxies"]), tuple(found["hosts"]), secret)


EXAMPLE = """\
header = "X-Remote-User"          # the proxy must overwrite it, never pass a visitor's own
proxies = ["127.0.0.1"]           # where the proxy connects from
hosts = ["headwater.example.org"] # the names that visitors type
[people]
"a.reader@example.org" = "reader"
"an.analyst@example.org" = "analyst"
"a.treasurer@example.org" = "finance verifier"
"""


def _problems(found: dict[str, object]) -> list[str]:
    people = found.get("people")
    told = [] if isinstance(found.get("header"), str) and found["header"] else ["header is missing: a text"]
    for key in ("proxies", "hosts"):
        value = found.get(key)
        if not (isinstance(value, list) and value and all(isinstance(one, str) and one != "*" for one in value)):
            told.append(f"{key} must be a list of names, and * is none")
    if not isinstance(people, dict) or not people:
        return [*told, "[people] is missing: who = role"]
    spellings = Counter(letters_of(who) for who in people)
    told += [f"{who} stands there twice, in two spellings" for who in people if spellings[letters_of(who)] > 1]
    allowed = ", ".join(Role)
    return [*told, *(f"{who} = {role!r}; allowed: {allowed}" for who, role in people.items() if role not in set(Role))]
