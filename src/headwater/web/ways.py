"""Every address: what answers it and which roles may ask. The table is tested route by role, and a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.web.access import ANALYSTS, EVERYBODY, VERIFIERS, Role
from headwater.web.pages import (
    about,
    csvs,
    data,
    gallery,
    ledger,
    look,
    mapping,
    partners,
    plan,
    pool,
    protocol,
    reports,
    results,
    risks,
    start,
    what_if,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.web.asking import Ask, Reply

UPLOAD = "/data/upload"
WORKERS = ANALYSTS | VERIFIERS


@dataclass(frozen=True, slots=True)
class Way:
    """One address with one method."""

    path: str
    act: Callable[[Ask], Reply]
    roles: frozenset[Role] = EVERYBODY
    method: str = "GET"
    asks: str = ""
    """What a look at it asks of the data, for the audit log; '' for pages that show no figure of anybody."""


def _looks(path: str, act: Callable[[Ask], Reply], roles: frozenset[Role] = EVERYBODY, asks: str = "") -> Way:
    return Way(path, act, roles, asks=asks)


def _acts(path: str, act: Callable[[Ask], Reply], roles: frozenset[Role] = ANALYSTS) -> Way:
    return Way(path, act, roles, "POST")


WAYS: tuple[Way, ...] = (
    _looks("/", start.show),
    _looks("/data", data.show),
    _looks("/data/look", look.show, asks="counts"),
    _looks("/data/quarantine", data.quarantine),
    _looks("/data/settings", data.settings),
    _acts("/data/settings", data.save_settings),
    _acts(UPLOAD, data.upload),
    _looks("/data/map", mapping.show, ANALYSTS),
    _acts("/data/map", mapping.save),
    _acts("/data/add", mapping.add),
    _acts("/data/check", data.check),
    _acts("/data/load", data.load),
    _acts("/data/first", data.first),
    _looks("/partners", partners.show, asks="partners"),
    _looks("/partners/why", partners.why, asks="partners"),
    _looks("/partners/what-if", what_if.of_option, asks="partners"),
    _looks("/partners/compare", partners.compare, asks="partners"),
    _acts("/partners/find", partners.find),
    _looks("/plan", plan.show),
    _acts("/plan/new", plan.new),
    _looks("/plan/{id}", plan.one, asks="plan {id}"),
    _acts("/plan/{id}/power", plan.power),
    _looks("/plan/{id}/form", protocol.form),
    _acts("/plan/{id}/form", protocol.save_form),
    _looks("/plan/{id}/step/{step}", protocol.step),
    _acts("/plan/{id}/step/{step}", protocol.save_step),
    _looks("/plan/{id}/text", protocol.text),
    _acts("/plan/{id}/text", protocol.save_text),
    _acts("/plan/{id}/lock", plan.lock),
    _acts("/plan/{id}/amend", plan.amend),
    _looks("/results", results.show, asks="results"),
    _looks("/results/{id}", results.one, asks="results {id}"),
    _looks("/results/{id}/checks", results.checks, asks="results {id}"),
    _looks("/results/{id}/money", results.money, asks="results {id}"),
    _looks("/results/{id}/what-if", what_if.of_result, asks="results {id}"),
    _looks("/results/{id}/figures", results.figures, asks="results {id}"),
    _acts("/results/{id}/evaluate", results.evaluate),
    _acts("/results/{id}/count", results.count),
    _looks("/pool", pool.show, asks="pool"),
    _acts("/pool/take", pool.take),
    _looks("/made-from", about.made_from),
    _looks("/ledger", ledger.show, asks="ledger"),
    _looks("/ledger/claims", ledger.claims, asks="ledger"),
    _looks("/ledger/claim", ledger.claim_form, WORKERS),
    _acts("/ledger/claim", ledger.claim),
    _looks("/ledger/move", ledger.move_form, WORKERS),
    _acts("/ledger/verify", ledger.verify, VERIFIERS),
    _acts("/ledger/reverse", ledger.reverse, VERIFIERS),
    _looks("/risks", risks.show, asks="risks"),
    _looks("/risks/register", risks.register, ANALYSTS),
    _acts("/risks/register", risks.save_register),
    _looks("/risks/{id}", risks.gates, asks="gates {id}"),
    _acts("/risks/{id}/decide", risks.decide, WORKERS),
    _looks("/reports", reports.show),
    _acts("/reports/make", reports.make),
    _looks("/reports/audit", reports.audit),
    _looks("/reports/file/{name}", reports.file),
    _looks("/progress", work.show),
    _acts("/progress/stop", work.stop),
    _acts("/progress/everything", work.everything),
    _acts("/progress/ready", work.ready),
    _looks("/csv", csvs.show, asks="a table as CSV"),
    _looks("/gallery", gallery.show, asks="figures"),
    _looks("/about", about.show),
)
