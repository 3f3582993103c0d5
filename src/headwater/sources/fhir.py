"""FHIR resources as things that stand alone: each under its own id, and whatever it points to by the id that thing has
here.

A reference is told in many ways (HL7 FHIR R4, 2.3 References): Patient/P1, the same behind a server's address or with
the number of a version, urn:uuid of another entry of the bundle, #p1 of a resource inside this one, or
?identifier=system|value of one that is elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SORT = "resourceType"
"""Under which name a resource says what it is."""
VERSION = re.compile(r"/_history/[^/]*$")
BY_NUMBER = re.compile(r"^(?P<sort>\w+)\?identifier=(?P<number>.+)$")
NHS = "nhs-number"
"""How the system of NHS numbers ends: https://fhir.nhs.uk/Id/nhs-number (NHS England, FHIR naming systems)."""


def resources(entries: Iterable[Any]) -> list[Any]:
    """The resources of a bundle's entries. One without an id has that of its entry's address."""
    held, ids = [], dict[str, str]()
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        found = entry.get("resource", entry)
        address = str(entry.get("fullUrl", ""))
        if isinstance(found, dict) and SORT in found:
            found = found if found.get("id") else {**found, "id": id_of(address)}
            whole = f"{found[SORT]}/{found['id']}"
            ids |= {address: whole} if address else {}
            ids |= {f"{found[SORT]}?identifier={number}": whole for number in _numbers(found)}
        held.append(found)
    return [one for found in held for one in standing_alone(_pointing(found, ids))]


def standing_alone(thing: Any) -> Iterator[Any]:
    """A resource, and then those that it holds inside itself, each under an id that it would have in another resource
    too."""
    inside = thing.get("contained") if isinstance(thing, dict) and SORT in thing else None
    if not isinstance(inside, list):
        yield thing
        return
    held = [one for one in inside if isinstance(one, dict) and one.get("id") and SORT in one]
    ids = {f"#{one['id']}": f"{one[SORT]}/{_own(one, thing)}" for one in held}
    yield _pointing({name: value for name, value in thing.items() if name != "contained"}, ids)
    yield from ({**_pointing(one, ids), "id": _own(one, thing)} for one in held)


def id_of(reference: str) -> str:
    """The id that a reference ends with, whatever server and version it names."""
    by_number = BY_NUMBER.match(reference)
    return by_number["number"].split("|")[-1] if by_number else re.split(r"[/:]", VERSION.sub("", reference))[-1]


def nhs_number(identifiers: list[Any]) -> str:
    """Of the numbers that somebody has, the NHS's; '' for none."""
    told = [one for one in identifiers if isinstance(one, dict) and str(one.get("system", "")).endswith(NHS)]
    return str(told[0].get("value") or "") if told else ""


def _own(inside: dict[str, Any], thing: dict[str, Any]) -> str:
    """By its first number, so that the same one inside two resources is one; else a number within the resource that
    holds it."""
    return next((one.split("|")[-1] for one in _numbers(inside)), f"{thing.get('id', '')}-{inside['id']}")


def _numbers(thing: dict[str, Any]) -> list[str]:
    """system|value of each number that a resource has, as a reference names it."""
    told = thing.get("identifier")
    held = [one for one in told if isinstance(one, dict) and one.get("value")] if isinstance(told, list) else []
    return [f"{one.get('system', '')}|{one['value']}" for one in held]


def _pointing(thing: Any, ids: dict[str, str]) -> Any:
    """The thing with its references as `ids` has them."""
    if not ids:
        return thing
    if isinstance(thing, list):
        return [_pointing(one, ids) for one in thing]
    if not isinstance(thing, dict):
        return thing
    return {
        name: ids.get(value, value) if name == "reference" and isinstance(value, str) else _pointing(value, ids)
        for name, value in thing.items()
    }
