"""The ledger's use cases: show, claim, accept, reverse, verify, check."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headwater.app.acting import acting
from headwater.app.answers import plain
from headwater.app.evaluating import protocols
from headwater.app.ledgers import ledger_of
from headwater.app.reading import names_of
from headwater.domain.errors import HeadwaterError, ProtocolBreach, one_of
from headwater.domain.ledger import Claim, ClaimState
from headwater.ledger import Balance, Ledger, Problem, outturn_figure, promised, rules
from headwater.ledger.standing import claim_of
from headwater.report.kinds import renamed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.ledger import Lot, Statement, StatementLine

POUNDS = ("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp")


SIDES = ("bearer", "year", "collaboration", "style")


def show(place: Place, by: str = "bearer") -> Answer:
    """Lots with what is left of them, claims with their states, and the statement that stands now, summed by one of its
    sides."""
    if by not in SIDES:
        raise one_of("a statement has no such side", by, SIDES, "headwater ledger show --by year")
    ledger = ledger_of(place)
    available, left = ledger.available(), ledger.left()
    statement = ledger.statement()
    content = {
        "lots": [{**plain(lot), "available": available[lot.lot], "left": left[lot.lot]} for lot in ledger.lots],
        "claims": [plain(claim) for claim in ledger.claims],
        "statement": [plain(line) for line in statement.lines],
        "totals": totals(statement),
        "by": by,
        "sums": sums(statement, by),
        "outturn": outturn(statement),
        "head_hash": ledger.head_hash,
        "attribution": ledger.rule,
    }
    names = _names(place) if content["outturn"] else {}
    figures = (renamed(outturn_figure(statement, names), names),) if content["outturn"] else ()
    return place.answer("ledger-show", content, figures, statement)


def _names(place: Place) -> dict[str, str]:
    """Organisation and collaboration → its name; none where a protocol does not read, because a book is shown whatever
    a plan says."""
    try:
        with place.store() as store:
            return names_of(store) | {protocol.id: protocol.name for protocol in protocols(place)}
    except HeadwaterError:
        return {}


def sums(statement: Statement, by: str) -> list[dict[str, Any]]:
    """Pounds by bucket over a side of the statement, a line a value; forecasts and reversed claims are in none of
    them."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(("invested_gbp", *POUNDS), 0.0))
    for line in _counted(statement):
        for name in ("invested_gbp", *POUNDS):
            found[str(getattr(line, by))][name] += getattr(line, name)
    return [{by: value, **found[value]} for value in sorted(found)]


def outturn(statement: Statement) -> list[dict[str, Any]]:
    """Every forecast beside what was measured, cash and released apart; a collaboration that promised nothing is not
    listed."""
    return [{**plain(row), "gap_gbp": row.gap_gbp} for row in promised(statement)]


def _counted(statement: Statement) -> list[StatementLine]:
    return [line for line in statement.lines if line.state not in {ClaimState.FORECAST, ClaimState.REVERSED}]


def totals(statement: Statement) -> dict[str, Any]:
    """Pounds by bucket and bearer over every state but forecast and reversed. Buckets are never added up."""
    by_bearer = sums(statement, "bearer")
    whole = {name: sum(row[name] for row in by_bearer) for name in ("invested_gbp", *POUNDS)}
    return {**whole, "bearers": by_bearer}


def claim(place: Place, lot: str, bearer: str, contacts: float, year: str, reason: str) -> Answer:
    """Claim a number of averted contacts of a lot; more than is left is refused. Pounds are those of the lot's own
    claims."""
    with acting(place, "ledger claim", f"on {lot}", (lot, bearer, contacts, year, reason, place.role)) as act:
        ledger = ledger_of(place, act.request)
        known = {one.lot for one in ledger.lots}
        if lot not in known:
            raise one_of("no such pool of averted contacts", lot, known, "headwater ledger show")
        if not ledger.done:
            pool = next(one for one in ledger.lots if one.lot == lot)
            made = _made(ledger, pool, (bearer, contacts, year), (place.role, reason))
            rules.claim_may_be_asked(made, pool, _bearers(place, ledger), _left_of_year(ledger, pool, made))
            ledger.claim([made], at=act.at)
        made = claim_of(ledger.done[0].body)
    left = ledger.left().get(lot, 0.0)
    return place.answer("ledger-claim", {"claim": plain(made), "left": left, "head_hash": ledger.head_hash})


def _bearers(place: Place, ledger: Ledger) -> set[str]:
    """Whose budgets the workspace knows; nobody's where it has no list of organisations."""
    with place.store() as store:
        known = set(names_of(store))
    booked = {one.claim.bearer for one in ledger.claims} | {one.bearer for one in ledger.spent}
    return known | booked if known else set()


def _left_of_year(ledger: Ledger, pool: Lot, asked: Claim) -> float | None:
    """Contacts of the claim's bearer and year that nobody claimed yet, after what other pools count is taken off; None
    where the pool does not say whose they are."""
    if (due := pool.due_to(asked.bearer, asked.year)) is None:
        return None
    kept = ledger.available()[pool.lot] / pool.averted if pool.averted else 0.0
    mine = [
        one.claim
        for one in ledger.claims
        if (one.claim.lot, one.claim.bearer, one.claim.year) == (pool.lot, asked.bearer, asked.year)
    ]
    return kept * due[0] - sum(one.contacts for one in mine if one.state is not ClaimState.REVERSED)


def _made(ledger: Ledger, pool: Lot, what: tuple[str, float, str], who: tuple[str, str]) -> Claim:
    """The next claim of a bearer on a pool, its pounds those that were counted for its budget and year."""
    (bearer, contacts, year), (role, reason) = what, who
    each = _each_gbp(ledger, pool, bearer, year)
    number = sum(booked.claim.lot == pool.lot for booked in ledger.claims) + 1
    return Claim(
        claim=f"{pool.lot}/{bearer}/{year}/{number}",
        lot=pool.lot,
        bearer=bearer,
        contacts=contacts,
        year=year,
        **{name: contacts * each[name] for name in POUNDS},
        state=ClaimState.MEASURED,
        role=role,
        reason=reason,
    )


def _each_gbp(ledger: Ledger, pool: Lot, bearer: str, year: str) -> dict[str, float]:
    """Pounds a contact by bucket: as counted for a budget and year, else as the claims of the pool already stand."""
    due = pool.due_to(bearer, year)
    if due and due[0]:
        return {name: part / due[0] for name, part in zip(POUNDS, due[1:], strict=True)}
    booked = [one.claim for one in ledger.claims if one.claim.lot == pool.lot]
    contacts = sum(one.contacts for one in booked)
    return {name: sum(getattr(one, name) for one in booked) / contacts if contacts else 0.0 for name in POUNDS}


def advance(place: Place, claim_id: str, state: str, role: str, reason: str) -> Answer:
    """Move a claim on: finance accepts it, a budget is cut by it, or it decays."""
    if state not in set(ClaimState):
        raise one_of("no such state", state, ClaimState)
    with acting(place, f"ledger {state}", claim_id, (claim_id, role, reason), role) as act:
        ledger = ledger_of(place, act.request)
        if not ledger.done:
            ledger.advance(claim_id, ClaimState(state), role=role, reason=reason, at=act.at)
    return place.answer("ledger-state", {"claim": claim_id, "state": state, "head_hash": ledger.head_hash})


def reverse(place: Place, claim_id: str, role: str, reason: str) -> Answer:
    """Take a claim back by a new entry; nothing is deleted."""
    return advance(place, claim_id, ClaimState.REVERSED, role, reason)


def attribute(place: Place, rule: str, role: str, reason: str) -> Answer:
    """Say how averted contacts that several lots count are shared: first, equal or shapley."""
    with acting(place, "ledger attribute", rule, (rule, role, reason), role) as act:
        ledger = ledger_of(place, act.request)
        if not ledger.done:
            ledger.attribute(rule, role=role, reason=reason, at=act.at)
    return place.answer("ledger-attribute", {"attribution": rule, "head_hash": ledger.head_hash})


def balance(place: Place, bucket: str, gbp: float, over: Mapping[str, str], role: str) -> Answer:
    """Finance writes down what a balance must be; later checks hold it. over: bearer, collaboration and year, empty for
    all."""
    buckets = [name.removesuffix("_gbp") for name in POUNDS]
    if bucket not in buckets:
        raise one_of("there is no such bucket", bucket, buckets)
    held = Balance(over["bearer"], over["collaboration"], over["year"], bucket, gbp)
    with acting(
        place, "ledger balance", f"{held.bearer} {bucket}".strip(), (*over.values(), bucket, gbp, role), role
    ) as act:
        ledger = ledger_of(place, act.request)
        if held.bearer and (known := _bearers(place, ledger)) and held.bearer not in known:
            raise one_of("no such bearer", held.bearer, known, "headwater ledger show")
        if not ledger.done:
            ledger.assert_balance(held, role=role, at=act.at)
    return place.answer("ledger-balance", {"balance": plain(held), "head_hash": ledger.head_hash})


def verify(place: Place, noted_head: str = "") -> Answer:
    """Whether the file is the one that was written: tampering, truncation, reordering, replay are found and located."""
    from headwater.app.heads import missing  # which reads the ledger through this page

    found = ledger_of(place).verify(noted_head)
    if found.intact and (lost := missing(place)):
        gone = tuple(Problem(found.entries, "noted head missing", text) for text in lost)
        found = replace(found, problems=(*found.problems, *gone))
    answer = place.answer("ledger-verify", {**plain(found), "intact": found.intact}, value=found)
    if not found.intact:
        first = next(problem for problem in found.problems if problem.breach)
        raise ProtocolBreach(
            f"the ledger is not as it was written: {first.text}",
            given=f"line {first.line}; problems found: {len(found.problems)}",
            next_step="put back the copy of what is named from your backup and type the command again",
        )
    return answer


def check(place: Place) -> Answer:
    """Every rule of the ledger, by name, with whether it holds."""
    from headwater.app.heads import missing

    found = ledger_of(place).check()
    if lost := missing(place):
        found = tuple(replace(one, passed=False, text="; ".join(lost)) if one.name == "chain" else one for one in found)
    content = {"checks": [plain(one) for one in found], "passed": all(one.passed is not False for one in found)}
    return place.answer("ledger-check", content, value=found)
