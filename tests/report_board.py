"""A made-up evaluation, saving, ledger and the rest, as the board report takes them."""

from __future__ import annotations

from datetime import date

import numpy as np

from headwater.domain.calendar import Calendar, Month
from headwater.domain.collaboration import Outcome, Protocol, Role, Standing, Status, Style
from headwater.domain.evidence import (
    Check,
    Cohort,
    Comparison,
    Effect,
    Evaluation,
    Finding,
    Grade,
    MoneyVerdict,
    Naive,
    Verdict,
    sham_verdict,
    verdict,
)
from headwater.domain.governance import Control, Criterion, Decision, Gate, Indicator, Met, Risk
from headwater.domain.ledger import ClaimState, Statement, StatementLine
from headwater.domain.money import Bearer, Perspective, Price, Saving
from headwater.domain.options import Option, Reason
from headwater.domain.uncertainty import Interval
from headwater.report import BoardFacts, LinkRate, LoadRow
from report_world import FIGURES

DRAWS = 400


def finding(kind: str, role: Role, low: float, mid: float, high: float) -> Finding:
    ratio = Interval(low, mid, high)
    averted = Interval(420 * (1 - high), 420 * (1 - mid), 420 * (1 - low))
    sham = role is Role.NEGATIVE_CONTROL
    word = sham_verdict(ratio) if sham else verdict(ratio, 0.05)
    return Finding(kind, role, word, ratio, averted, Naive(-0.45, 0.62, 764.0, 420 * 1.0, 420 * mid), 0.9)


def evaluation(low: float = 0.72, mid: float = 0.81, high: float = 0.91) -> Evaluation:
    rng = np.random.default_rng(3)
    ratio = Interval(low, mid, high)
    return Evaluation(
        "frequent-attenders",
        "people matched one to three on their history",
        Status.LOCKED,
        "ab" * 32,
        Cohort(
            np.array(["p1"]),
            np.array(["2023-01-01"], dtype="datetime64[D]"),
            {"under 18": 12, "no history": 31},
            np.array(["2023-04-01"], dtype="datetime64[D]"),
            np.array(["2024-03-31"], dtype="datetime64[D]"),
        ),
        Comparison("matched", 310, 301, 903, 9, 0.07, ("GP contacts",)),
        Effect(
            "frequent-attenders",
            ("ae_attendance",),
            Calendar(Month(2023, 4), 12),
            np.repeat(rng.normal(80, 20, (DRAWS, 1, 1)) / 12, 12, axis=2),
            (ratio,),
            310,
            301.5,
            np.full(12, 9166.0),
            date(2023, 4, 1),
            date(2024, 3, 31),
            1,
        ),
        (
            finding("ae_attendance", Role.PRIMARY, low, mid, high),
            finding("emergency_admission", Role.SECONDARY, 0.7, 0.86, 1.05),
            finding("fracture_attendance", Role.NEGATIVE_CONTROL, 0.97, 1.01, 1.06),
        ),
        (
            Check("pre-trend", True, "The groups ran together before the start.", 0.01, True),
            Check("negative-control-outcome", True, "Fracture attendances did not move.", 1.01, True),
            Check("displacement", False, "Social care visits rose by 6%.", 1.06),
            Check("stepped-wedge", None, "There was no random order."),
        ),
        Grade(3, "moderate", "A matched comparison with a locked plan."),
        ("Deaths are rare and not told apart.",),
        tuple(FIGURES[kind] for kind in ("forest", "love", "event-study", "groups")),
    )


def protocol() -> Protocol:
    return Protocol(
        "frequent-attenders",
        "The frequent attenders’ team",
        Style.UPSTREAM,
        "hospital",
        ("hospital", "gp", "social-care"),
        date(2023, 4, 1),
        "A care plan made together keeps people well at home.",
        "Head of urgent care",
        "person",
        (Outcome("ae_attendance", Role.PRIMARY), Outcome("emergency_admission", Role.SECONDARY)),
    )


def saving() -> Saving:
    rng = np.random.default_rng(5)
    middle = np.array([[[70, 240, 120, 15]], [[-12, 0, 0, 0]], [[5, 60, 0, 10]]], dtype=float) * 1000
    gbp = (middle * rng.normal(1, 0.2, (DRAWS, 1, 1, 1)))[:, None]
    price = Price(
        "ae",
        "ae_attendance",
        "an attendance",
        186.0,
        "attendance",
        2023,
        Perspective.FISCAL,
        "hospital",
        "A made-up cost collection",
        "2023/24",
        "OGL v3.0",
    )
    invested = np.array([[[0.0], [180000.0], [60000.0]]])
    bearers = (Bearer("hospital"), Bearer("council"), Bearer("gp"))
    npv = rng.normal(90000, 60000, DRAWS)
    return Saving(
        "frequent-attenders",
        Perspective.FISCAL,
        ("ae_attendance",),
        bearers,
        Calendar(Month(2023, 4), 1),
        gbp,
        ("running",),
        invested,
        np.zeros((DRAWS, 1, 1)),
        2023,
        (price,),
        npv,
        unpriced=("gp_contact",),
    )


def option(id: str, style: Style, partner: str, service: str, mid: float) -> Option:
    draws = np.random.default_rng(len(id)).normal(mid, 60000, DRAWS)
    return Option(
        id,
        style,
        ("hospital", partner),
        service,
        draws,
        80000.0,
        20000.0,
        ("hospital",),
        (partner,),
        0.0,
        9.0,
        Grade(2, "low", "From timing alone."),
        (Reason("demand", 0.6, "It comes before a third of all attendances."),),
        ("A fall in shared demand.",),
        ("Staff may leave.",),
    )


def risk(event: str, likelihood: float, gbp: float) -> Risk:
    spread = Interval(likelihood / 2, likelihood, min(likelihood * 2, 1)), Interval(gbp / 2, gbp, gbp * 2)
    control = Control("c1", "A second nurse is trained.", 0.5, "likelihood", "Matron")
    return Risk(
        event,
        "frequent-attenders",
        "One person holds it all",
        event,
        "Fewer care plans",
        *spread,
        "Head of urgent care",
        (control,),
    )


def facts(found: Evaluation | None = None) -> BoardFacts:
    line = StatementLine(
        "hospital",
        "frequent-attenders",
        "upstream",
        "2023-24",
        ClaimState.ACCEPTED,
        81.4,
        0.0,
        70000.4,
        240000.0,
        120000.0,
        15000.0,
    )
    paid = StatementLine(
        "council",
        "frequent-attenders",
        "upstream",
        "2023-24",
        ClaimState.MEASURED,
        0.0,
        180000.0,
        -12000.0,
        0.0,
        0.0,
        0.0,
    )
    gate = Gate(
        "Gate 2",
        "aligned capacity",
        (
            Criterion("Link rate at least 90%", "link_rate >= 0.9", Met.MET, 0.94),
            Criterion("Grade at least 3", "grade >= 3", Met.NOT_MET, 2.0),
        ),
        "The partnership board",
    )
    past = Gate(
        "Gate 1",
        "shared model",
        (),
        "The partnership board",
        Decision("Gate 1", "Chair", "2023-03-01", "open", "All met"),
    )
    return BoardFacts(
        name="frequent-attenders",
        title="The frequent attenders’ team: what it saved, and for whom",
        date="31 March 2025",
        decision="Fund the team for two more years, at £240,000 a year.",
        facts={"data": "cd" * 32, "protocol": "ab" * 32, "version": "0.1.0", "seed": "1"},
        verdicts=(
            "Fewer A&E attendances, about 80 a year; it cost £240,000 and freed £120,000 in cash and £243,000 of"
            " capacity: in cash alone it does not pay, and in public value it pays."
        ),
        money=MoneyVerdict.PAYS,
        break_even_fall=0.12,
        evaluation=found or evaluation(),
        protocol=protocol(),
        standing=Standing(Status.LOCKED, "ab" * 32, "2023-03-20T09:30:00Z"),
        saving=saving(),
        statement=Statement("ef" * 32, (line, paid)),
        options=(
            option("a", Style.UPSTREAM, "community", "ae_attendance", 390000),
            option("bb", Style.UPSTREAM, "housing", "emergency_admission", 300000),
            option("ccc", Style.MIRROR, "council", "one benefits service", 150000),
            option("dddd", Style.INTEGRATION, "fire", "joint response", 60000),
        ),
        risks=(
            risk("The key nurse leaves", 0.35, 120000),
            risk("The data agreement ends", 0.15, 300000),
            risk("Costs move to social care", 0.4, 260000),
        ),
        gates=(past, gate),
        indicators=(
            Indicator("effect", "frequent-attenders", True, 0.95, 0.9, "The fall is wearing off."),
            Indicator("link", "frequent-attenders", False, 0.94, 0.9, "Link rate."),
        ),
        link_rates=(
            LinkRate("sex", "women", 0.941, 1240),
            LinkRate("sex", "men", 0.912, 1105),
            LinkRate("agency", "housing", 0.83),
        ),
        loads=(
            LoadRow("data/ae.csv", "contact", 12000, 11950, 50, {"start is not a date": 50}),
            LoadRow("data/gp.csv", "contact", 52000, 52000, 0),
        ),
        figures=(FIGURES["who-pays"], FIGURES["frontier"], FIGURES["power"], FIGURES["timeline"]),
        names={
            "hospital": "the hospital",
            "council": "the council",
            "gp": "the GP practices",
            "community": "community nursing",
            "housing": "housing",
            "fire": "the fire service",
            "social-care": "social care",
        },
    )


__all__ = ["Verdict", "evaluation", "facts", "finding", "saving"]
