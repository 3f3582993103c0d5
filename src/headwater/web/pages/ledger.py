"""Ledger: lots and claims, what they come to by bearer, and the acts of analysts and of finance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app import booking
from headwater.app.ledgers import ledger_of
from headwater.domain.errors import ProtocolBreach
from headwater.domain.ledger import ClaimState
from headwater.web import words
from headwater.web.asking import Go, Missing, Sheet
from headwater.web.forms import EDITING, Field, amount, need

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.web.asking import Ask

MOVES = {
    ClaimState.ACCEPTED.value: "Accepted by finance",
    ClaimState.REMOVED.value: "Out of the budget",
    ClaimState.DECAYED.value: "Decayed",
}


def shown(ask: Ask) -> Answer:
    return ask.need("ledger")


def show(ask: Ask) -> Sheet:
    return Sheet(
        "ledger.html.j2",
        "Ledger",
        {"shown": shown(ask), "rules": ask.need("ledger-check")},
        {"names": ask.names, "lots_in_words": _lots_in_words(ask, shown(ask))},
    )


def _lots_in_words(ask: Ask, answer: Answer) -> dict[str, str]:
    """Pool → its collaboration and kind of contact in words; where two would be the same, with the pool's own mark."""
    plans = {one["id"]: one["name"] for one in ask.need("progress").content["collaborations"]}
    said = {
        lot[
            "lot"
        ]: f"{plans.get(lot['collaboration'], lot['collaboration'])}: {words.lower_first(words.kind(lot['kind']))}"
        for lot in answer.content["lots"]
    }
    twice = {name for name in said.values() if list(said.values()).count(name) > 1}
    return {lot: f"{name} ({lot.rpartition('/')[2]})" if name in twice else name for lot, name in said.items()}


def claims(ask: Ask) -> Sheet:
    answer = shown(ask)
    told = {"names": ask.names, "claims_in_words": _in_words(ask, answer)}
    return Sheet("claims.html.j2", "Claims", {"shown": answer}, told)


def _in_words(ask: Ask, answer: Answer) -> dict[str, str]:
    """Claim → the collaboration and the kind of contact that it is about, in words; its id where they are not known."""
    plans = {one["id"]: one["name"] for one in ask.need("progress").content["collaborations"]}
    kinds = {lot["lot"]: lot["kind"] for lot in answer.content["lots"]}
    found = {}
    for booked in answer.content["claims"]:
        one = booked["claim"]
        # A forecast has no lot; its id says of what it is: collaboration/forecast/kind/budget/year.
        kind = kinds.get(one["lot"]) or "".join(
            one["claim"].split("/")[2:3] if not one["lot"] else one["lot"].split("/")[1:2]
        )
        name = plans.get(booked["collaboration"], booked["collaboration"])
        found[one["claim"]] = f"{name}: {words.lower_first(words.kind(kind))}" if kind else one["claim"]
    return found


def claim_form(ask: Ask) -> Sheet:
    answer = shown(ask)
    lot = next((lot for lot in answer.content["lots"] if lot["lot"] == ask.given.get("lot")), None)
    if lot is None:
        raise Missing(
            "there is no such pool of averted contacts",
            given=repr(ask.given.get("lot", "")[:120]),
            next_step="choose one on the page Ledger",
        )
    bearers = sorted({one["claim"]["bearer"] for one in answer.content["claims"]})
    fields = (
        Field(
            "bearer",
            "Whose budget",
            value=ask.word("bearer"),
            hint=f"As in the protocol: {', '.join(bearers)}" if bearers else "",
            wide="20",
        ),
        Field(
            "contacts",
            "Averted contacts",
            value=ask.word("contacts"),
            hint="No more than is left in the pool.",
            wide="5",
            number=True,
        ),
        Field("year", "Financial year", value=ask.word("year"), hint="For example, 2023-24", wide="10"),
        Field("reason", "Why", "area", ask.word("reason")),
    )
    return Sheet(
        "claim.html.j2",
        "Claim a saving",
        {"shown": answer},
        {"fields": fields, "lot": lot["lot"], "in_words": _lots_in_words(ask, answer)[lot["lot"]]},
    )


def claim(ask: Ask) -> Go:
    given = need(
        ask, lot="the pool", bearer="whose budget", contacts="averted contacts", year="the financial year", reason="why"
    )
    number = amount(given["contacts"], "the number of contacts")
    with EDITING:
        _same_head(ask)
        booking.claim(ask.place, given["lot"], given["bearer"], number, given["year"], given["reason"])
    return Go("/ledger/claims", "claimed")


def move_form(ask: Ask) -> Sheet:
    answer = shown(ask)
    found = next((one for one in answer.content["claims"] if one["claim"]["claim"] == ask.given.get("claim")), None)
    if found is None:
        raise Missing(
            "there is no such claim",
            given=repr(ask.given.get("claim", "")[:120]),
            next_step="choose one on the page Claims",
        )
    chosen, names = found["claim"]["claim"], ask.names
    of = f"{_in_words(ask, answer)[chosen]}, {words.body(found['claim']['bearer'], names)}, {found['claim']['year']}"
    state = Field("state", "What became of it", "select", options=tuple(MOVES.items()))
    signed: tuple[Any, ...] = (
        Field("role", "Your role", hint="It must not be the role that booked the claim.", wide="20", value=_role(ask)),
        Field("reason", "Why", "area"),
    )
    return Sheet(
        "move.html.j2",
        "One claim",
        {"shown": answer},
        {"claim": chosen, "of": of, "state": state, "signed": signed, "names": names},
    )


def _role(ask: Ask) -> str:
    return ask.visitor.acting


def verify(ask: Ask) -> Go:
    given = need(ask, claim="the claim", state="the new state", role="your role", reason="why")
    with EDITING:
        _same_head(ask)
        booking.advance(ask.place, given["claim"], given["state"], _signed(ask, given["role"]), given["reason"])
    return Go("/ledger/claims", "moved")


def reverse(ask: Ask) -> Go:
    given = need(ask, claim="the claim", role="your role", reason="why")
    with EDITING:
        _same_head(ask)
        booking.reverse(ask.place, given["claim"], _signed(ask, given["role"]), given["reason"])
    return Go("/ledger/claims", "reversed")


def _signed(ask: Ask, typed: str) -> str:
    """Who signs: in shared mode whom the proxy named, whatever the form says."""
    return ask.visitor.acting or typed


def _same_head(ask: Ask) -> None:
    """A form filled in before somebody else booked is refused: what was left may be gone."""
    now = ledger_of(ask.place).head_hash
    if ask.word("version") != now:
        raise ProtocolBreach(
            "the ledger has moved on since you opened the form",
            given=f"its head was {ask.word('version')[:12]}, now it is {now[:12]}",
            allowed="a form of the ledger as it stands",
            next_step="go back, reload the page, see what is left, and send it again; nothing was booked",
        )
