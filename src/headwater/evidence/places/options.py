"""The settings of a place design, as `comparison.options` of a protocol may give them."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from headwater.domain.errors import Usage, one_of

if TYPE_CHECKING:
    from headwater.domain.collaboration import Protocol

METHODS = ("synthetic-control", "synthetic-did", "did", "its", "stepped-wedge", "buffer")
DEFAULT_METHOD = "synthetic-did"


@dataclass(frozen=True, slots=True)
class Options:
    """What a protocol may set. Periods are those of the panel (months unless said otherwise); 0 is "all there are"."""

    period: str = "month"
    """month or week: how contacts at places are counted. Weeks need times exact to the day."""
    pre_periods: int = 0
    """How many periods before the start to use."""
    post_periods: int = 0
    """How many periods after it to follow; 0 takes the protocol's follow-up."""
    min_pre_periods: int = 6
    """With fewer periods before the start there is no comparison, and the answer is cannot tell."""
    min_donors: int = 5
    """With fewer sound donors the answer is cannot tell."""
    scale: str = "own"
    """own: each series as a ratio to its own pre-period mean, so that large and small can be compared; level: as
    rates."""
    screen_breaks: bool = True
    """Leave out donors whose level shifts by itself, also when it does so after the start (their outcomes are looked
    at)."""
    break_limit: float = 0.2
    """The shift, as a share, that makes a break."""
    max_gap: int = 0
    """The most missing periods a donor may have; those periods are then dropped for everybody."""
    fit_limit: float = 3.0
    """The pre-period fit is poor when its held-out error is over this many times the donors' typical one."""
    buffer_metres: float = 0.0
    """Untreated places nearer than this to a treated one are neither treated nor comparison: effects may spill
    there."""
    outer_metres: float = 0.0
    """Places further than this from every treated one are no comparison; 0 for no limit."""
    estimator: str = "imputation"
    """For staggered difference-in-differences: imputation (counts) or callaway-santanna (log rates)."""
    steps: int = 0
    """For the plan of a stepped wedge: in how many turns the places begin; 0 is one at a time."""
    alike_within: float = 0.1
    """How far off a sham start or the last periods before the start may be and still pass for no change."""
    drop_broken: bool = False
    """Leave out treated units whose level shifts away from the start, by this rule and no other; both results are
    told."""
    season: int = 0
    """Periods in a year, for calendar patterns; 0 reads it from how long the periods are (12, 52, 4 or 1)."""


CHOICES = {
    "period": ("month", "week"),
    "scale": ("own", "level"),
    "estimator": ("imputation", "callaway-santanna"),
}


def options_of(protocol: Protocol) -> Options:
    """The protocol's options over the defaults; words and signs that mean nothing are refused, and so are unknown
    names."""
    given = protocol.comparison.options
    known: dict[str, type] = {field.name: type(getattr(Options(), field.name)) for field in fields(Options)}
    for name, value in given.items():
        if name not in known:
            raise one_of("no such option of a place design", name, known, "mend [comparison.options] in the protocol")
        _allowed(name, value, known[name])
    return Options(**{name: known[name](value) for name, value in given.items()})


def method_of(protocol: Protocol) -> str:
    """The design; a protocol that names none of ours (the default is for people) gets synthetic
    difference-in-differences."""
    method = protocol.comparison.method
    if method == "matched":
        return DEFAULT_METHOD
    if method not in METHODS:
        raise one_of("no such design for places and organisations", method, METHODS, "mend comparison.method")
    return method


def _allowed(name: str, value: object, sort: type) -> None:
    if name in CHOICES and value not in CHOICES[name]:
        raise one_of(f"{name} cannot be that", str(value), CHOICES[name], "mend [comparison.options] in the protocol")
    number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    right = isinstance(value, str) if sort is str else isinstance(value, bool) if sort is bool else number
    if not right:
        raise Usage(
            f"{name} cannot be that",
            given=repr(value),
            allowed={str: "a word", bool: "true or false"}.get(sort, "a number, 0 or more"),
            next_step="mend [comparison.options] in the protocol",
        )


def options_docs() -> str:
    """The options with their defaults and what each is for, as Markdown: read from this page itself."""
    owner = ast.parse(inspect.getsource(Options)).body[0]
    nodes = owner.body[1:] if isinstance(owner, ast.ClassDef) else []
    lines = [
        "## [comparison.options] for places and organisations",
        "",
        "| option | default | about |",
        "|---|---|---|",
    ]
    for named, about in zip(nodes[::2], nodes[1::2], strict=True):
        if isinstance(named, ast.AnnAssign) and isinstance(about, ast.Expr):
            default = ast.unparse(named.value) if named.value else ""
            text = " ".join(str(ast.literal_eval(about.value)).split())
            lines.append(f"| `{ast.unparse(named.target)}` | `{default}` | {text} |")
    return "\n".join(lines)
