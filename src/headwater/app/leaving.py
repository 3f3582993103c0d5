"""What leaves: the board report with its manifest, and whether a report is still the one that was made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater import governance, sources
from headwater import report as reports
from headwater.app import areas, evidence_file, valuing
from headwater.app.acting import acting
from headwater.app.choosing import options
from headwater.app.evaluating import estimates, evaluated, protocol_of, protocols, reaching, sealed
from headwater.app.evidence_file import schema_of
from headwater.app.governing import board_risks, indicators_of, risk_npv
from headwater.app.heads import heads, missing_of
from headwater.app.ledgers import ledger_of
from headwater.app.reading import data_version, link_report, linked, observed
from headwater.app.version import code_version
from headwater.disclosure import let_out, release
from headwater.domain.collaboration import Style
from headwater.domain.errors import Usage, one_of
from headwater.domain.progress import silent
from headwater.domain.uncertainty import Interval
from headwater.partners import doing_nothing, floor_gbp
from headwater.report.kinds import day_words, renamed
from headwater.store.files import sha256_of, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol
    from headwater.domain.progress import Progress
    from headwater.domain.release import Document, Released
    from headwater.link import LinkReport
    from headwater.store import Store


RISK_WORDS = {"before_risk": "no risk", "inherent": "risks as they are", "residual": "risks after their controls"}


@dataclass(frozen=True)
class Reported:
    """The files of one collaboration's report, the record beside them among them."""

    collaboration: str
    files: tuple[Path, ...]


def report(place: Place, formats: tuple[str, ...] = ("html",), progress: Progress = silent) -> Answer:
    """One board report a collaboration, in each format, into releases/, with a manifest to verify it by."""
    for name in formats:
        if name not in reports.FORMATS:
            raise one_of("no such format", name, reports.FORMATS, "headwater report --format html,pdf")
    made: list[Reported] = []
    with acting(place, "report", ",".join(formats), formats) as act, place.store() as store:
        linked(place, store, progress)
        shared = _shared(place, store, progress)
        # What is sealed is in no report; the answer names it.
        plans, closed = protocols(place), [one.id for one in protocols(place) if sealed(place, one.id)]
        plans = tuple(one for one in plans if one.id not in closed)
        for at, protocol in enumerate(plans):
            progress(f"report on {protocol.id}", at, len(plans))
            draft = reports.board_document(_facts(place, store, protocol, shared))
            made.append(Reported(protocol.id, _written(place, _let_out(place, draft, shared["data"]), formats)))
        if shared["all_options"]:
            progress("the three styles side by side", len(plans), len(plans) + 1)
            draft = _comparison(place, shared)
            made.append(Reported(draft.name, _written(place, _let_out(place, draft, shared["data"]), formats)))
        act.said = {"data": data_version(store)}
    progress("", 1, 1)
    files = [str(file) for one in made for file in one.files]
    return place.answer(
        "report", {"files": files, "sealed": closed}, value=tuple(file for one in made for file in one.files)
    )


def _let_out(place: Place, draft: Document, data: str) -> Released[Document]:
    """Stop before anything leaves from which, with what left before, a masked figure could be reckoned."""
    return let_out(place.workspace.releases / "register.jsonl", draft, place.settings.disclosure, data)


def _shared(place: Place, store: Store, progress: Progress) -> dict[str, Any]:
    """What every report of a workspace has in common."""
    linked(place, store)
    link = link_report(place, store)
    names = {
        row["organisation"]: row["name"]
        for row in store.arrow(store.table("organisation").select("organisation", "name")).to_pylist()
    }
    found = options(place, store, None, tuple(Style), progress) if store.has("person_contact") else ()
    return {
        "options": found[:8],
        "all_options": found,
        "floor": floor_gbp(store, place.settings, None),
        "link_rates": link_rates_of(link),
        "loads": tuple(
            reports.LoadRow(one.file, one.table, one.rows_in, one.kept, one.quarantined, one.reasons)
            for one in sources.loaded(store)
        ),
        "names": names,
        "date": observed(place, store)[1],
        "data": data_version(store),
        "measured": indicators_of(place, store),
    }


def link_rates_of(found: LinkReport) -> tuple[reports.LinkRate, ...]:
    """By agency, then by age, sex and deprivation; areas are too many for a page, so only those linked far less
    well."""
    under = {line.partition(":")[0] for line in found.under_linked}
    groups = (
        reports.LinkRate(one.by, one.group, one.rate, one.records, f"{one.by} {one.group}" in under)
        for one in found.rates
        if one.by != "area" or f"{one.by} {one.group}" in under
    )
    return tuple(sorted(groups, key=lambda one: one.by != "agency"))


def _comparison(place: Place, shared: dict[str, Any]) -> Document:
    """The options of every style on one base, doing nothing among them."""
    found = shared["all_options"]
    facts = {"data to": day_words(shared["date"]), "data version": shared["data"], "code version": code_version()}
    board = reports.BoardFacts(
        name="partners-comparison",
        title=f"{place.settings.place}: who should work together?",
        date=f"Data to {day_words(shared['date'])}",
        decision="Which of these ways to work together should become a protocol, or none?",
        facts=facts,
        options=found,
        names=shared["names"],
    )
    return reports.comparison_document(board, doing_nothing(found, shared["floor"]))


def _facts(place: Place, store: Store, protocol: Protocol, shared: dict[str, Any]) -> reports.BoardFacts:
    standing, found = evaluated(place, store, protocol)
    told = valuing.worth(place, protocol, found, estimates(place, store))
    risks, gates = board_risks(place, protocol, found, shared["measured"])
    made, saving = valuing.judged(protocol, found, told.saving), told.saving
    names = {**shared["names"], protocol.id: protocol.name}
    figures = (renamed(one, names) for one in valuing.figures(protocol, saving, made))
    to = day_words(reaching(found, shared["date"]))
    npv = risk_npv(protocol, found, saving, risks) if risks else {}
    return reports.BoardFacts(
        name=f"{protocol.id}-board-report",
        title=protocol.name,
        date=f"Data to {to}",
        decision="Should this work go on, be changed or be stopped?",
        facts={
            "collaboration": protocol.id,
            "data to": to,
            "data version": shared["data"],
            "code version": code_version(),
            "protocol SHA-256": standing.sha256,
            "status": standing.status.value,
            "seed": str(protocol.seed),
            "ledger head": ledger_of(place).head_hash,
        },
        evaluation=found,
        protocol=protocol,
        standing=standing,
        saving=saving,
        statement=_statement(place, protocol),
        options=shared["options"],
        link_rates=shared["link_rates"],
        loads=shared["loads"],
        figures=(*found.figures, *figures),
        verdicts=valuing.in_words(found, told, made),
        money=made.money,
        why_money=made.why,
        break_even_fall=None if made.why else valuing.break_even_fall(found, told, made.accounts[1]),
        knowing=valuing.knowing(saving, made),
        names=names,
        risks=risks,
        gates=gates,
        risk_npv=tuple((RISK_WORDS[name], Interval.around_mean(draws)) for name, draws in npv.items()),
        indicators=tuple(one for one in shared["measured"] if one.collaboration in {protocol.id, ""}),
    )


def _statement(place: Place, protocol: Protocol) -> Any:
    from dataclasses import replace

    statement = ledger_of(place).statement()
    return replace(statement, lines=tuple(line for line in statement.lines if line.collaboration == protocol.id))


def _written(place: Place, document: Released[Document], formats: tuple[str, ...]) -> tuple[Path, ...]:
    folder, name = place.workspace.releases, document.content.name
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / f"{name}.manifest.json"
    files = [folder / f"{name}.{form}" for form in formats]
    if _unchanged(document, record, files):
        return (*files, record)
    for form, file in zip(formats, files, strict=True):
        reports.render(document, form, file)
    write_atomically(record, reports.as_json({**reports.manifest(document, files), "heads": heads(place)}))
    return (*files, record)


def _unchanged(document: Released[Document], record: Path, files: list[Path]) -> bool:
    """Whether these very files were made of this very content before; a record that does not read is written anew."""
    held = _record(record)
    if held is None or not all(file.exists() for file in files):
        return False
    seal = held.get("seal")
    same = isinstance(seal, dict) and seal.get("content_sha256") == document.seal.content_sha256
    return (
        same
        and held.get("facts") == dict(document.content.facts)
        and all(held["files"].get(file.name, {}).get("sha256") == sha256_of(file) for file in files)
    )


def _record(file: Path) -> dict[str, Any] | None:
    """A report's manifest; None where there is none, or it is damaged."""
    try:
        held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return held if all({"sha256", "words"} <= one.keys() for one in held["files"].values()) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def verify(place: Place, file: Path) -> Answer:
    """Whether a file is the one the manifest beside it was written for, or what differs."""
    if (schema := schema_of(file)) in EVIDENCE:
        return _verified(place, file, EVIDENCE[schema])
    record = next(
        (
            found
            for found in (file.with_suffix(".manifest.json"), place.workspace.releases / f"{file.stem}.manifest.json")
            if found.exists()
        ),
        None,
    )
    if record is None:
        raise Usage(
            "there is no manifest of this report",
            given=str(file),
            allowed="a report that headwater wrote",
            next_step="headwater report",
        )
    if (held := _record(record)) is None:
        raise Usage(
            "the manifest of this report cannot be read",
            given=str(record),
            allowed="a manifest as headwater wrote it",
            next_step="put it back from your backup, or type headwater report, which makes both again",
        )
    differs = (*reports.verify(file, held), *missing_of(place, held, file.name))
    return place.answer("verify", {"file": str(file), "same": not differs, "text": " ".join(differs)}, value=differs)


EVIDENCE: dict[str, Callable[[Path], object]] = {evidence_file.SCHEMA: evidence_file.read, areas.SCHEMA: areas.read}


def _verified(place: Place, file: Path, read: Callable[[Path], object]) -> Answer:
    """Whether a site's or an area's file is as it was made, by its digest, and signed by the key that it names."""
    try:
        read(file)
        why = ""
    except Usage as problem:
        why = problem.given.removeprefix(f"{file.name}: ")
    return place.answer("verify", {"file": str(file), "same": not why, "text": why}, value=(why,) if why else ())


def request(place: Place, collaboration: str, agency: str) -> Answer:
    """A data request for a partner: only the columns that the evaluation needs."""
    file = place.workspace.releases / f"{collaboration}-request-{agency}.xlsx"
    write_atomically(file, governance.data_request(protocol_of(place, collaboration), agency))
    place.note("request", f"{collaboration} {agency}")
    return place.answer("request", {"file": str(file)})


def export(place: Place, collaboration: str, what: str) -> Answer:
    """A registry entry (JSON), or a starter of a sharing agreement or impact assessment (DOCX), into releases/."""
    protocol = protocol_of(place, collaboration)
    starters = {"agreement": governance.sharing_agreement, "assessment": governance.impact_assessment}
    place.workspace.releases.mkdir(parents=True, exist_ok=True)
    if what == "registry":
        entry = place.answer(
            "registry-entry", governance.registry_entry(protocol, governance.standing(place.workspace, collaboration))
        )
        file = place.workspace.releases / f"{collaboration}-registry-entry.json"
        write_atomically(file, json.dumps(entry.content, indent=1, ensure_ascii=False))
    elif what in starters:
        document = release(starters[what](protocol), place.settings.disclosure)
        file = reports.render(document, "docx", place.workspace.releases / f"{document.content.name}.docx")
    else:
        raise one_of("no such export", what, ("registry", *starters))
    place.note("export", f"{collaboration} {what}")
    return place.answer("export", {"file": str(file)})
