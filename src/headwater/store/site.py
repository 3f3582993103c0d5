"""What this computer lets a workspace reach: a file of its administrator's, outside every workspace, that no page
writes.

site.toml in the user's settings folder, or where HEADWATER_SITE says:
    data_roots = ["/srv/extracts"]           folders beside the workspace whose files may be read
    database_hosts = ["records.example.nhs"] hosts that a query, and with it a password, may go to
    engine_options = ["spark.jars"]          options of the engine beyond sizes
    key_folder = "/safe/keys"                where pseudonym keys are kept
    people_signer = "ssh-ed25519 AAAA..."    the key that signs who may act at the command line
Without it a workspace reads its own files and databases of its own computer, and sets sizes of the engine alone.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from headwater.domain.errors import Failed, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.domain.workspace import EngineSettings

SITE = "HEADWATER_SITE"
FILE = "site.toml"
LISTS = ("data_roots", "database_hosts", "engine_options")
TEXTS = ("key_folder", "people_signer")
HERE = ("", "localhost", "127.0.0.1", "::1")
SIZES = (
    "spark.driver.memory",
    "spark.executor.memory",
    "spark.executor.cores",
    "spark.default.parallelism",
    "spark.sql.shuffle.partitions",
    "spark.sql.codegen.wholeStage",
    "spark.sql.adaptive.enabled",
    "spark.ui.enabled",
    "spark.driver.maxResultSize",
)
"""Options that say how much, never what code is run or where rows go."""
ELSEWHERE = ("host", "hostaddr", "server")
"""Words of an address that name a host beside the one before its path."""
BESIDE = ("service", "servicefile", "passfile", "options", "sslkey", "sslcert", "sslrootcert", "krbsrvname")
"""Words of an address by which a driver would read other files or obey other settings."""
PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Site:
    """What is allowed beyond the workspace itself."""

    data_roots: tuple[Path, ...] = ()
    database_hosts: tuple[str, ...] = ()
    engine_options: tuple[str, ...] = ()
    key_folder: str = ""
    people_signer: str = ""


def settings_folder() -> Path:
    """The user's own settings, on this system."""
    if found := os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME"):
        return Path(found)
    try:
        return Path.home() / ".config"
    except RuntimeError as problem:
        raise Failed(
            "there is no home folder to keep the key in",
            next_step="name a file for it: HEADWATER_KEY_FILE=/safe/place/headwater.key",
        ) from problem


def site_file() -> Path | None:
    if named := os.environ.get(SITE):
        return Path(named)
    try:
        return settings_folder() / "headwater" / FILE
    except Failed:
        return None


def site() -> Site:
    """What the administrator wrote; nothing beyond the workspace where there is no file. Raises Usage for one that does
    not read."""
    file = site_file()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig")) if file else {}
    except FileNotFoundError:
        return Site()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise _unread(file, str(problem)) from problem
    if problems := list(_problems(found)):
        raise _unread(file, "; ".join(problems))
    roots = tuple(Path(one).resolve() for one in found.get("data_roots", ()))
    hosts = tuple(one.casefold() for one in found.get("database_hosts", ()))
    return Site(
        roots,
        hosts,
        tuple(found.get("engine_options", ())),
        found.get("key_folder", ""),
        found.get("people_signer", ""),
    )


def reached(root: Path, named: str | Path) -> Path:
    """A file or folder that headwater.toml names, where it lies. Raises Usage outside the workspace and the site's data
    roots.

    Links are followed first, and of a pattern the part before its first sign counts.
    """
    steady = []
    for part in Path(named).parts:
        if PATTERN.search(part):
            break
        steady.append(part)
    try:
        found = (root / Path(*steady)).resolve()
        if ".." in Path(named).parts[len(steady) :]:
            raise _outside(root, named)
        if found.is_relative_to(root.resolve()) or any(found.is_relative_to(one) for one in site().data_roots):
            return root / named
    except (OSError, ValueError, RuntimeError) as problem:
        raise Usage("this is no path", given=ascii(str(named))[:120], next_step="mend headwater.toml") from problem
    raise _outside(root, named)


def may_ask(address: str) -> None:
    """Whether a database's address leads to hosts that a password may go to. Raises Usage for any other."""
    parts = urlsplit(address)
    said = [(name.casefold(), value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    hosts = [_host(one) for one in parts.netloc.rpartition("@")[2].split(",")]
    hosts += [_host(one) for name, value in said if name in ELSEWHERE for one in value.split(",")]
    allowed = (*HERE, *site().database_hosts)
    if wrong := [one for one in hosts if one not in allowed and not one.startswith("/")]:
        raise Usage(
            "nobody said that a password may go to this host",
            given=", ".join(wrong),
            allowed=", ".join(filter(None, allowed)),
            next_step=f"let the administrator add it to database_hosts in {site_file() or FILE}",
        )
    if beside := [name for name, _ in said if name in BESIDE]:
        raise Usage(
            "an address may not name other files or settings", given=", ".join(beside), next_step="mend headwater.toml"
        )


def may_run(settings: EngineSettings) -> None:
    """Whether the engine's options are sizes, or such as this computer allows. Raises Usage for any other."""
    allowed = (*SIZES, *site().engine_options)
    wrong = [name for name, value in settings.options.items() if name not in allowed and not _local(name, value)]
    if wrong:
        raise Usage(
            "headwater.toml may not set these options of the engine",
            given=", ".join(wrong),
            allowed=", ".join(allowed),
            next_step=f"let the administrator add them to engine_options in {site_file() or FILE}",
        )


def _local(name: str, value: object) -> bool:
    return name == "spark.master" and re.fullmatch(r"local(\[(\d+|\*)\])?", str(value)) is not None


def _host(part: str) -> str:
    """A host without its port; [::1] is one as well."""
    bare = part.strip().casefold()
    return bare[1 : bare.index("]")] if bare.startswith("[") and "]" in bare else bare.partition(":")[0]


def _problems(found: dict[str, Any]) -> Iterable[str]:
    known = (*LISTS, *TEXTS)
    yield from (f"unknown key {name!r}; allowed: {', '.join(known)}" for name in found if name not in known)
    for name in LISTS:
        value = found.get(name, [])
        if not (isinstance(value, list) and all(isinstance(one, str) and one for one in value)):
            yield f"{name} must be a list of texts"
        elif name == "data_roots":
            yield from (f"data_roots must be whole paths, not {one!r}" for one in value if not Path(one).is_absolute())
    yield from (f"{name} must be a text" for name in TEXTS if not isinstance(found.get(name, ""), str))


def _outside(root: Path, named: str | Path) -> Usage:
    return Usage(
        "this file lies outside the workspace",
        given=ascii(str(named))[:160],
        allowed=f"files within {root.name}, and the data_roots of {site_file() or FILE}",
        next_step="copy it into data/, or let the administrator name its folder there",
    )


def _unread(file: Path | None, why: str) -> Usage:
    return Usage("what this computer allows cannot be read", given=f"{file}: {why}", next_step=f"mend {FILE}")
