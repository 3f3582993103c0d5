"""How the pages say numbers, verdicts and states: filters of the templates. They take only parts of released
answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from headwater.domain.money import at_most_pounds
from headwater.domain.release import Shown
from headwater.report.kinds import capital, day_words, in_words, kind_words, named, plain
from headwater.report.verdicts import check_words, design_words, measured_words
from headwater.report.words import chance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MINUS = "−"
COMMAND = re.compile(
    r"[:,]? ?\(?(?:then )?headwater (?:add [A-Z]+\.csv|load(?: and link)?|link)\)?|headwater ready --accept \S+ "
)

SETTINGS = re.compile(r"\[source\.reasons\] names the columns of codes[^;.]*")
FORM = "say on the page Data which columns hold the reasons (codes of diagnosis, of complaint), then load again"
"""What a page says in the place of a line for headwater.toml."""

STANDINGS: Mapping[str, tuple[str, str]] = {
    "locked": ("Locked", "blue"),
    "amended": ("Amended", "yellow"),
    "exploratory": ("Not locked", "grey"),
    "changed since its lock": ("Changed since its lock", "red"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "forecast": ("Forecast", "grey"),
    "measured": ("Waiting for finance", "yellow"),
    "finance-accepted": ("Accepted by finance", "blue"),
    "budget-removed": ("Out of the budget", "turquoise"),
    "decayed": ("Decayed", "grey"),
    "reversed": ("Reversed", "red"),
}
WORTHS: Mapping[str, str] = {
    "expected to pay": "is expected to pay",
    "worth finding out": "is worth finding out more about",
    "not expected to pay": "is not expected to pay",
    "too small to matter": "is too small to matter",
}
"""What an option is worth → the same after "It"; what is a sentence's end already is not here."""
STYLES: Mapping[str, tuple[str, str]] = {
    "mirror": ("Mirror", "purple"),
    "integration": ("Integration", "teal"),
    "upstream": ("Upstream", "blue"),
}


def masked(found: object) -> bool:
    """Whether the mark of what is too small to show stands there, as released or as it was kept."""
    return isinstance(found, str | Shown)


def marked(found: str | Shown) -> str:
    return found.text if isinstance(found, Shown) else found


def number(value: float | str | Shown | None, digits: int = 0) -> str:
    """A number with separators, a masked one as its mask."""
    if isinstance(value, Shown):
        return value.text
    if value is None:
        return "not known"
    if isinstance(value, str):
        return value
    said = f"{abs(value):,.{digits}f}"
    return f"{MINUS if value < 0 and any(letter not in '0.,' for letter in said) else ''}{said}"


def gbp(value: float | Shown | None) -> str:
    """Pounds, to three figures: more would pretend to know."""
    if not isinstance(value, int | float):
        return number(value)
    rounded = float(f"{value:.3g}")
    return f"{MINUS if rounded <= -0.5 else ''}£{abs(rounded):,.0f}"


def between(found: Mapping[str, float] | str | Shown | None, digits: int = 2) -> str:
    if isinstance(found, str | Shown):
        return marked(found)  # the mark of what is too small to show
    if not found:
        return "not measured"
    return f"{number(found['low'], digits)} to {number(found['high'], digits)}"


def between_gbp(found: Mapping[str, float] | None) -> str:
    return f"{gbp(found['low'])} to {gbp(found['high'])}" if found else "not measured"


def expected_gbp(found: Mapping[str, float] | None) -> str:
    """The expected value first, as every other door tells it."""
    if not found:
        return "not known"
    low, mid, high = (gbp(found[end]) for end in ("low", "mid", "high"))
    return mid if low == mid == high else f"{mid} ({low} to {high})"


def added(found: Mapping[str, float] | str | Shown) -> str:
    """An interval of averted contacts that is harm, as contacts added."""
    if isinstance(found, str | Shown):
        return marked(found)
    return f"{number(-found['high'])} to {number(-found['low'])}"


def signed_share(value: float) -> str:
    return f"{MINUS if value < 0 else '+'}{abs(value) * 100:.0f}%"


def lower_first(words: str) -> str:
    """As it stands within a sentence; names such as A&E keep their letters."""
    return words if words[1:2].isupper() or words[1:2] == "&" else words[:1].lower() + words[1:]


def share(value: float | None, digits: int = 0) -> str:
    return "not known" if value is None else f"{MINUS if value < 0 else ''}{abs(value) * 100:.{digits}f}%"


def odds(value: float | None) -> str:
    """A chance in percent; what is nearly certain is never told as certain."""
    return "not known" if value is None else chance(value)


def change(value: float | None) -> str:
    """A relative change in words: "a fall of 57%"."""
    if value is None:
        return "not known"
    return f"{'a fall' if value < 0 else 'a rise'} of {abs(value) * 100:.0f}%"


def kind(code: str) -> str:
    return capital(kind_words(code))


def service(words: str) -> str:
    """An option's service as a reader knows it: codes of kinds become words."""
    return capital(plain(words))


def body(code: str, names: Mapping[str, str] | None = None) -> str:
    return capital(named(code, names or {}))


def bodies(codes: Iterable[str], names: Mapping[str, str] | None = None) -> str:
    return ", ".join(body(code, names) for code in codes)


def short(digest: str) -> str:
    """The first letters of a hash, enough to compare by eye."""
    return digest[:12]


def figure(value: float | Shown | None, expression: str = "") -> str:
    """A gate's figure as it was measured: a share in percent, a whole number as one, in words where its expression asks
    for them."""
    if isinstance(value, int | float) and (said := measured_words(expression, value)):
        return said
    if not isinstance(value, int | float):
        return number(value)
    if 0 < abs(value) < 1:
        return share(value)
    return number(value, 0 if float(value).is_integer() else 1)


def day(at: str) -> str:
    """An ISO moment as a day and time to read: 6 January 2025, 10:15."""
    return ", ".join(part for part in (day_words(at), at[11:16]) if part)


def fewer(found: Mapping[str, float] | str | Shown | None) -> str:
    """An interval of averted contacts with its direction in words, never by a sign alone."""
    if isinstance(found, str | Shown):
        return marked(found)  # the mark of what is too small to show
    if not found:
        return "not measured"
    low, high = found["low"], found["high"]
    if low >= 0:
        return f"{number(low)} to {number(high)} fewer"
    if high <= 0:
        return f"{number(-high)} to {number(-low)} more"
    return f"{number(-low)} more to {number(high)} fewer"


def warning(name: str, names: Mapping[str, str] | None = None) -> str:
    """An early warning's name; that of one agency's links names the agency."""
    agency = name.removeprefix("link-rate-")
    return f"Link rate, {body(agency, names)}" if agency != name else capital(name.replace("-", " "))


def month(iso: str) -> str:
    """The month of an ISO day: January 2025."""
    return day_words(f"{iso[:7]}-01").partition(" ")[2]


def mend(line: str) -> str:
    """What mends a gap, for somebody at a page: without the command, which the page's own links stand for."""
    said = SETTINGS.sub(FORM, COMMAND.sub("", line)).strip(" :,;")
    return capital(said) if said else "Add the file on the page Data, then load"


def once(words: str) -> str:
    return words[:1].upper() + words[1:]


FILTERS: dict[str, Any] = {
    "check": check_words,
    "design": design_words,
    "number": number,
    "gbp": gbp,
    "between": between,
    "between_gbp": between_gbp,
    "expected_gbp": expected_gbp,
    "share": share,
    "odds": odds,
    "change": change,
    "kind": kind,
    "service": service,
    "body": body,
    "bodies": bodies,
    "short": short,
    "day": day,
    "once": once,
    "plain": in_words,
    "added": added,
    "fewer": fewer,
    "masked": masked,
    "marked": marked,
    "warning": warning,
    "month": month,
    "mend": mend,
    "figure": figure,
    "signed_share": signed_share,
    "at_most": at_most_pounds,
    "lower_first": lower_first,
}
