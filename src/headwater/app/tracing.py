"""Where a figure comes from, and how far a workspace is: what every page of a door can point to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater import governance
from headwater.app import answers, choosing, evaluating, valuing
from headwater.app.booking import totals
from headwater.app.ledgers import ledger_of
from headwater.app.reading import data_version, observed
from headwater.app.version import code_version
from headwater.domain.errors import HeadwaterError
from headwater.domain.ledger import ClaimState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Evaluation
    from headwater.store import Store


def made_from(place: Place, collaboration: str = "") -> Answer:
    """Input files with their hashes, data and code version, policy; with a collaboration, its protocol's hash and lock
    too."""
    with place.store() as store:
        files = store.arrow(store.table("batch").order_by("file", "table")).to_pylist()
        first, last = observed(place, store)
        content: dict[str, Any] = {
            "files": files,
            "data_version": data_version(store),
            "code_version": code_version(),
            "from": first,
            "to": last,
            "policy": place.settings.disclosure.rule,
            "ledger_head": ledger_of(place).head_hash,
            "protocol": None,
        }
    if collaboration:
        content["protocol"] = _protocol(place, evaluating.protocol_of(place, collaboration))
    return place.answer("made-from", content)


def _protocol(place: Place, protocol: Protocol) -> dict[str, Any]:
    held = governance.standing(place.workspace, protocol.id)
    return {
        "id": protocol.id,
        "name": protocol.name,
        "sha256": held.sha256,
        "status": held.status.value,
        "locked_at": held.locked_at,
        "deviations": list(held.deviations),
        "seed": str(protocol.seed),
        "draws": str(protocol.draws),
        "price_year": str(protocol.price_year or ""),
    }


def progress_made(place: Place) -> Answer:
    """How far the workspace is: files, partners, plans, results, ledger, gates, reports; what is out of date says
    so."""
    with place.store() as store:
        loads = store.arrow(store.table("batch")).to_pylist()
        content = {
            "place": place.settings.place,
            "sources": len(place.settings.sources),
            "files": len(loads),
            **{name: sum(row[name] for row in loads) for name in ("rows_in", "kept", "quarantined")},
            "partners_found": bool(loads) and _quietly(choosing.ready, place, store),
            "collaborations": [_collaboration(place, store, one) for one in evaluating.protocols(place)],
            **_ledger(place),
            "reports": len(list(place.workspace.releases.glob("*.manifest.json"))),
        }
    return place.answer("progress", content)


def status(place: Place) -> Answer:
    """Where the workspace stands in one look, what is out of date, and the command that comes next."""
    made = progress_made(place).content
    with place.store() as store:
        linked = store.has("person_link")
    plans = made["collaborations"]
    stale = [one["id"] for one in plans if made["files"] and not one["effect_verdict"]]
    content = {key: value for key, value in made.items() if key != "schema"}
    return place.answer("status", {**content, "linked": linked, "not_evaluated": stale, "next": _next(made, stale)})


def _next(made: Mapping[str, Any], stale: Sequence[str]) -> str:
    """The command that is due, the first of the river that was not done."""
    plans = made["collaborations"]
    unlocked = [one["id"] for one in plans if one["status"] == "exploratory"]
    changed = [one["id"] for one in plans if one["status"] == "changed since its lock"]
    steps = (
        (not made["sources"], "headwater check"),
        (not made["files"], "headwater load"),
        (not plans, "headwater protocol new ID --template multidisciplinary-team"),
        (bool(changed), f"headwater protocol diff {''.join(changed[:1])}"),
        (bool(unlocked), f"headwater lock {''.join(unlocked[:1])} --role ..."),
        (bool(stale), f"headwater evaluate {''.join(stale[:1])}"),
        (bool(plans) and not made["lots"] and not made["claims_standing"], "headwater run"),
        (bool(made["claims_waiting"]), "headwater ledger show"),
        (not made["reports"], "headwater report"),
    )
    return next((command for due, command in steps if due), "headwater serve")


def _quietly(ready: Any, *given: Any) -> bool:
    try:
        return bool(ready(*given))
    except HeadwaterError:
        return False


def _collaboration(place: Place, store: Store, protocol: Protocol) -> dict[str, Any]:
    """A line a protocol: how it stands, and the verdict where a kept result is still that of the data, lock and
    code."""
    line: dict[str, Any] = {
        "id": protocol.id,
        "name": protocol.name,
        "style": protocol.style.value,
        "start": protocol.start.isoformat(),
        "status": "changed since its lock",
        "effect_verdict": "",
        "money_verdict": "",
        "in_words": "",
        "confidence": "",
        "withheld": [],
        "rate_ratio": None,
        "averted_per_year": None,
        "outcome": "",
        "grade": None,
    }
    try:
        line["status"] = governance.standing(place.workspace, protocol.id).status.value
        found = evaluating.held(place, store, protocol)
    except HeadwaterError:
        return line
    if found is not None:
        primary = found[1].primary
        told = answers.finding(primary, people=protocol.unit == "person")
        line |= {name: told[name] for name in ("rate_ratio", "averted_per_year")}
        line |= {
            **_judged(place, store, protocol, found[1]),
            "confidence": found[1].grade.confidence,
            "withheld": list(primary.withheld),
            "outcome": primary.kind,
            "grade": found[1].grade.level,
        }
    return line


def _judged(place: Place, store: Store, protocol: Protocol, found: Evaluation) -> dict[str, str]:
    worth = valuing.worth(place, protocol, found, evaluating.estimates(place, store))
    made = valuing.judged(protocol, found, worth.saving)
    return {
        "effect_verdict": made.effect,
        "money_verdict": made.money.value,
        "in_words": valuing.in_words(found, worth, made),
    }


def _ledger(place: Place) -> dict[str, Any]:
    ledger = ledger_of(place)
    claims = [one.claim for one in ledger.claims if one.claim.state is not ClaimState.REVERSED]
    waiting = sum(one.state is ClaimState.MEASURED for one in claims)
    sums = {name: value for name, value in totals(ledger.statement()).items() if name != "bearers"}
    return {"lots": len(ledger.lots), "claims_standing": len(claims), "claims_waiting": waiting, "totals": sums}
