"""The risk register: read, suggested by style, and what it may cost (terms after the Orange Book and ISO 31000)."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.errors import Usage
from headwater.domain.governance import Control, Risk
from headwater.domain.release import FigureData
from headwater.domain.uncertainty import Interval
from headwater.governance.risk_table import rows_of
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.workspace import Workspace

FILE, TABLE = "risks.toml", "risks.csv"
HEADING = """\
# The risk register. Likelihood is a chance a year and impact pounds, each as [low, middle, high].
# Suggested ranges are assumed, to start a discussion from: nobody measured them. A control is written so:
# [[risk.control]]
# text = "..."
# effectiveness = 0.5   # share of the likelihood or the impact it takes away
# acts_on = "likelihood"
# owner = "a role"
# tested = 2025-01-31
"""
REQUIRED = ("id", "collaboration", "cause", "event", "effect", "likelihood", "impact_gbp", "owner")
CONTROL = ("id", "text", "effectiveness", "acts_on", "owner", "tested")
OPTIONAL = ("appetite_gbp", "indicator", "line", "control")

# cause, event, effect, likelihood a year (low, middle, high), impact in £ (low, middle, high)
TYPICAL: Mapping[Style, tuple[tuple[str, str, str, tuple[float, float, float], tuple[float, float, float]], ...]] = {
    Style.MIRROR: (
        (
            "Staff change employer.",
            "TUPE terms are disputed",
            "Dual running lasts longer and costs more.",
            (0.05, 0.15, 0.3),
            (20e3, 80e3, 250e3),
        ),
        (
            "Pay scales differ.",
            "Pay is harmonised upward",
            "The saving shrinks every year.",
            (0.3, 0.5, 0.8),
            (10e3, 60e3, 200e3),
        ),
        (
            "Two sets of systems are joined.",
            "Service levels fall while systems are joined",
            "Complaints, backlogs and repair work.",
            (0.1, 0.25, 0.5),
            (10e3, 50e3, 150e3),
        ),
    ),
    Style.INTEGRATION: (
        (
            "Agencies work in different ways.",
            "Teams do not work as one",
            "The joint work is done twice.",
            (0.1, 0.3, 0.5),
            (10e3, 40e3, 120e3),
        ),
        (
            "Personal data are shared.",
            "A data-sharing agreement lapses or is breached",
            "Joint work stops until it is renewed.",
            (0.05, 0.1, 0.2),
            (15e3, 60e3, 300e3),
        ),
        (
            "Two chains of command.",
            "Nobody is in command at an incident",
            "Harm, and a review.",
            (0.01, 0.03, 0.08),
            (50e3, 200e3, 1e6),
        ),
    ),
    Style.UPSTREAM: (
        (
            "Who pays is not who gains.",
            "The paying partner withdraws",
            "The programme ends before it pays back.",
            (0.1, 0.2, 0.4),
            (50e3, 150e3, 400e3),
        ),
        (
            "Several programmes act on the same people.",
            "The same averted contacts are claimed twice",
            "Budgets are cut by savings that do not exist.",
            (0.05, 0.15, 0.3),
            (20e3, 100e3, 300e3),
        ),
        (
            "Effects fade.",
            "The effect evaporates after the first year",
            "Costs go on, savings do not.",
            (0.1, 0.3, 0.5),
            (30e3, 90e3, 250e3),
        ),
    ),
}
"""Assumed ranges to start a discussion from; nobody measured them, and each says so in the register."""


def read_risks(workspace: Workspace) -> tuple[Risk, ...]:
    """Every risk of governance/risks.toml and risks.csv, in their order. Raises Usage that lists every problem of a
    file."""
    told = _read(workspace.governance / FILE, _toml) + _read(workspace.governance / TABLE, rows_of)
    twice = sorted({one["id"] for one in told if sum(other["id"] == one["id"] for other in told) > 1})
    if twice:
        raise Usage("a risk is on file twice", given=", ".join(twice), next_step=f"mend governance/{FILE} or {TABLE}")
    return tuple(_risk(entry) for entry in told)


def _read(file: Path, read: Callable[[Path], list[Any]]) -> list[Any]:
    if not file.exists():
        return []
    try:
        found = read(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Usage(f"{file.name} does not read: {problem}", next_step=f"mend governance/{file.name}") from problem
    problems = [told for at, entry in enumerate(found, 1) for told in _problems(entry, f"[[risk]] {at}: ")]
    if problems:
        raise Usage(
            f"{file.name} has {len(problems)} problem{'s' * (len(problems) != 1)}",
            given="\n           ".join(problems),
            next_step=f"mend governance/{file.name}",
        )
    return found


def _toml(file: Path) -> list[Any]:
    found: list[Any] = tomllib.loads(file.read_text(encoding="utf-8")).get("risk", [])
    return found


def add_risks(workspace: Workspace, risks: Sequence[Risk]) -> Path:
    """Append risks to governance/risks.toml, which a person then edits; nothing that stands there is changed."""
    file = workspace.governance / FILE
    before = file.read_text(encoding="utf-8") if file.exists() else HEADING
    taken = {risk.risk for risk in read_risks(workspace)}
    new = [risk for risk in risks if risk.risk not in taken]
    write_atomically(file, before + "".join(_written(risk) for risk in new))
    return file


def _written(risk: Risk) -> str:
    def triple(over: Interval) -> str:
        return f"[{over.low:g}, {over.mid:g}, {over.high:g}]"

    said = {
        "id": risk.risk,
        "collaboration": risk.collaboration,
        "cause": risk.cause,
        "event": risk.event,
        "effect": risk.effect,
        "owner": risk.owner,
    }
    lines = [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in said.items()]
    ranges = [f"likelihood = {triple(risk.likelihood)}", f"impact_gbp = {triple(risk.impact_gbp)}"]
    return "\n".join(["\n[[risk]]", *lines, *ranges, ""])


def suggested_risks(protocol: Protocol) -> tuple[Risk, ...]:
    """Typical risks of the protocol's style, their causes as the reason."""
    return tuple(
        Risk(
            f"{protocol.id}-{at}",
            protocol.id,
            cause,
            event,
            effect,
            Interval(*likelihood),
            Interval(*impact),
            protocol.owner,
        )
        for at, (cause, event, effect, likelihood, impact) in enumerate(TYPICAL[protocol.style], 1)
    )


def expected_gbp(risk: Risk, *, residual: bool = True) -> float:
    """Pounds a year at the middles: likelihood × impact, after controls where asked."""
    held = controlled(risk) if residual else risk
    return held.likelihood.mid * held.impact_gbp.mid


def controlled(risk: Risk) -> Risk:
    """The residual risk: each control takes its share off what it acts on; shares multiply."""
    left = {"likelihood": 1.0, "impact": 1.0}
    for control in risk.controls:
        left[control.acts_on] *= 1 - control.effectiveness
    return replace(
        risk, likelihood=risk.likelihood.times(left["likelihood"]), impact_gbp=risk.impact_gbp.times(left["impact"])
    )


def loss_draws(risks: Sequence[Risk], draws: int, seed: int) -> NDArray[np.float64]:
    """float64[draw, risk]: pounds lost in a year. Each event happens or not, by a likelihood and with an impact drawn
    from triangular distributions over their ranges; risks are independent."""
    rng = np.random.default_rng(seed)
    found = np.zeros((draws, len(risks)))
    for at, risk in enumerate(risks):
        happens = rng.random(draws) < _triangular(risk.likelihood, draws, rng)
        found[:, at] = happens * _triangular(risk.impact_gbp, draws, rng)
    return found


def risk_adjusted(npv_gbp: NDArray[np.float64], risks: Sequence[Risk], years: float, seed: int) -> NDArray[np.float64]:
    """float64[draw]: the net present value less the residual losses of so many years."""
    losses = loss_draws([controlled(risk) for risk in risks], len(npv_gbp), seed).sum(axis=1)
    adjusted: NDArray[np.float64] = npv_gbp - years * losses
    return adjusted


def tornado(risks: Sequence[Risk], draws: int = 10_000, seed: int = 1) -> FigureData:
    """Which risk moves the yearly loss most: inherent and residual 95 % ends of each."""
    rows = []
    for risk in risks:
        losses = [loss_draws([each], draws, seed)[:, 0] for each in (risk, controlled(risk))]
        rows.append((risk.event, 0.0, round(float(np.quantile(losses[0], 0.95))), round(float(np.mean(losses[1])))))
    rows.sort(key=lambda row: -row[2])
    worst = rows[0][0] if rows else "none"
    return FigureData(
        "risk-tornado",
        "tornado",
        f"The risk that may cost most: {worst}",
        "What each risk may cost in a bad year, and on average after controls.",
        ("label", "low", "high", "residual mean", "measure"),
        tuple((*row, "£ a year") for row in rows),
    )


def matrix(risks: Sequence[Risk]) -> FigureData:
    """Likelihood by impact, inherent and residual."""
    rows = []
    for risk in risks:
        left = controlled(risk)
        rows.append(
            (
                risk.event,
                risk.likelihood.mid,
                risk.impact_gbp.mid,
                left.likelihood.mid,
                left.impact_gbp.mid,
                risk.appetite_gbp,
            )
        )
    over = sum(risk.appetite_gbp is not None and expected_gbp(risk) > risk.appetite_gbp for risk in risks)
    return FigureData(
        "risk-matrix",
        "risk-matrix",
        f"{over} of {len(risks)} risks cost more a year than the board accepts",
        "Each risk by likelihood a year and cost, before and after its controls.",
        ("risk", "likelihood", "impact_gbp", "residual_likelihood", "residual_impact_gbp", "appetite_gbp"),
        tuple(rows),
    )


def _triangular(over: Interval, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if over.high <= over.low:
        return np.full(draws, over.mid)
    return rng.triangular(over.low, over.mid, over.high, draws)


def _problems(entry: Any, where: str) -> list[str]:
    if not isinstance(entry, dict):
        return [f"{where}is not a table"]
    told = [f"{where}{name} is missing" for name in REQUIRED if name not in entry]
    told += [
        f"{where}unknown key {name!r}; allowed: {', '.join((*REQUIRED, *OPTIONAL))}"
        for name in entry
        if name not in (*REQUIRED, *OPTIONAL)
    ]
    for name in ("likelihood", "impact_gbp"):
        value: Any = entry.get(name)
        if name in entry and not (isinstance(value, list) and len(value) == 3 and value == sorted(value)):
            told.append(f"{where}{name} must be [low, middle, high], not {value!r}")
        elif name == "likelihood" and name in entry and not 0 <= value[0] <= value[2] <= 1:
            told.append(f"{where}likelihood lies between 0 and 1, not {value!r}")
    controls = entry.get("control", [])
    return told + [
        problem for at, one in enumerate(controls, 1) for problem in _control_problems(one, f"{where}control {at}: ")
    ]


def _control_problems(entry: Any, where: str) -> list[str]:
    if not isinstance(entry, dict):
        return [f"{where}is not a table"]
    told = [f"{where}unknown key {name!r}; allowed: {', '.join(CONTROL)}" for name in entry if name not in CONTROL]
    share = entry.get("effectiveness", 0.0)
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
        told.append(f"{where}effectiveness lies between 0 and 1, not {share!r}")
    if entry.get("acts_on", "likelihood") not in {"likelihood", "impact"}:
        told.append(f"{where}acts_on is likelihood or impact, not {entry['acts_on']!r}")
    return told


def _risk(entry: Mapping[str, Any]) -> Risk:
    return Risk(
        entry["id"],
        entry["collaboration"],
        entry["cause"],
        entry["event"],
        entry["effect"],
        Interval(*map(float, entry["likelihood"])),
        Interval(*map(float, entry["impact_gbp"])),
        entry["owner"],
        tuple(_control(one) for one in entry.get("control", ())),
        entry.get("appetite_gbp"),
        entry.get("indicator", ""),
        entry.get("line", 1),
    )


def _control(entry: Mapping[str, Any]) -> Control:
    tested = entry.get("tested")
    return Control(
        str(entry.get("id", "")),
        str(entry.get("text", "")),
        float(entry.get("effectiveness", 0.0)),
        str(entry.get("acts_on", "likelihood")),
        str(entry.get("owner", "")),
        tested if isinstance(tested, date) else None,
    )
