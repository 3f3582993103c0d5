"""From sites' evidence files and their reports no masked count can be recovered: an attacker who solves for whole
numbers, knows the rule of rounding and how the files are made, and was written without a look at how they are
protected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from headwater.app.evidence_file import content_of
from headwater.disclosure import let_out
from headwater.domain.collaboration import Outcome, Role, Standing, Status
from headwater.domain.evidence import Finding, Likelihood, verdict
from headwater.domain.release import Count, DataTable, Document
from headwater.domain.uncertainty import Interval
from headwater.domain.workspace import DisclosureSettings
from headwater.evidence.people.likelihood import by_size
from headwater.stats.poisson import rate_model
from headwater.stats.profiles import POINTS, profile
from places_world import protocol

if TYPE_CHECKING:
    from pathlib import Path

RULES = {"hospital-episodes": (1, 7, 5), "threshold-10": (0, 9, 1)}
"""Least and greatest masked number and the base of rounding, as published."""
DAYS = 730
MOST = 10_000.0


@dataclass
class Site:
    """One outcome's rows: sets of one enrolled and `sizes` compared, all followed alike, nothing adjusted for."""

    kind: str
    rows: tuple[np.ndarray, np.ndarray, np.ndarray]

    def arms(self) -> tuple[int, int]:
        counts, treated, _sets = self.rows
        return int(counts[treated].sum()), int(counts[~treated].sum())

    def truth(self) -> dict[str, int]:
        enrolled, compared = self.arms()
        sizes = {f"sets of {at}": n for at, n in enumerate(self.sizes(), 1) if n}
        return {"enrolled": enrolled, "compared": compared, **sizes}

    def sizes(self) -> tuple[int, ...]:
        return by_size(*self.rows, 1.0)


def site(kind: str, people: int, rate: float, ratio: float, seed: int, odd: int = 0) -> Site:
    """odd: so many enrolled have one compared alone, the others three."""
    rng = np.random.default_rng(seed)
    sizes = np.where(np.arange(people) < odd, 1, 3)
    treated = np.concatenate([np.arange(1 + n) == 0 for n in sizes])
    sets = np.repeat(np.arange(people), 1 + sizes)
    counts = rng.poisson(rate * np.where(treated, ratio, 1.0)).astype(float)
    return Site(kind, (counts, treated, sets))


def evaluated(sites: list[Site]) -> Any:
    """As much of an evaluation as the file is made of."""
    lines, curves = [], []
    for one in sites:
        counts, treated, sets = one.rows
        x, time = treated.astype(float)[:, None], np.full(len(counts), DAYS / 365.25)
        model, curve = rate_model(counts, time, x, sets), profile(counts, time, x, sets)
        assert model is not None and curve is not None
        told = model.ratio()
        enrolled = one.arms()[0]
        averted = Interval(*(enrolled * (1 / end - 1) / (DAYS / 365.25) for end in (told.high, told.mid, told.low)))
        lines.append(Finding(one.kind, Role.PRIMARY, verdict(told, 0.05), told, averted, None))
        curves.append(
            Likelihood(
                one.kind, curve.height, float(model.se[0]), float(model.se[0]), model.clusters, one.arms(), one.sizes()
            )
        )
    effect = SimpleNamespace(first_day=date(2021, 1, 1), last_day=date(2022, 12, 31))
    return SimpleNamespace(
        findings=tuple(lines), likelihoods=tuple(curves), comparison=SimpleNamespace(treated=174), effect=effect
    )


def left(
    folder: Path, sites: list[Site], policy: DisclosureSettings, data: str = "one"
) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """A site's evidence file, and what its report says of the same contacts."""
    outcomes = tuple(Outcome(one.kind, Role.PRIMARY) for one in sites)
    plan = protocol(unit="person", treated=(), outcomes=outcomes, id="one")
    place: Any = SimpleNamespace(
        workspace=SimpleNamespace(releases=folder), settings=SimpleNamespace(disclosure=policy)
    )
    more = {
        "site": "A",
        "traits": {},
        "pool": "",
        "bound": "",
        "freed_gbp_per_year": {"hospital": {"low": 1.0, "mid": 2.0, "high": 3.0, "level": 0.95}},
        "code": "x",
    }
    content = content_of(place, plan, Standing(Status.LOCKED, "0" * 64), evaluated(sites), data, more)
    rows = tuple(
        (
            one.kind,
            *(
                Count(n, "contacts", name=f"{one.kind} of the {arm} in the sets of one")
                for arm, n in zip(("enrolled", "compared"), one.arms(), strict=True)
            ),
        )
        for one in sites
    )
    report = Document(
        "report", "t", "", "2023-01-01", (DataTable("seen", "", ("outcome", "enrolled", "compared"), rows),), (), {}
    )
    table: Any = let_out(folder / "register.jsonl", report, policy, data).content.board[0]
    return json.loads(json.dumps(content)), {
        kind: {"enrolled": ours.text, "compared": theirs.text} for kind, ours, theirs in table.rows
    }


# The attacker


def spoken(text: str, rule: str) -> tuple[float, float]:
    low, high, base = RULES[rule]
    if text == "*":
        return low, high
    shown = int(text.replace(",", ""))
    return (shown, shown) if base == 1 or shown == 0 else (max(high + 1, shown - base // 2), shown + base // 2)


def reckoned(line: dict[str, Any], report: dict[str, str], rule: str) -> dict[str, tuple[int, int]]:
    """Least and greatest whole number of each count: contacts of the enrolled, of the compared, and in sets of one,
    two, three."""
    names = ("enrolled", "compared", "sets of 1", "sets of 2", "sets of 3")
    ends = [spoken(report[arm], rule) for arm in names[:2]] + [(0.0, MOST)] * 3
    rows: list[tuple[list[float], float, float]] = [([1, 1, -1, -1, -1, 0], 0, 0)]
    if line["averted_per_year"] and line["ratio"]:
        # Contacts averted are contacts seen times 1/ratio − 1; both are told, rounded.
        for end, other in (("low", "high"), ("mid", "mid"), ("high", "low")):
            times = [1 / (line["ratio"][other] + half) - 1 for half in (5e-5, -5e-5)]
            averted = [(line["averted_per_year"][end] + half) * DAYS / 365.25 for half in (-0.05, 0.05)]
            rows.append(([max(times), 0, 0, 0, 0, 0], averted[0], np.inf))
            rows.append(([min(times), 0, 0, 0, 0, 0], -np.inf, averted[1]))
    if line["raw_ratio"]:
        # A ratio's error is at least that of so many contacts.
        told = line["raw_ratio"]
        se = np.log(told["high"] / told["low"]) / (2 * 1.95)
        rows.append(([1, 0, 0, 0, 0, 0], 0.5 / se**2, np.inf))
    if line["curve"]:
        # Nothing is adjusted for: the curve is a sum of one known shape a size of set; its top lies at nought.
        for at, height in zip(POINTS[::4], line["curve"]["heights"][::4], strict=True):
            shapes = [-np.log(np.exp(at) + size) for size in (1, 2, 3)]
            rows.append(([at, 0, *shapes, -1], height - 1e-6, height + 1e-6))
    return {name: tuple(round(found(rows, ends, at, sign)) for sign in (1, -1)) for at, name in enumerate(names)}  # type: ignore[misc]


def found(rows: list[tuple[list[float], float, float]], ends: list[tuple[float, float]], at: int, sign: int) -> float:
    goal = np.zeros(6)
    goal[at] = sign
    bounds = Bounds([*(low for low, _ in ends), -1e6], [*(high for _, high in ends), 1e6])
    limits = LinearConstraint(
        np.array([row for row, _, _ in rows]), [low for _, low, _ in rows], [high for _, _, high in rows]
    )
    made = milp(goal, constraints=limits, bounds=bounds, integrality=np.array([1, 1, 1, 1, 1, 0]))
    assert made.x is not None, "the attacker's picture does not fit what was told"
    return float(made.x[at])


def known(sites: list[Site], told: tuple[dict[str, Any], dict[str, dict[str, str]]], rule: str) -> dict[str, int]:
    """The masked counts that have one possible value, with it."""
    content, report = told
    low, high, _base = RULES[rule]
    given_away = {}
    for one in sites:
        line = next(each for each in content["outcomes"] if each["kind"] == one.kind)
        ends = reckoned(line, report[one.kind], rule)
        for name, true in one.truth().items():
            assert ends[name][0] <= true <= ends[name][1], "the truth is among what is possible"
            if low <= true <= high and ends[name][0] == ends[name][1]:
                given_away[f"{one.kind} {name}"] = true
    return given_away


SITES = [
    [site("ae", 174, 1.0, 0.8, 1), site("stay", 174, 0.05, 0.5, 2), site("call", 174, 0.3, 1.0, 3, odd=6)],
    [site("ae", 90, 0.5, 0.4, 4, odd=4), site("stay", 90, 0.02, 0.9, 5), site("call", 90, 0.3, 0.2, 6)],
    [site("ae", 60, 0.4, 0.15, 7), site("stay", 60, 0.3, 1.3, 8, odd=3), site("call", 60, 1.5, 0.7, 9, odd=25)],
]


@pytest.mark.parametrize("rule", RULES)
def test_no_masked_count_can_be_reckoned_from_files_and_reports(rule: str, tmp_path: Path) -> None:
    masked = told = 0
    for at, sites in enumerate(SITES):
        made = left(tmp_path / str(at), sites, DisclosureSettings(rule=rule))
        assert known(sites, made, rule) == {}
        low, high, _base = RULES[rule]
        masked += sum(low <= n <= high for one in sites for n in one.truth().values())
        told += sum(line["ratio"] is not None for line in made[0]["outcomes"])
    assert masked >= 6 and told >= 4, "there was something to find, and something was told"


def test_an_interval_or_a_curve_of_few_contacts_would_give_them_away(tmp_path: Path) -> None:
    """The attacker is able: a file that told the figures of few, or the curve of few in sets of one size, is solved."""
    sites, rule = SITES[1], "hospital-episodes"
    content, report = left(tmp_path, sites, DisclosureSettings(rule=rule))
    free = evaluated(sites)
    for line, finding, curve in zip(content["outcomes"], free.findings, free.likelihoods, strict=True):
        for key, value, digits in (
            ("ratio", finding.rate_ratio, 4),
            ("raw_ratio", finding.rate_ratio, 4),
            ("averted_per_year", finding.averted_per_year, 1),
        ):
            line[key] = {end: round(float(getattr(value, end)), digits) for end in ("low", "mid", "high")}
        line["curve"] = {"heights": np.round(curve.height, 9).tolist()} if finding.kind == "ae" else None
    given_away = known(sites, (content, report), rule)
    truth = {f"{one.kind} {name}": n for one in sites for name, n in one.truth().items()}
    assert {"stay enrolled", "call enrolled", "ae sets of 1"} & set(given_away)
    assert all(truth[name] == n for name, n in given_away.items())


def test_few_contacts_keep_every_figure_at_home_and_pounds_with_them(tmp_path: Path) -> None:
    sites = [site("call", 174, 0.3, 0.1, 11)]
    content, _report = left(tmp_path, sites, DisclosureSettings())
    (line,) = content["outcomes"]
    assert 1 <= sites[0].arms()[0] <= 7 and line["verdict"] == "averted"
    assert [line[key] for key in ("ratio", "raw_ratio", "averted_per_year", "curve")] == [None] * 4
    assert content["freed_gbp_per_year"] == {}


def test_a_second_file_a_few_contacts_later_tells_nothing_of_those_who_came_between(tmp_path: Path) -> None:
    first = site("ae", 174, 0.3, 0.8, 12)
    counts, treated, sets = first.rows
    later = counts.copy()
    later[np.flatnonzero(treated)[:3]] += 1
    policy = DisclosureSettings()
    before, _ = left(tmp_path, [first], policy)
    after, _ = left(tmp_path, [Site("ae", (later, treated, sets))], policy, data="two")
    assert before["outcomes"][0]["curve"] is not None
    assert after["outcomes"][0]["ratio"] is None, (
        "the first tells the contacts to the unit, three more would be told by any figure"
    )
