"""The evidence file: one site's locked evaluation as one small file without a row, and what a reader makes of it.

What leaves is one document under the disclosure rule, entered in the register of releases with everything that left
before. A curve tells the contacts of both arms to the unit, and where nothing is adjusted for those of sets of each
size. A ratio tells the contacts of
the enrolled too: with how many a year were averted it leaves one whole number, and its error is that of so many. So an
arm with few contacts keeps all figures at home and sends its word alone; where only sets of one size have few, the
interval goes without its curve.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from headwater import governance
from headwater.disclosure import let_out
from headwater.domain.collaboration import Role
from headwater.domain.errors import Usage
from headwater.domain.evidence import ShamVerdict, Verdict
from headwater.domain.pool import SiteEvidence, SiteOutcome
from headwater.domain.release import Cell, Count, Curve, DataTable, Document, Shown
from headwater.domain.uncertainty import Interval
from headwater.report import sentences
from headwater.stats.profiles import POINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation, Finding, Likelihood

T = TypeVar("T")
SCHEMA = "headwater.evidence/1"
LARGEST = 2_000_000
"""Bytes of a file that is read; one of twenty outcomes is a fiftieth of it."""
OUTSIDE = frozenset({"digest", "signature", "signed_by"})
"""What the digest does not cover: itself, and what is made of it."""
DIGITS = 4
"""Of a ratio that leaves; its curve has more, and is judged for what they tell."""


def content_of(
    place: Place, protocol: Protocol, standing: Standing, found: Evaluation, data: str, more: Mapping[str, Any]
) -> dict[str, Any]:
    """The file's content, judged by the disclosure rule and entered in the register. more: what the caller knows of the
    site."""
    curves = {one.kind: one for one in found.likelihoods}
    told = _let_out(place, protocol, found, data, tuple(curves.values()))
    outcomes = [
        _outcome(one, curves.get(one.kind), told["curves"].get(one.kind))
        | ({} if one.kind in told["averted"] else {"averted_per_year": None})
        for one in found.findings
    ]
    hidden = {one["kind"] for one in outcomes if one["hidden"] and one["verdict"] != Verdict.CANNOT_TELL}
    content = {
        "schema": SCHEMA,
        "collaboration": protocol.id,
        "title": protocol.name,
        "protocol": governance.write_protocol(protocol),
        "protocol_sha256": standing.sha256,
        "status": standing.status.value,
        "locked_at": standing.locked_at,
        "followed": [found.effect.first_day.isoformat(), found.effect.last_day.isoformat()],
        "enrolled": told["enrolled"],
        "points": {"reach": float(POINTS[-1]), "number": len(POINTS), "kind": "Chebyshev, second kind, ascending"},
        "outcomes": outcomes,
        **more,
        # Pounds at a known price are contacts.
        **({"freed_gbp_per_year": {}} if hidden else {}),
    }
    return {**content, "digest": digest(content)}


def _let_out(
    place: Place, protocol: Protocol, found: Evaluation, data: str, curves: Sequence[Likelihood]
) -> dict[str, Any]:
    """What of the counts and the curves may leave: the enrolled in words; each outcome's heights or None, and whether
    its figures may."""
    rows: tuple[tuple[Cell, ...], ...] = tuple((one.kind, *_cells(protocol.id, one)) for one in curves)
    a_year = tuple(
        (one.kind, sentences.a_year(one, protocol.unit == "person")) for one in found.findings if one.averted_per_year
    )
    # The enrolled as every report counts them: with those for whom nobody like them was found.
    people = found.comparison.treated
    number = Count(people, name=f"enrolled {protocol.id}") if protocol.unit == "person" else people
    document = Document(
        name=f"{protocol.id}-evidence",
        title=protocol.name,
        summary="",
        date=found.effect.last_day.isoformat(),
        board=(
            DataTable("enrolled", "", ("what", "number"), (("enrolled", number),)),
            DataTable("curves", "", ("outcome", "heights", "figures"), rows),
            DataTable("averted", "", ("outcome", "a year"), a_year),
        ),
        appendix=(),
        facts={},
    )
    released = let_out(place.workspace.releases / "register.jsonl", document, place.settings.disclosure, data).content
    counts, heights, averted = (one for one in released.board if isinstance(one, DataTable))
    seen = counts.rows[0][1]
    return {
        "enrolled": seen.text if isinstance(seen, Shown) else str(seen),
        "curves": {
            str(kind): (None if isinstance(cell, Shown) else cell, not isinstance(figures, Shown))
            for kind, cell, figures in heights.rows
        },
        "averted": {str(kind) for kind, cell in averted.rows if not isinstance(cell, Shown)},
    }


def _cells(collaboration: str, one: Likelihood) -> tuple[Curve, Curve]:
    """The curve, from which contacts by arm and by size of set could be reckoned; and the figures, from which those by
    arm could."""
    arms = tuple(
        Count(n, "contacts", name=f"{one.kind} of the {side} in the sets of {collaboration}")
        for n, side in zip(one.seen, ("enrolled", "compared"), strict=True)
    )
    sizes = tuple(
        Count(n, "contacts", name=f"{one.kind} in the sets of {at} compared of {collaboration}")
        for at, n in enumerate(one.by_size, 1)
        if n
    )
    return Curve(tuple(float(height) for height in np.round(one.height, 9)), (*arms, *sizes)), Curve((1.0,), arms)


def _outcome(found: Finding, curve: Likelihood | None, told: tuple[Any, bool] | None) -> dict[str, Any]:
    heights, told_at_all = (None, True) if told is None else told
    if not told_at_all:
        return {
            "kind": found.kind,
            "role": found.role.value,
            "verdict": found.verdict.value,
            "withheld": list(found.withheld),
            "grade": found.grade.level if found.grade else 0,
            "ratio": None,
            "raw_ratio": None,
            "averted_per_year": None,
            "checks": [
                {"name": one.name, "passed": one.passed, "essential": one.essential, "power": None}
                for one in found.checks
            ],
            "curve": None,
            "hidden": True,
        }
    return {
        "hidden": False,
        "kind": found.kind,
        "role": found.role.value,
        "verdict": found.verdict.value,
        "withheld": list(found.withheld),
        "grade": found.grade.level if found.grade else 0,
        "ratio": _interval(found.rate_ratio),
        "raw_ratio": _interval(found.raw_ratio or found.rate_ratio),
        "averted_per_year": _interval(found.averted_per_year, 1),
        "checks": [
            {
                "name": one.name,
                "passed": one.passed,
                "essential": one.essential,
                "power": None if one.power is None else round(one.power, 2),
            }
            for one in found.checks
        ],
        "curve": (
            None
            if curve is None or heights is None
            else {
                "heights": list(heights),
                "se": _rounded(curve.se),
                "calibrated_se": _rounded(curve.calibrated_se),
                # What the error rests on, to the nearest five: it is only looked up in Student's t.
                "clusters": 5 * round(curve.clusters / 5),
            }
        ),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def _interval(found: Interval | None, digits: int = DIGITS) -> dict[str, float] | None:
    return None if found is None else {key: round(float(value), digits) for key, value in found.answer().items()}  # type: ignore[arg-type]


def signed(content: Mapping[str, Any], key: Path) -> dict[str, Any]:
    """The content with the site's signature under its digest, and the public key that shows whose it is."""
    signature, public = governance.sign(str(content["digest"]), key)
    return {**content, "signature": signature, "signed_by": public}


def signer(content: Mapping[str, Any]) -> str:
    """The public key that signed, '' for none. Raises ValueError where the signature is not that key's."""
    if "signature" not in content:
        return ""
    if not governance.signed_by(str(content["digest"]), str(content["signature"]), str(content["signed_by"])):
        raise ValueError("its signature is not that of the key it names")
    return governance.public_part(str(content["signed_by"]))


def digest(content: Mapping[str, Any]) -> str:
    """The hash of a file's content less its own digest and signature, whatever its spacing and order."""
    plain = {key: value for key, value in content.items() if key not in OUTSIDE}
    return sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read(file: Path) -> SiteEvidence:
    """A site's evidence file. Raises Usage where it is none, was changed after it was made, or holds what cannot be."""
    return opened(file, SCHEMA, _site)


def opened(file: Path, schema: str, made: Callable[[Mapping[str, Any]], T]) -> T:
    """What a file of a schema holds, by its maker. Raises Usage where it is none, was changed, or holds what cannot
    be."""
    try:
        if file.stat().st_size > LARGEST:
            raise _no_file(file, "it is far larger than any")
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise _no_file(file, problem.strerror or "it cannot be read") from problem
    except ValueError as problem:
        raise _no_file(file, "it is not JSON") from problem
    if not isinstance(content, dict) or content.get("schema") != schema:
        raise _no_file(file, f"it does not say schema {schema}")
    if content.get("digest") != digest(content):
        raise _no_file(file, "it was changed after it was made: ask the site for its file again")
    try:
        return made(content)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise _no_file(file, f"a part of it is missing or cannot be ({problem})") from problem


def schema_of(file: Path) -> str:
    """What a file says that it is, whatever else is wrong with it; '' for one that is no JSON of ours."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return ""
    return str(content.get("schema", "")) if isinstance(content, dict) else ""


def _no_file(file: Path, why: str) -> Usage:
    return Usage(
        "this is no evidence file that can be used",
        given=f"{file.name}: {why}",
        allowed="a file that headwater evidence export wrote",
        next_step="headwater evidence export COLLAB --site NAME",
    )


def _site(content: Mapping[str, Any]) -> SiteEvidence:
    import tomllib

    protocol = governance.parse_protocol(tomllib.loads(content["protocol"]), "the protocol in the evidence file")
    if governance.protocol_sha256(protocol) != content["protocol_sha256"]:
        raise ValueError("its protocol is not the one that was locked")
    return SiteEvidence(
        site=str(content["site"]),
        collaboration=str(content["collaboration"]),
        title=str(content["title"]),
        protocol=protocol,
        protocol_sha256=str(content["protocol_sha256"]),
        status=str(content["status"]),
        locked_at=str(content["locked_at"]),
        followed=(str(content["followed"][0]), str(content["followed"][1])),
        enrolled=str(content["enrolled"]),
        outcomes=tuple(_read_outcome(one) for one in content["outcomes"]),
        freed_gbp_per_year={str(name): _read_interval(one) for name, one in content["freed_gbp_per_year"].items()},  # type: ignore[misc]
        traits={str(name): str(value) for name, value in content["traits"].items()},
        pool=str(content["pool"]),
        bound=str(content.get("bound", "")),
        code=str(content["code"]),
        digest=str(content["digest"]),
        signed_by=signer(content),
    )


def _read_outcome(found: Mapping[str, Any]) -> SiteOutcome:
    curve, role = found["curve"] or {}, Role(found["role"])
    (ShamVerdict if role is Role.NEGATIVE_CONTROL else Verdict)(found["verdict"])
    height = np.array(curve["heights"], dtype=np.float64) if curve else None
    if height is not None and (height.shape != POINTS.shape or not np.isfinite(height).all()):
        raise ValueError(f"the curve of {found['kind']} is not {len(POINTS)} numbers")
    return SiteOutcome(
        kind=str(found["kind"]),
        role=role,
        verdict=str(found["verdict"]),
        withheld=tuple(map(str, found["withheld"])),
        ratio=_read_interval(found["ratio"]),
        raw=_read_interval(found["raw_ratio"]),
        averted_per_year=_read_interval(found["averted_per_year"]),
        grade=int(found["grade"]),
        failed=tuple(str(one["name"]) for one in found["checks"] if one["passed"] is False),
        broken=tuple(
            str(one["name"]) for one in found["checks"] if one["passed"] is False and one.get("essential", True)
        ),
        height=height,
        se=curve.get("se"),
        calibrated_se=curve.get("calibrated_se"),
        clusters=int(curve.get("clusters", 0)),
    )


def _read_interval(found: Mapping[str, float] | None) -> Interval | None:
    return None if found is None else Interval(*(float(found[key]) for key in ("low", "mid", "high", "level")))
