"""Risks, gates, early warnings, the audit log and forgetting, as the doors ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater import governance
from headwater.app.answers import plain
from headwater.app.evaluating import evaluated, protocol_of, protocols
from headwater.app.place import now, today
from headwater.app.reading import data_version, linked, observed
from headwater.domain.progress import silent
from headwater.store.kept import kept

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Evaluation
    from headwater.domain.governance import Gate, Indicator, Risk
    from headwater.domain.progress import Progress
    from headwater.store import Store


def risks(place: Place, collaboration: str | None) -> Answer:
    """The register with what each risk may cost a year, inherent and residual."""
    found = [risk for risk in governance.read_risks(place.workspace) if collaboration in {None, risk.collaboration}]
    rows = [
        {
            **plain(risk),
            "inherent_gbp": governance.expected_gbp(risk, residual=False),
            "residual_gbp": governance.expected_gbp(risk),
        }
        for risk in found
    ]
    return place.answer("risk-list", {"risks": rows}, (governance.matrix(found),) if found else (), found)


def suggested(place: Place, collaboration: str) -> Answer:
    """Typical risks of the style that the register does not hold yet."""
    protocol = protocol_of(place, collaboration)
    held = {risk.event for risk in governance.read_risks(place.workspace) if risk.collaboration == collaboration}
    rows = [
        {"event": one.event, "reason": one.cause}
        for one in governance.suggested_risks(protocol)
        if one.event not in held
    ]
    return place.answer("risk-suggest", {"collaboration": collaboration, "suggested": rows})


def warnings(place: Place, progress: Progress = silent) -> Answer:
    """Every early warning as the data have it now."""
    with place.store() as store:
        linked(place, store, progress)
        found = indicators_of(place, store)
        place.note("risk warnings", "", data=data_version(store))
    return place.answer("risk-warnings", {"indicators": [plain(one) for one in found]}, value=found)


def indicators_of(place: Place, store: Store) -> tuple[Indicator, ...]:
    """Early warnings from the data, the protocols' agreements and the evaluations that were made."""
    last = observed(place, store)[1]
    figures = governance.measured(store, last)
    plans = protocols(place)
    made = {
        protocol.id: found["evaluation"]
        for protocol in plans
        if (found := kept(place.workspace.results / f"{protocol.id}.json"))
    }
    return governance.indicators(plans, figures, made, last)


def gates(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """The phases of a collaboration; each criterion with its figure and whether it is met."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        _standing, found = evaluated(place, store, protocol, progress)
        figures = gate_figures(place, protocol, found, indicators_of(place, store))
    phases = governance.phases(place.workspace, protocol, figures)
    content = {
        "collaboration": collaboration,
        "phases": [
            {"name": phase.name, "aim": phase.aim, "gates": [plain(gate) for gate in (phase.entry, phase.exit) if gate]}
            for phase in phases
        ],
    }
    return place.answer("gate-show", content, value=phases)


def gate_figures(
    place: Place, protocol: Protocol, found: Evaluation, warned: tuple[Indicator, ...]
) -> dict[str, float]:
    """What criteria may name: the evaluation's figures and the early warnings'."""
    primary = found.primary
    figures = {
        "enrolled": float(found.effect.treated), "grade": float(found.grade.level),
        "failed_checks": float(sum(check.essential and check.passed is False for check in found.checks)),
        "agreements_in_force": float(all(one.expires is None or one.expires.isoformat() >= today() for one in protocol.agreements)),
    }  # fmt: skip
    if primary.rate_ratio is not None:
        figures |= {"rate_ratio": primary.rate_ratio.mid, "rate_ratio_high": primary.rate_ratio.high}
    mine = {one.name: one.figure for one in warned if one.collaboration in {"", protocol.id} and one.figure is not None}
    return {**{name.replace("-", "_"): value for name, value in mine.items()}, **figures}


def board_risks(
    place: Place, protocol: Protocol, found: Evaluation, warned: tuple[Indicator, ...]
) -> tuple[tuple[Risk, ...], tuple[Gate, ...]]:
    """What the board report says of a collaboration's risks and gates."""
    held = tuple(risk for risk in governance.read_risks(place.workspace) if risk.collaboration == protocol.id)
    phases = governance.phases(place.workspace, protocol, gate_figures(place, protocol, found, warned))
    return held, tuple(gate for phase in phases for gate in (phase.entry, phase.exit) if gate)


def decide(place: Place, collaboration: str, gate: str, said: tuple[str, str, str]) -> Answer:
    """Record a decision on a gate: verdict, role and reason."""
    verdict, role, reason = said
    governance.decide(
        place.workspace,
        protocol_of(place, collaboration),
        gate,
        verdict=verdict,
        role=role,
        reason=reason,
        date=today(),
    )
    place.note("gate decide", f"{collaboration} {gate}")
    return place.answer("gate-decide", {"collaboration": collaboration, "gate": gate, "verdict": verdict, "role": role})


def audit(place: Place, last: int) -> Answer:
    """The newest entries of the audit log, newest last."""
    return place.answer("audit", {"entries": governance.audit_entries(place.workspace)[-last:]})


def forget(place: Place, who: tuple[str, str], role: str, reason: str) -> Answer:
    """Remove one person from every table and cached part; the ledger's sums stay."""
    agency, record = who
    with place.store() as store:
        tables = governance.forget(store, place.workspace, agency, record)
    governance.record_audit(place.workspace, role=role, what="forget one person", data="", purpose=reason, at=now())
    return place.answer("forget", {"tables": list(tables)})
