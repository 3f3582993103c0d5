"""[link] of headwater.toml, each key with its default, what it may be, and an answer to every wrong one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import Usage, one_of
from headwater.link.blocking import PAIRS_A_RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNDS = {
    "partitions": (0, 20),
    "largest": (2, 10_000),
    "pairs_per_record": (1, 1_000),
    "review_pairs": (0, 10_000),
    "seed": (0, 2**31),
}
METHODS = ("keys", "names")
DROPPED, KEPT = "dropped", "kept"


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How records are linked."""

    method: str = "names"
    """keys: shared numbers only. names: then names, birth dates and addresses."""
    single: tuple[str, ...] = ()
    """Agencies that hold nobody twice: two of their records are never one person."""
    partitions: int = 5
    """How many partitions are drawn from the weights; 0 leaves the uncertainty of linkage out of the intervals."""
    largest: int = 50
    """Profiles a person may have before more evidence is asked and the group is broken, and reported."""
    pairs_per_record: int = PAIRS_A_RECORD
    review_pairs: int = 200
    """Pairs sampled for people to look at, where names are kept."""
    seed: int = 1
    names: str = DROPPED
    """dropped: once records are linked, names, addresses and days of birth leave the store; kept: they stay, and a new
    file is compared with them without reading the others again."""


def link_settings(found: Mapping[str, Any]) -> LinkSettings:
    """The settings; raises Usage for a key or value that is not allowed. Days of observation may stand among them."""
    known = {field.name for field in fields(LinkSettings)}
    for key, value in found.items():
        if key in {"from", "to"}:
            continue
        if key not in known:
            raise one_of("no such setting under [link]", key, sorted(known), "mend [link] in headwater.toml")
        _check(key, value)
    given = {key: value for key, value in found.items() if key in known}
    if "single" in given:
        given["single"] = tuple(given["single"])
    return LinkSettings(**given)


def _check(key: str, value: Any) -> None:
    if key == "method" and value not in METHODS:
        raise one_of("no such method of linkage", value, METHODS, "mend [link] method in headwater.toml")
    if key == "names" and value not in (DROPPED, KEPT):
        raise one_of(
            "names are dropped or kept once records are linked",
            value,
            (DROPPED, KEPT),
            "mend [link] names in headwater.toml",
        )
    if key == "single" and not (isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)):
        raise Usage(
            "[link] single is a list of agencies",
            given=repr(value),
            allowed='as in single = ["gp"]',
            next_step="mend headwater.toml",
        )
    if key in BOUNDS:
        low, high = BOUNDS[key]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Usage(
                f"[link] {key} is a whole number",
                given=repr(value),
                allowed=f"{low:,} to {high:,}",
                next_step="mend headwater.toml",
            )
