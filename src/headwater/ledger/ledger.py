"""The ledger: evidence opens lots, claims are booked against them, and nothing is counted twice or deleted.

Every act takes `at`, the caller's time stamp, and the role that does it: the file's content depends on nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.ledger import Claim, ClaimState, Lot, Statement
from headwater.domain.money import in_pounds
from headwater.ledger import checks, netting, rules
from headwater.ledger.draft import Draft
from headwater.ledger.standing import Balance, Spent, Standing, apply, body_of
from headwater.ledger.statement import amount, statement_of
from headwater.ledger.units import Followed, UnitSets, unit_codes
from headwater.store.chain import Body, Chain, Problem, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from headwater.domain.collaboration import Standing as Lock
    from headwater.domain.evidence import Check
    from headwater.ledger.draft import Counted
    from headwater.ledger.standing import Booked
    from headwater.store.chain import Entry


class Ledger:
    """One workspace's ledger. file: the JSON Lines; units: the hidden folder of unit sets, the anchor and the lock.

    request: the act that books, put on its entries.
    """

    def __init__(self, file: Path, units: Path, request: str = "") -> None:
        self._journal, self._request = Chain(file, units), request
        self._units = UnitSets(units)
        self._standing = Standing()
        self._held: dict[str, float] | None = None

    # What stands

    @property
    def lots(self) -> tuple[Lot, ...]:
        """The lots that count, in order of registration; withdrawn ones stay in the file alone."""
        return tuple(self._read().open_lots)

    @property
    def ever(self) -> tuple[str, ...]:
        """Every lot that was ever opened, withdrawn ones too."""
        return tuple(self._read().lots)

    @property
    def claims(self) -> tuple[Booked, ...]:
        return tuple(self._read().claims.values())

    @property
    def spent(self) -> tuple[Spent, ...]:
        return tuple(self._read().spent)

    @property
    def rule(self) -> str:
        return self._read().rule

    @property
    def entries(self) -> tuple[Entry, ...]:
        self._read()
        return tuple(self._journal.entries)

    @property
    def head_hash(self) -> str:
        self._read()
        return self._journal.head

    @property
    def done(self) -> tuple[Entry, ...]:
        """The entries of this ledger's own request: none until it was booked."""
        return tuple(entry for entry in self.entries if self._request and entry.request == self._request)

    def available(self) -> Mapping[str, float]:
        """Lot → averted contacts it may be claimed for, net of what other lots over the same units and days count."""
        return dict(self._netted(self._read()))

    def left(self) -> Mapping[str, float]:
        """Lot → contacts that nobody has claimed yet."""
        standing = self._read()
        return {lot: held - standing.claimed.get(lot, 0.0) for lot, held in self._netted(standing).items()}

    def statement(self) -> Statement:
        """What stands now, line by line, fixed by the head hash. Reversed claims are not in it; forecasts are their own
        lines."""
        return statement_of(self._read(), self._journal.head)

    # Acts

    def open_lot(
        self, lot: Lot, units: Iterable[str] | Followed, lock: Lock, minimum_grade: int, at: str, role: str = "analyst"
    ) -> Lot:
        """Open a lot for what evidence found; the lot with its unit set's digest and its time stamp.

        Refused with ProtocolBreach: an exploratory protocol or another one than the evidence's, a grade below
        `minimum_grade`, an interval that includes none, or a lot that would take from claims which already stand.
        """
        rows = units.rows() if isinstance(units, Followed) else unit_codes(units)
        if not rows.size:
            raise Usage(f"pool {lot.lot} names no people or places")
        with self._writing() as standing:
            rules.lot_may_open(lot, lock, minimum_grade, standing.lots)
            opened = replace(lot, units=self._units.keep(rows), registered=at)
            self._may_net(standing, replace_rule=standing.rule, new=opened)
            self._add([(at, "lot", role, body_of(opened))])
        return opened

    def claim(self, claims: Sequence[Claim], at: str) -> tuple[Claim, ...]:
        """Book claims against lots, all of them or none: "claimed 140, available 96 (44 too many)" is a
        ProtocolBreach."""
        with self._writing() as standing:
            held, claimed, new = self._netted(standing), dict(standing.claimed), set[str]()
            for claim in claims:
                if claim.claim in standing.claims or claim.claim in new:
                    raise ProtocolBreach(f"claim {claim.claim} is booked already", next_step="headwater ledger show")
                lot = standing.lots.get(claim.lot) if claim.lot in held else None
                rules.claim_may_stand(claim, lot, claimed.get(claim.lot, 0.0), held.get(claim.lot, 0.0))
                claimed[claim.lot] = claimed.get(claim.lot, 0.0) + claim.contacts
                new.add(claim.claim)
            self._add([(at, "claim", claim.role, body_of(claim)) for claim in claims])
        return tuple(claims)

    def forecast(
        self, collaboration: str, style: str, claims: Sequence[Claim], at: str, spent: Sequence[Spent] = ()
    ) -> None:
        """Book what a plan promises, with what it will cost, to stand beside what is measured; against no lot, in no
        total.

        Several of them are one entry: all of a plan is promised or none of it.
        """
        with self._writing() as standing:
            for claim in claims:
                if claim.claim in standing.claims:
                    raise ProtocolBreach(f"claim {claim.claim} is booked already", next_step="headwater ledger show")
                rules.words_may_stand(claim)
            planned = [replace(claim, lot="", state=ClaimState.FORECAST) for claim in claims]
            extra = {"collaboration": collaboration, "style": style}
            parts: list[tuple[str, Body]] = [("forecast", {**body_of(claim), **extra}) for claim in planned]
            known = {each.heading for each in standing.spent}
            parts += [("spent", body_of(each)) for each in spent if each.heading not in known]
            role = claims[0].role if claims else ""
            if len(parts) == 1:
                self._add([(at, parts[0][0], role, parts[0][1])])
            elif parts:
                self._add(
                    [(at, "count", role, {"collaboration": collaboration, "parts": [list(part) for part in parts]})]
                )

    def spend(self, spent: Sequence[Spent], at: str, role: str) -> tuple[Spent, ...]:
        """Book what bearers put in, and return what was new: the same amount under the same heading is booked once.

        Another amount under a heading that stands is refused: book the difference under a heading of its own.
        """
        with self._writing() as standing:
            known, new = {each.heading: each.gbp for each in standing.spent}, []
            for each in spent:
                rules.cost_may_stand(each.gbp, known.get(each.heading, each.gbp), " · ".join(each.heading))
                if each.heading not in known:
                    known[each.heading] = each.gbp
                    new.append(each)
            if new:
                self._add([(at, "spent", role, body_of(each)) for each in new])
        return tuple(new)

    def advance(self, claim: str, state: ClaimState, role: str, reason: str, at: str) -> None:
        """Move a claim on: finance-accepted, budget-removed, decayed. Who accepts must not be who booked."""
        with self._writing() as standing:
            rules.state_may_change(standing.claims.get(claim), claim, state, role, reason)
            self._add([(at, "state", role, {"claim": claim, "state": state, "reason": reason})])

    def reverse(self, claim: str, role: str, reason: str, at: str) -> None:
        """Take a claim back by a new entry; its contacts are available again, and the old entry stays where it is."""
        self.advance(claim, ClaimState.REVERSED, role, reason, at)

    def withdraw(self, lot: str, role: str, reason: str, at: str) -> None:
        """Take a lot out of the count, as when a new measurement does not bear it out: its standing claims are reversed
        with it.

        What it held is then open to other lots over the same people or places and days.
        """
        with self._writing() as standing:
            if lot not in {each.lot for each in standing.open_lots}:
                raise Usage(
                    "there is no such open pool of averted contacts", given=lot, next_step="headwater ledger show"
                )
            on_it = [
                name
                for name, b in standing.claims.items()
                if b.claim.lot == lot and b.claim.state is not ClaimState.REVERSED
            ]
            for name in on_it:
                rules.state_may_change(standing.claims[name], name, ClaimState.REVERSED, role, reason)
            reversals = [
                (at, "state", role, {"claim": name, "state": ClaimState.REVERSED, "reason": reason}) for name in on_it
            ]
            self._add([*reversals, (at, "withdrawn", role, {"lot": lot, "reason": reason})])

    def count(self, counted: Counted, at: str, role: str) -> tuple[tuple[str, str], ...]:
        """Withdraw, open, claim and spend in one entry: all of it stands or none; (kind, why) of what is not opened.

        Written only where it changes something. Raises ProtocolBreach for a cost or a claim that does not fit.
        """
        with self._writing() as standing:
            draft = Draft(standing, at, role)
            for name, reason in counted.withdraw:
                draft.withdraw(name, reason)
            refused = [
                (lot.kind, why) for lot, units in counted.opened if (why := self._opened(draft, lot, units, counted))
            ]
            held = self._net(draft.standing.open_lots, draft.standing.rule)
            draft.claim(
                counted.claims({lot: n - draft.standing.claimed.get(lot, 0.0) for lot, n in held.items()}), held
            )
            draft.spend(counted.spent)
            if draft.parts:
                self._add([(at, "count", role, {"collaboration": counted.collaboration, "parts": draft.parts})])
        return tuple(refused)

    def _opened(self, draft: Draft, lot: Lot, units: Sequence[str] | Followed, counted: Counted) -> str:
        """'' where the lot is opened in the draft, else why it is not."""
        codes = units.rows() if isinstance(units, Followed) else unit_codes(units)
        if not codes.size:
            return f"pool {lot.lot} names no people or places"
        try:
            rules.lot_may_open(lot, counted.lock, counted.minimum_grade, draft.standing.lots)
            opened = replace(lot, units=self._units.keep(codes), registered=draft.at)
            self._may_net(draft.standing, replace_rule=draft.standing.rule, new=opened)
        except ProtocolBreach as problem:
            return str(problem)
        draft.put("lot", body_of(opened))
        return ""

    def forget(self, units: Iterable[str], role: str, reason: str, at: str) -> tuple[str, ...]:
        """Take one person, by every pseudonym it goes by, out of every lot's unit set; the lots that held it. No sum
        changes.

        A code that means nobody stands in its place, the same in every set, so that overlaps stay as they were. It is
        made of the entry before, so that an act that was cut off and done again leaves the same file.
        """
        with self._writing() as standing:
            instead = int.from_bytes(hashlib.blake2b(self._journal.head.encode(), digest_size=8).digest(), "little")
            names = tuple(units)
            new = {lot.units: self._units.without(lot.units, names, instead) for lot in standing.lots.values()}
            held = [lot for lot in standing.lots.values() if new[lot.units]]
            bodies = [{"lot": lot.lot, "units": new[lot.units], "reason": reason} for lot in held]
            if bodies:
                self._add([(at, "units", role, body) for body in bodies])
        self.sweep()
        return tuple(lot.lot for lot in held)

    def sweep(self) -> None:
        """Remove the unit sets that no lot names any more: those of people who were forgotten, and of acts that were
        cut off."""
        with self._writing() as standing:
            self._units.sweep({lot.units for lot in standing.lots.values()})

    def attribute(self, rule: str, role: str, reason: str, at: str) -> None:
        """Set how overlapping lots share one averted contact: first, equal or shapley. Refused if a standing claim
        would not fit."""
        rules.rule_may_hold(rule, netting.RULES, reason)
        with self._writing() as standing:
            self._may_net(standing, replace_rule=rule)
            self._add([(at, "rule", role, {"rule": rule, "reason": reason})])

    def assert_balance(self, balance: Balance, role: str, at: str) -> None:
        """Finance's word on what stands; refused unless it is true now, and checked by every later `check`."""
        with self._writing() as standing:
            rules.balance_may_be(balance.gbp)
            now = amount(standing, balance)
            if abs(now - balance.gbp) > balance.tolerance_gbp:
                raise ProtocolBreach(
                    f"asserted {in_pounds(balance.gbp, 2)}, but {in_pounds(now, 2)} stand",
                    next_step="headwater ledger show",
                )
            self._add([(at, "balance", role, body_of(balance))])

    # Proof

    def verify(self, noted_head: str = "") -> Verification:
        """Whether the file is as it was written: edited, cut off, reordered, replayed entries are named with their
        line."""
        return _read_through(*self._journal.audit(noted_head))[0]

    def check(self) -> tuple[Check, ...]:
        """Every named check of the ledger's own rules over all that stands, from the files alone.

        Nothing that this ledger remembers is used: entries are read, replayed and netted afresh.
        """
        chained, entries = self._journal.audit()
        verification, standing = _read_through(chained, entries)
        if not verification.intact:
            return (checks.chain(verification),)
        units = UnitSets(self._units.folder)
        found = (checks.chain(verification), checks.allowed(entries), checks.unit_sets(standing, units))
        if not found[2].passed:  # without the people of a lot there is nothing to net by
            return found
        lots = standing.open_lots
        once = netting.available(lots, units, "first")
        held = once if standing.rule == "first" else netting.available(lots, units, standing.rule)
        return (*found, *checks.run(standing, held, once))

    # Machinery

    def _read(self) -> Standing:
        self._take(self._journal.refresh())
        return self._standing

    def _writing(self) -> _Writing:
        return _Writing(self)

    def _take(self, known: int) -> None:
        """Apply the entries after the first `known`; all of them afresh where the file was another one."""
        if known == 0:
            self._standing, self._held = Standing(), None
        for entry in self._journal.entries[known:]:
            self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        apply(self._standing, entry)
        if entry.act in ("lot", "withdrawn", "rule", "units", "count"):
            self._held = None

    def _add(self, acts: Sequence[tuple[str, str, str, Body]]) -> None:
        for entry in self._journal.append(acts, self._request):
            self._apply(entry)

    def _netted(self, standing: Standing) -> dict[str, float]:
        if self._held is None:
            self._held = self._net(standing.open_lots, standing.rule)
        return self._held

    def _net(self, lots: Sequence[Lot], rule: str) -> dict[str, float]:
        held = netting.available(lots, self._units, rule)
        return dict(zip((lot.lot for lot in lots), held.tolist(), strict=True))

    def _may_net(self, standing: Standing, replace_rule: str, new: Lot | None = None) -> None:
        """Whether all standing claims still fit once a lot is added or the rule is another."""
        if not standing.claimed or (
            new and replace_rule == "first"
        ):  # a later lot takes nothing from the first registered
            return
        held = self._net([*standing.open_lots, *([new] if new else [])], replace_rule)
        for lot, contacts in standing.claimed.items():
            if lot in held and abs(contacts) > abs(held[lot]) + rules.ROUNDING * max(1.0, abs(held[lot])):
                raise ProtocolBreach(
                    f"pool {lot} would hold {held[lot]:,.6g}, and {contacts:,.6g} of it are claimed",
                    given=f"rule {replace_rule}" + (f", new pool {new.lot}" if new else ""),
                    allowed="shares of one averted contact that add to 1 at most",
                    next_step=f"reverse claims on {lot} for {abs(contacts) - abs(held[lot]):,.6g} contacts first",
                )


def _read_through(found: Verification, entries: Sequence[Entry]) -> tuple[Verification, Standing]:
    """What stands after the entries of a chain; and the first that is sound in itself and says nothing that was ever
    booked."""
    standing = Standing()
    for entry in entries if found.intact else ():
        try:
            apply(standing, entry)
        except ProtocolBreach as problem:
            wrong = Problem(entry.n, "malformed", problem.what)
            return replace(found, problems=(*found.problems, wrong)), standing
    return found, standing


class _Writing:
    """The ledger's lock held, its state up to date; gives the standing to the block."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._open = ledger._journal.writing()

    def __enter__(self) -> Standing:
        self._ledger._take(self._open.__enter__())
        return self._ledger._standing

    def __exit__(self, *failure: object) -> None:
        self._open.__exit__(*failure)  # type: ignore[arg-type]
