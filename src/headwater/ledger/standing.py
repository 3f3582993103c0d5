"""What stands in the ledger after a run of entries: each act applied in turn, nothing else remembered."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, TypeVar

from headwater.domain.errors import ProtocolBreach
from headwater.domain.ledger import Claim, ClaimState, Lot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from headwater.store.chain import Body, Entry


Thing = TypeVar("Thing", Lot, Claim, "Spent", "Balance")
LOT = tuple(field.name for field in fields(Lot))
CLAIM = tuple(field.name for field in fields(Claim))


@dataclass(frozen=True, slots=True)
class Booked:
    """A claim with how it came to stand: who booked it, and every state since with its role and reason."""

    claim: Claim
    collaboration: str
    style: str
    booked_by: str
    history: tuple[tuple[str, ClaimState, str, str], ...]
    """(at, state, role, reason), the first at the top."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a bearer put in, in a year: planned (forecast) or measured."""

    collaboration: str
    style: str
    bearer: str
    year: str
    what: str
    gbp: float
    state: ClaimState

    @property
    def heading(self) -> tuple[str, str, str, str, str]:
        return self.collaboration, self.bearer, self.year, self.what, self.state


@dataclass(frozen=True, slots=True)
class Balance:
    """Finance's assertion that claims standing for a bearer and year (empty for all) come to `gbp` in a bucket."""

    bearer: str
    collaboration: str
    year: str
    bucket: str
    gbp: float
    tolerance_gbp: float = 0.5


@dataclass(slots=True)
class Standing:
    """Lots, claims and the rest, by id. Changed only by `apply`."""

    rule: str = "first"
    lots: dict[str, Lot] = field(default_factory=dict)
    """All that were ever opened; `open_lots` are those that count."""
    withdrawn: dict[str, str] = field(default_factory=dict)
    """Lot → why it no longer counts."""
    claims: dict[str, Booked] = field(default_factory=dict)
    spent: list[Spent] = field(default_factory=list)
    balances: list[tuple[str, Balance]] = field(default_factory=list)
    claimed: dict[str, float] = field(default_factory=dict)
    """Lot → contacts claimed by what is not reversed."""

    @property
    def open_lots(self) -> list[Lot]:
        return [lot for name, lot in self.lots.items() if name not in self.withdrawn]


def replayed(entries: Iterable[Entry]) -> Standing:
    """What stands after these entries, from the first."""
    standing = Standing()
    for entry in entries:
        apply(standing, entry)
    return standing


def apply(standing: Standing, entry: Entry) -> None:
    """Let one entry count. An unknown act is left alone: a later edition may know it.

    Raises ProtocolBreach for an entry that is sound in the chain and still says nothing that was ever booked.
    """
    if act := ACTS.get(entry.act):
        try:
            act(standing, entry)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise ProtocolBreach(
                f"entry {entry.n} of the ledger is no {entry.act} that this program writes",
                given=ascii(str(problem))[:120],
                next_step="headwater ledger verify, then put back the last good copy of ledger.jsonl",
            ) from problem


LATER = ("months", "averted_by_month", "raw_averted", "price_gbp", "split_gbp", "due")
"""Fields that the first edition did not have: written only where they say something, so that its files keep their
bytes."""


def body_of(thing: Lot | Claim | Spent | Balance) -> Body:
    return {name: value for name, value in asdict(thing).items() if name not in LATER or value not in ((), None)}


def lot_of(body: Mapping[str, object]) -> Lot:
    found = {name: _tuples(body[name]) for name in LOT if name in body}
    return _typed(Lot(**found))  # type: ignore[arg-type]


def _tuples(value: object) -> object:
    """Lists as tuples, those within them too."""
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


def claim_of(body: Mapping[str, object]) -> Claim:
    values = {name: body[name] for name in CLAIM}
    values["state"] = ClaimState(str(values["state"]))
    return _typed(Claim(**values))  # type: ignore[arg-type]


def _typed(thing: Thing) -> Thing:
    """Figures are figures and words are words: a file may say anything."""
    for each in fields(thing):
        value = getattr(thing, each.name)
        if each.type == "float" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise TypeError(f"{each.name} is {value!r}")
        if each.type == "str" and not isinstance(value, str):
            raise TypeError(f"{each.name} is {value!r}")
    return thing


def parts_of(entry: Entry) -> list[tuple[str, Body]]:
    """The acts of an entry: its own, or those that one count did together."""
    return (
        [(str(act), body) for act, body in entry.body["parts"]] if entry.act == "count" else [(entry.act, entry.body)]
    )


def _lot(standing: Standing, entry: Entry) -> None:
    lot = lot_of(entry.body)
    standing.lots[lot.lot] = lot


def _withdrawn(standing: Standing, entry: Entry) -> None:
    standing.withdrawn[entry.body["lot"]] = str(entry.body["reason"])


def _units(standing: Standing, entry: Entry) -> None:
    """Somebody was forgotten: the lot's set has another digest, and everything else stays."""
    lot = standing.lots[entry.body["lot"]]
    standing.lots[lot.lot] = replace(lot, units=str(entry.body["units"]))


def _claim(standing: Standing, entry: Entry) -> None:
    claim = claim_of(entry.body)
    lot = standing.lots.get(claim.lot)
    collaboration = lot.collaboration if lot else str(entry.body.get("collaboration", ""))
    style = lot.style if lot else str(entry.body.get("style", ""))
    history = ((entry.at, claim.state, entry.role, claim.reason),)
    standing.claims[claim.claim] = Booked(claim, collaboration, style, entry.role, history)
    if lot:
        standing.claimed[lot.lot] = standing.claimed.get(lot.lot, 0.0) + claim.contacts


def _state(standing: Standing, entry: Entry) -> None:
    booked, state = standing.claims[entry.body["claim"]], ClaimState(entry.body["state"])
    reason = str(entry.body["reason"])
    claim = replace(booked.claim, state=state, role=entry.role, reason=reason)
    history = (*booked.history, (entry.at, state, entry.role, reason))
    standing.claims[claim.claim] = replace(booked, claim=claim, history=history)
    if state is ClaimState.REVERSED and claim.lot:
        standing.claimed[claim.lot] -= claim.contacts


def _spent(standing: Standing, entry: Entry) -> None:
    standing.spent.append(_typed(Spent(**{**entry.body, "state": ClaimState(entry.body["state"])})))


def _balance(standing: Standing, entry: Entry) -> None:
    standing.balances.append((entry.at, _typed(Balance(**entry.body))))


def _rule(standing: Standing, entry: Entry) -> None:
    standing.rule = str(entry.body["rule"])


def _count(standing: Standing, entry: Entry) -> None:
    """What one count withdrew, opened, claimed and spent, in that order."""
    for act, body in parts_of(entry):
        apply(standing, replace(entry, act=act, body=body))


ACTS: Mapping[str, Callable[[Standing, Entry], None]] = {
    "lot": _lot,
    "withdrawn": _withdrawn,
    "units": _units,
    "claim": _claim,
    "forecast": _claim,
    "state": _state,
    "spent": _spent,
    "balance": _balance,
    "rule": _rule,
    "count": _count,
}
