"""Risks, gates, early warnings, the audit log and forgetting, as the doors ask for them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from headwater import governance
from headwater.app.acting import acting, begun, signed
from headwater.app.answers import plain
from headwater.app.evaluating import estimates, evaluated, held, protocol_file, protocol_of, protocols
from headwater.app.ledgers import ledger_of
from headwater.app.place import today
from headwater.app.reading import data_version, linked, named, names_of, observed
from headwater.app.steps import forget_steps, rotate_steps
from headwater.app.valuing import worth
from headwater.app.version import code_version
from headwater.domain.errors import DataProblem, ProtocolBreach, Usage, one_of
from headwater.domain.governance import Decision
from headwater.domain.progress import silent
from headwater.domain.uncertainty import Interval
from headwater.domain.workspace import Workspace
from headwater.store.files import write_atomically
from headwater.store.made import Made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation
    from headwater.domain.governance import Gate, Indicator, Risk
    from headwater.domain.money import Saving
    from headwater.domain.progress import Progress
    from headwater.store import Store


def risks(place: Place, collaboration: str | None) -> Answer:
    """The register with what each risk may cost a year, inherent and residual."""
    found = _held(place, collaboration)
    if collaboration is not None and not found:
        protocol_file(place, collaboration)
    rows = [_costed(risk) for risk in found]
    return place.answer("risk-list", {"risks": rows}, (governance.matrix(found),) if found else (), found)


def _costed(risk: Risk) -> dict[str, Any]:
    return {
        **plain(risk),
        "inherent_gbp": governance.expected_gbp(risk, residual=False),
        "residual_gbp": governance.expected_gbp(risk),
    }


def one_risk(place: Place, risk: str) -> Answer:
    """One risk of the register by its id."""
    known = {held.risk: held for held in _held(place, None)}
    if risk not in known:
        raise one_of("no such risk", risk, known, "headwater risk list")
    return place.answer("risk-show", _costed(known[risk]), value=known[risk])


def _held(place: Place, collaboration: str | None) -> list[Risk]:
    return [risk for risk in governance.read_risks(place.workspace) if collaboration in {None, risk.collaboration}]


def risk_value(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """The net present value before any risk, after inherent risks and after residual ones, and which risk moves it
    most."""
    protocol = protocol_of(place, collaboration)
    found = _held(place, collaboration)
    if not found:
        raise Usage(
            "no risk of this collaboration is on file",
            given=collaboration,
            next_step=f"headwater risk suggest {collaboration} --write, then edit governance/risks.toml",
        )
    with place.store() as store:
        _standing, made = evaluated(place, store, protocol, progress)
        saving = worth(place, protocol, made, estimates(place, store)).saving
    values = risk_npv(protocol, made, saving, found)
    years = _years(made)
    figure = governance.tornado(found, seed=protocol.seed)
    content = {
        "collaboration": collaboration,
        "years": years,
        "npv_gbp": {name: Interval.around_mean(draws).answer() for name, draws in values.items()},
        "chance_of_a_gain": {name: float((draws > 0).mean()) for name, draws in values.items()},
        "risks": [dict(zip(figure.columns, row, strict=True)) for row in figure.rows],
    }
    place.note("risk value", collaboration)
    return place.answer("risk-value", content, (figure,), values)


def _years(found: Evaluation) -> float:
    return found.effect.delivery_years


def risk_npv(
    protocol: Protocol, found: Evaluation, saving: Saving, risks: Sequence[Risk]
) -> dict[str, NDArray[np.float64]]:
    """float64[draw] of net present value: before any risk, with inherent risks, and with what controls leave of
    them."""
    bare = [replace(risk, controls=()) for risk in risks]
    return {
        "before_risk": saving.npv_gbp,
        "inherent": governance.risk_adjusted(saving.npv_gbp, bare, _years(found), protocol.seed),
        "residual": governance.risk_adjusted(saving.npv_gbp, risks, _years(found), protocol.seed),
    }


def write_suggested(place: Place, collaboration: str) -> Answer:
    """Put the typical risks that are not held yet into governance/risks.toml, to be edited by whoever owns them."""
    protocol = protocol_of(place, collaboration)
    held = {risk.event for risk in _held(place, collaboration)}
    new = [risk for risk in governance.suggested_risks(protocol) if risk.event not in held]
    file = governance.add_risks(place.workspace, new)
    place.note("risk suggest --write", collaboration)
    return place.answer("risk-written", {"file": str(file), "written": [risk.event for risk in new]})


def timeline(place: Place, collaboration: str) -> Answer:
    """What happened when: agreements, locks and amendments, start and end, decisions, in order of day."""
    protocol = protocol_of(place, collaboration)
    rows = governance.timeline(place.workspace, protocol)
    figure = governance.timeline_figure(protocol, rows)
    events = [{"day": day, "what": what, "text": text} for day, what, text in rows]
    return place.answer("gate-timeline", {"collaboration": collaboration, "events": events}, (figure,), rows)


def rotate(place: Place, role: str, reason: str, *, withdraw_lots: bool = False) -> Answer:
    """A new pseudonym key. What was loaded under the old one is taken away, and must be loaded again.

    Lots of people are known by their old pseudonyms, so that overlaps with new lots could not be seen: refused while
    any stands, unless they are to be withdrawn, with their claims, and booked anew by `count`.
    """
    signed("key rotate", role, reason)
    with acting(place, "key rotate", "", (role, reason, withdraw_lots), role) as act:
        if not act.said:
            lots = [lot.lot for lot in ledger_of(place).lots if lot.unit == "person"]
            if lots and not withdraw_lots:
                raise ProtocolBreach(
                    f"{len(lots)} pools of averted contacts in the ledger name people by pseudonyms of the old key",
                    given=", ".join(lots),
                    allowed="a new key once those pools are withdrawn; count books them again",
                    next_step="headwater key rotate --withdraw-lots --role ... --reason ...",
                )
            mark = governance.prepare_key(place.workspace)
            with place.store() as store:
                tables = list(store.names())
            act.said = {"purpose": reason, "lots": lots, "tables": tables, "key": mark}
            begun(place, act)
        rotate_steps(place, act)
    return place.answer(
        "key-rotate", {"tables": act.said["tables"], "withdrawn": act.said["lots"], "next": "headwater run"}
    )


def save_risks(place: Place, text: str) -> None:
    """Write the register if it reads; otherwise nothing is written."""
    with TemporaryDirectory() as folder:
        draft = Workspace(Path(folder))
        write_atomically(draft.governance / "risks.toml", text)
        governance.read_risks(draft)
    write_atomically(place.workspace.governance / "risks.toml", text)
    place.note("risk register", "saved")


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
    return _warned(place, found)


def shown_warnings(place: Place) -> Answer | None:
    """The early warnings from figures that were kept; None where the data have not been measured since they changed."""
    with place.store() as store:
        figures = _measured(place, store).found()
        return None if figures is None else _warned(place, _indicators(place, store, figures))


def _warned(place: Place, found: tuple[Indicator, ...]) -> Answer:
    return place.answer("risk-warnings", {"indicators": [plain(one) for one in found]}, value=found)


def indicators_of(place: Place, store: Store) -> tuple[Indicator, ...]:
    """Early warnings from the data, the protocols' agreements and the evaluations that stand."""
    made = _measured(place, store)
    figures: dict[str, float] = made.found() or made.make(governance.measured)
    return _indicators(place, store, figures)


def measure(place: Place) -> None:
    """The figures of the data that early warnings and gates rest on, kept for whoever looks."""
    with place.store() as store:
        if store.has("contact") or store.has("count"):
            indicators_of(place, store)


def _measured(place: Place, store: Store) -> Made:
    given = (observed(place, store)[1],)
    return Made(place.workspace.results / "measured.json", store, given, (data_version(store), code_version()))


def _indicators(place: Place, store: Store, figures: dict[str, float]) -> tuple[Indicator, ...]:
    plans = protocols(place)
    made = {protocol.id: found[1] for protocol in plans if (found := _standing_one(place, store, protocol))}
    return _judged(place, store, figures, plans, made)


def _judged(
    place: Place, store: Store, figures: dict[str, float], plans: Sequence[Protocol], made: Mapping[str, Evaluation]
) -> tuple[Indicator, ...]:
    """The warnings of these protocols, and those of all. made: protocol → its evaluation, where one stands."""
    figures = figures | {"retention_months": float(place.settings.retention_months)}
    # The day that gates go by too, so that no agreement is in force here and lapsed there.
    warned = governance.indicators(plans, figures, made, max(observed(place, store)[1], today()))
    names = names_of(store)
    return tuple(replace(one, text=_named(one, plans, names)) for one in warned)


ABOUT_BODIES = ("agreement-expiry", "partner-capacity", "link-rate-")


def _named(warned: Indicator, plans: Sequence[Protocol], names: Mapping[str, str]) -> str:
    """The warning with names in the place of organisations' codes, where it speaks of organisations."""
    if not warned.name.startswith(ABOUT_BODIES):
        return warned.text
    codes = {
        code for one in plans for code in (one.lead, *one.partners, *(two for a in one.agreements for two in a.between))
    }
    if not (known := sorted(codes & names.keys(), key=len, reverse=True)):
        return warned.text
    written = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, known))})(?![\w-])")
    return written.sub(lambda code: names[code[0]], warned.text)


def _standing_one(place: Place, store: Store, protocol: Protocol) -> tuple[Standing, Evaluation] | None:
    """The evaluation that stands; none for a protocol that was changed after its lock."""
    try:
        return held(place, store, protocol)
    except ProtocolBreach:
        return None


def gates(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """The phases of a collaboration; each criterion with its figure and whether it is met."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        _standing, found = evaluated(place, store, protocol, progress)
        return _gates(place, protocol, gate_figures(place, protocol, found, indicators_of(place, store)))


def shown_gates(place: Place, collaboration: str) -> Answer | None:
    """The gates from the evaluation and the figures that were kept; None where one of them has to be made again."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        found, figures = held(place, store, protocol), _measured(place, store).found()
        if found is None or figures is None:
            return None
        # Of the other collaborations nothing is asked: reading their evaluations is what a first visit would wait for.
        warned = _judged(place, store, figures, (protocol,), {protocol.id: found[1]})
        return _gates(place, protocol, gate_figures(place, protocol, found[1], warned))


def gates_listed(place: Place) -> Answer:
    """Every collaboration's gates with who decides and what was decided; what criteria say is for `gate show`."""
    rows = [
        {
            "collaboration": protocol.id,
            "phase": phase.name,
            "gate": gate.gate,
            "decides": gate.decides,
            "decision": plain(gate.decision) if gate.decision else None,
        }
        for protocol in protocols(place)
        for phase in governance.phases(place.workspace, protocol, {})
        for gate in (phase.entry, phase.exit)
        if gate
    ]
    return place.answer("gate-list", {"gates": rows})


def _gates(place: Place, protocol: Protocol, figures: dict[str, float]) -> Answer:
    phases = governance.phases(place.workspace, protocol, figures)
    content = {
        "collaboration": protocol.id,
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
        "enrolled": float(found.comparison.treated),
        "grade": float(found.grade.level),
        "failed_checks": float(sum(check.essential and check.passed is False for check in found.checks)),
        "agreements_in_force": float(
            all(one.expires is None or one.expires.isoformat() >= today() for one in protocol.agreements)
        ),
    }
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
    signed("gate decide", role, reason)
    with acting(place, "gate decide", f"{collaboration} {gate}", (collaboration, gate, *said), role) as act:
        plan = protocol_of(place, collaboration)
        governance.decide(place.workspace, plan, Decision(gate, role, today(), verdict, reason), act.request)
    return place.answer("gate-decide", {"collaboration": collaboration, "gate": gate, "verdict": verdict, "role": role})


def looks_on_record(place: Place) -> set[tuple[str, str, str, str]]:
    """(role, what, data version, day) of every look that the audit log has; empty where the log does not read."""
    try:
        found = governance.audit_entries(place.workspace)
    except ProtocolBreach:
        return set()
    looks = [one for one in found if one["what"].startswith(LOOK)]
    return {(one["role"], one["what"].removeprefix(LOOK), one["data"], one["at"][:10]) for one in looks}


LOOK = "look at "


def audit(place: Place, last: int) -> Answer:
    """The newest entries of the audit log, newest last."""
    return place.answer("audit", {"entries": governance.audit_entries(place.workspace)[-last:]})


def forget(place: Place, who: tuple[str, str], role: str, reason: str) -> Answer:
    """Remove one person from every table, part, model and kept result, and keep the person out; the ledger's sums
    stay."""
    agency, record = who
    signed("forget", role, reason)
    mine = governance.pseudonym(governance.pseudonym_key(place.workspace), "forget", f"{agency}\x1f{record}")
    with acting(place, "forget", "one person", (mine, role, reason), role) as act:
        if not act.said:
            with place.store() as store:
                found = _known(place, store, agency, record)
                tables = list(governance.holding(store, found))
            act.said = {
                "purpose": reason,
                "tables": tables,
                "person": found.person,
                "records": found.records,
                "shared": found.shared,
            }
            begun(place, act)
        lots = forget_steps(place, act)
    return place.answer("forget", {"tables": act.said["tables"], "lots": lots})


def _known(place: Place, store: Store, agency: str, record: str) -> governance.Known:
    """Whoever it is, and, where the agencies' files still hold the names that left the store, how they look."""
    try:
        with named(place, store):
            return governance.known(store, place.workspace, agency, record)
    except DataProblem:
        return governance.known(store, place.workspace, agency, record)
