"""The price book: shipped and own prices in pounds of one year, and which of them prices a kind of contact."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headwater.domain.errors import Usage, one_of
from headwater.domain.money import Perspective, Price
from headwater.savings.deflator import factor
from headwater.savings.doubt import spread_of
from headwater.savings.lint import PriceWarning, lint
from headwater.savings.tables import PriceRow, read_table, shipped_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices by code, all in pounds of `price_year`; `warnings` are what the linter found in the tables.

    A `Price.price_year` in the book stays the year its source gave, so that a result can say how far it was rebased.
    """

    price_year: int
    prices: Mapping[str, Price]
    owns: Mapping[tuple[Perspective, str], str]
    """(lens, kind) → code of the kind's own price."""
    warnings: tuple[PriceWarning, ...] = ()
    undecided: Mapping[tuple[Perspective, str], tuple[str, ...]] = field(default_factory=dict)
    """(lens, kind) → codes of a user's several prices of it, of which no row says that it is the kind's own."""

    @property
    def by_kind(self) -> Mapping[str, Price]:
        """Kind of contact → its own fiscal price."""
        return self.for_kinds({})

    def for_kinds(self, named: Mapping[str, str], lens: Perspective = Perspective.FISCAL) -> Mapping[str, Price]:
        """Kind → price in a lens: the kinds' own prices, and in their place those named (kind → code or case mix).

        Raises Usage where a named price is unknown or of another lens, and where a user gave several and nobody says
        which.
        """
        for (of, kind), codes in self.undecided.items():
            if of is lens and kind not in named:
                raise Usage(
                    f"there are {len(codes)} own prices of {kind}, and nothing says which one counts",
                    given=", ".join(codes),
                    allowed="one of them as the kind's own",
                    next_step=(
                        f'write own = yes in its row of the price table, or {kind} = "{codes[0]}" under [prices] in the'
                        " protocol"
                    ),
                )
        found = {kind: self.prices[code] for (of, kind), code in self.owns.items() if of is lens}
        for kind, code in named.items():
            price = self.price(code)
            if price.perspective is lens:
                found[kind] = replace(price, kind=kind)
            elif lens is Perspective.FISCAL:
                raise Usage(
                    f"price {code} is {price.perspective}, and a {lens} saving counts {lens} prices only",
                    given=f"{kind} = {code!r}",
                    allowed=", ".join(
                        sorted(p.code for p in self.prices.values() if p.kind == kind and p.perspective is lens)
                    ),
                    next_step="name another price under [prices] of the protocol, or leave the kind out",
                )
        return found

    def price(self, code: str) -> Price:
        """A price by its code, or a case mix such as `NCC24-VB11Z:0.7 NCC24-ED:0.3`, its shares adding to 1."""
        if ":" not in code:
            if code not in self.prices:
                raise one_of("there is no such price", code, self.prices, "see them with: headwater prices show")
            return self.prices[code]
        return _mixed(code, [(self.price(part.rpartition(":")[0]), part.rpartition(":")[2]) for part in code.split()])


def price_book(user_tables: Sequence[Path], price_year: int) -> PriceBook:
    """Shipped prices, then each user's table in turn (later tables win), rebased to `price_year`.

    Raises DataProblem for a table with unreadable rows, Usage for a year without a price index. What the linter finds
    is not raised: it stands in `warnings`, and a nested pair is refused where both would be counted.
    """
    own = [read_table(path) for path in user_tables]
    rows = [*shipped_rows(), *(row for table in own for row in table)]
    prices = {row.price.code: _in(row, price_year) for row in rows}
    owns: dict[tuple[Perspective, str], str] = {}
    for table in (shipped_rows(), *own):
        owns |= _owns(table)
    return PriceBook(price_year, prices, owns, lint(rows, price_year), _undecided(own))


def _undecided(own: Sequence[Sequence[PriceRow]]) -> dict[tuple[Perspective, str], tuple[str, ...]]:
    """A user's several whole prices of one kind and lens in the last table that has any, where no row is marked as the
    kind's own."""
    found: dict[tuple[Perspective, str], tuple[str, ...]] = {}
    for table in own:
        decided = _owns(table)
        whole = [row.price for row in table if not row.price.parent and row.mix == "all" and not row.version]
        for key in {(price.perspective, price.kind) for price in whole}:
            codes = tuple(price.code for price in whole if (price.perspective, price.kind) == key)
            found.pop(key, None)
            if key not in decided and len(codes) > 1:
                found[key] = codes
    return found


def _in(row: PriceRow, year: int) -> Price:
    """In pounds of a year, with the doubt that its age by then leaves."""
    price = row.price
    known, why = spread_of(row.activity is not None, year - price.price_year)
    spread, doubt = (price.spread, "the published range") if price.spread else (known, why)
    return replace(price, gbp=price.gbp * factor(price.price_year, year), spread=spread, doubt=doubt)


def _owns(rows: Iterable[PriceRow]) -> dict[tuple[Perspective, str], str]:
    """The kinds' own prices of one table: the row marked so, or a user's only row of that kind and lens."""
    by_kind: dict[tuple[Perspective, str], list[PriceRow]] = {}
    for row in rows:
        by_kind.setdefault((row.price.perspective, row.price.kind), []).append(row)
    return {
        key: next((row.price.code for row in of if row.own), of[0].price.code)
        for key, of in by_kind.items()
        if any(row.own for row in of)
        or (len(of) == 1 and not (of[0].price.parent or (of[0].version and of[0].mix != "all")))
    }


def _mixed(code: str, parts: list[tuple[Price, str]]) -> Price:
    try:
        shares = [float(share) for _, share in parts]
    except ValueError:
        shares = [float("nan")]
    if not abs(sum(shares) - 1) <= 1e-9 or min(shares) < 0 or len({price.perspective for price, _ in parts}) > 1:
        raise Usage(
            "a case mix is prices of one lens with shares that add to 1",
            given=code,
            allowed="for example: NCC24-VB11Z:0.7 NCC24-ED:0.3",
            next_step="mend [prices] of the protocol",
        )
    prices = [price for price, _ in parts]
    gbp = sum(share * price.gbp for share, price in zip(shares, prices, strict=True))
    weights = [share * price.gbp / gbp if gbp else 0.0 for share, price in zip(shares, prices, strict=True)]

    def blend(name: str) -> float:
        return sum(weight * float(getattr(price, name)) for weight, price in zip(weights, prices, strict=True))

    return replace(
        prices[0],
        code=code,
        gbp=gbp,
        about=" / ".join(price.about for price in prices),
        source="; ".join(dict.fromkeys(price.source for price in prices)),
        edition="; ".join(dict.fromkeys(price.edition for price in prices)),
        licence="; ".join(dict.fromkeys(price.licence for price in prices)),
        price_year=min(price.price_year for price in prices),
        variable=blend("variable"),
        step=blend("step"),
        spread=blend("spread"),
        costing="; ".join(dict.fromkeys(price.costing for price in prices)),
        doubt="; ".join(dict.fromkeys(price.doubt for price in prices)),
    )
