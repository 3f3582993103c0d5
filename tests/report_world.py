"""Made-up content for the report's tests: a figure of every kind, and a released document that holds all sorts of
blocks."""

from __future__ import annotations

import math
from hashlib import sha256

from headwater.domain.release import (
    Amount,
    DataTable,
    Document,
    Drawn,
    Estimate,
    FigureData,
    Heading,
    Released,
    Seal,
    Sentence,
    Shown,
)
from headwater.domain.uncertainty import Interval

ALT = "A made-up figure, described for those who cannot see it."


def figure(kind: str, title: str, columns: str, rows: list[tuple[object, ...]], alt: str = ALT) -> FigureData:
    return FigureData(f"{kind}-example", kind, title, alt, tuple(columns.split()), tuple(rows))  # type: ignore[arg-type]


def _months(n: int) -> list[str]:
    return [f"{2022 + at // 12}-{at % 12 + 1:02d}-01" for at in range(n)]


def _wave(at: int, seed: float) -> float:
    return math.sin(at * 1.7 + seed) + 0.5 * math.sin(at * 0.9 + 2 * seed)


FIGURES: dict[str, FigureData] = {
    made.kind: made
    for made in (
        figure(
            "forest",
            "A&E attendances fell by about a fifth; nothing moved that should not",
            "label low mid high role",
            [
                ("A&E attendances", 0.72, 0.81, 0.91, "primary"),
                ("Emergency admissions", 0.70, 0.86, 1.05, "secondary"),
                ("Fracture attendances", 0.92, 1.01, 1.11, "negative-control"),
                ("Outpatient appointments", 0.95, 0.99, 1.04, "negative-control"),
                ("Visits by social care", 0.97, 1.06, 1.16, "displacement"),
                ("Start moved a year earlier", 0.91, 0.99, 1.08, "sham"),
                ("High users who were never enrolled", 0.93, 1.02, 1.12, "sham"),
            ],
        ),
        figure(
            "event-study",
            "The two groups ran together before the start and parted after it",
            "period low mid high",
            [
                (q, d - 0.09, d, d + 0.09)
                for q, d in zip(
                    range(-6, 6),
                    (0.01, -0.02, 0.03, 0.0, 0.01, 0.0, -0.08, -0.17, -0.2, -0.22, -0.19, -0.21),
                    strict=True,
                )
            ],
        ),
        figure(
            "love",
            "After matching the groups are alike on every covariate but one",
            "covariate before after",
            [
                ("A&E attendances, last 30 days", 1.21, 0.03),
                ("A&E attendances, 31 to 90 days ago", 0.94, 0.05),
                ("A&E attendances, 91 to 365 days ago", 0.71, 0.02),
                ("Emergency admissions, last year", 0.55, 0.04),
                ("Contacts with the GP, last year", 0.48, 0.12),
                ("Age", -0.22, 0.01),
                ("Women", 0.05, 0.02),
                ("Most deprived fifth", 0.31, 0.06),
            ],
        ),
        figure(
            "trajectories",
            "Enrolled people fell further than people like them",
            "period group value low high",
            [
                (m, g, v, v - 0.07, v + 0.07)
                for g, drop in (("Enrolled", 0.55), ("Comparison", 0.3))
                for m in range(-12, 13)
                for v in (round(0.5 + 0.5 * math.exp(-(((m + 1) / 4) ** 2)) - (drop - 0.2 if m > 0 else 0) * 0.5, 3),)
            ],
        ),
        figure(
            "gap",
            "In the treated streets incidents fell further than in any placebo street",
            "period unit gap role start",
            [
                (period, "Area 4", round(_wave(at, 0.3) - (max(0, at - 17) * 0.7), 2), "treated", "2023-07-01")
                for at, period in enumerate(_months(36))
            ]
            + [
                (period, f"Area {unit}", round(_wave(at, unit) * 2, 2), "placebo", "2023-07-01")
                for unit in range(5, 20)
                for at, period in enumerate(_months(36))
            ],
        ),
        figure(
            "donors",
            "Five areas make up the comparison",
            "donor weight",
            [("Area 11", 0.41), ("Area 07", 0.27), ("Area 16", 0.19), ("Area 02", 0.09), ("Area 13", 0.04)],
        ),
        figure(
            "series",
            "Police incidents fell below what would have happened",
            "period observed expected low high start",
            [
                (
                    period,
                    None if at == 9 else round(120 + 8 * _wave(at, 1) - (22 if at > 18 else 0), 1),
                    round(121 + 8 * _wave(at, 1.1), 1),
                    round(108 + 8 * _wave(at, 1.1), 1),
                    round(134 + 8 * _wave(at, 1.1), 1),
                    "2023-07-01",
                )
                for at, period in enumerate(_months(36))
            ],
        ),
        figure(
            "break-map",
            "Two donors have breaks of their own and were left out",
            "unit period state",
            [
                ("Area 03", "2022-09-01", "break"),
                ("Area 03", "2022-10-01", "gap"),
                ("Area 03", "2022-11-01", "gap"),
                ("Area 09", "2023-04-01", "recoded"),
                ("Area 14", "2024-02-01", "gap"),
                ("Area 14 with a long name that needs a second line", "2024-06-01", "excluded"),
            ],
        ),
        figure(
            "street-map",
            "Incidents fell in the treated streets and not beside them",
            "place easting northing value role measure",
            [
                (
                    f"street-{at:04d}",
                    400000 + 370 * (at % 9) + 90 * _wave(at, 1),
                    300000 + 310 * (at // 9) + 80 * _wave(at, 2),
                    round(abs(_wave(at, 3)) * 12, 1),
                    (
                        "treated"
                        if at in (20, 21, 22, 30, 31)
                        else "buffer"
                        if at in (12, 13, 19, 29, 39, 40)
                        else "comparison"
                    ),
                    "Size: fall in incidents a year",
                )
                for at in range(54)
            ],
        ),
        figure(
            "group-map",
            "Two pairs of districts might share benefits",
            "place easting northing group",
            [
                ("Ashford", 412000.0, 318000.0, "group 1"),
                ("Bramley", 421000.0, 321000.0, "group 1"),
                ("Carrow", 440000.0, 342000.0, "group 2"),
                ("Denholm", 448000.0, 337000.0, "group 2"),
                ("Elsworth", 398000.0, 355000.0, ""),
            ],
        ),
        figure(
            "displacement",
            "No other agency took up the demand",
            "label low mid high",
            [
                ("GP contacts", 0.96, 1.02, 1.08),
                ("Ambulance calls", 0.85, 0.95, 1.06),
                ("Social care visits", 0.97, 1.06, 1.16),
                ("Streets within 250 m", 0.9, 0.98, 1.07),
            ],
        ),
        figure(
            "options",
            "Working with community nursing is worth most; two options could lose money",
            "label style low mid high",
            [
                ("Community nursing: fewer A&E attendances", "upstream", 210000.0, 390000.0, 560000.0),
                ("Housing: fewer emergency admissions", "upstream", 90000.0, 260000.0, 440000.0),
                ("One benefits service for three districts", "mirror", 120000.0, 180000.0, 240000.0),
                ("Fire and police: joint response", "integration", -40000.0, 110000.0, 270000.0),
                ("Advice line: fewer A&E attendances", "upstream", -60000.0, 4000.0, 70000.0),
            ],
        ),
        figure(
            "journey",
            "Most people reach A&E by way of an ambulance",
            "source target value",
            [
                ("Fall at home", "Ambulance call", 420),
                ("Fall at home", "GP contact", 180),
                ("Advice line", "Ambulance call", 90),
                ("Advice line", "GP contact", 310),
                ("Ambulance call", "A&E attendance", 430),
                ("Ambulance call", "Treated at home", 80),
                ("GP contact", "A&E attendance", 120),
                ("GP contact", "Treated at home", 370),
                ("A&E attendance", "Emergency admission", 260),
                ("A&E attendance", "Home", 290),
                ("Emergency admission", "A&E attendance", 40),
            ],
        ),
        figure(
            "lead-time",
            "Half of the calls come within three weeks of the attendance",
            "days share",
            [
                (f"{at * 7}–{at * 7 + 6}", share)
                for at, share in enumerate((0.22, 0.18, 0.13, 0.1, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.02))
            ],
        ),
        figure(
            "waterfall",
            "Of £1.2 million only £310,000 can be taken out of a budget",
            "label value role measure",
            [
                ("Average cost of averted contacts", 1200000.0, "step", "Pounds"),
                ("Fixed costs that stay", -410000.0, "step", "Pounds"),
                ("Absorbed by other demand", -280000.0, "step", "Pounds"),
                ("Capacity released", -200000.0, "step", "Pounds"),
                ("Cash", 310000.0, "total", "Pounds"),
            ],
        ),
        figure(
            "groups",
            "The fall is alike in every group",
            "label low mid high group",
            [
                ("Women", 0.7, 0.8, 0.92, "Sex"),
                ("Men", 0.71, 0.83, 0.97, "Sex"),
                ("18 to 64", 0.66, 0.79, 0.94, "Age"),
                ("65 and over", 0.72, 0.82, 0.94, "Age"),
                ("Most deprived fifth", 0.69, 0.84, 1.02, "Deprivation"),
                ("All others", 0.72, 0.8, 0.9, "Deprivation"),
            ],
        ),
        figure(
            "frontier",
            "Each bay closed gives £190,000 and takes 2,100 attendances of room",
            "x y label x_measure y_measure",
            [
                (0.0, 8400.0, "Keep all bays", "Cash that can be taken out (£)", "More attendances that can be served"),
                (190000.0, 6300.0, "Close one bay", "", ""),
                (380000.0, 4200.0, "Close two bays", "", ""),
                (570000.0, 2100.0, "Close three bays", "", ""),
                (760000.0, 0.0, "Close four bays", "", ""),
            ],
        ),
        figure(
            "chance-to-pay",
            "At what it cost, the chance that it pays is 62%",
            "cost chance",
            [(0.0, 1.0), (0.5, 0.94), (0.9, 0.71), (1.0, 0.62), (1.25, 0.4), (2.0, 0.06)],
        ),
        figure(
            "power",
            "With 600 people a fall of 15% would be seen 8 times in 10",
            "x power series mark",
            [
                (n, round(1 / (1 + math.exp(-(n * k - 450) / 160)), 3), s, 600)
                for s, k in (("fall of 10%", 0.6), ("fall of 15%", 1.0), ("fall of 20%", 1.6))
                for n in range(100, 1300, 100)
            ],
        ),
        figure(
            "who-pays",
            "The council pays and the hospital gains",
            "budget part gbp",
            [
                ("Council", "invested", 180000.0),
                ("Council", "cash", -12000.0),
                ("GP practices", "invested", 60000.0),
                ("Hospital", "cash", 70000.0),
                ("Hospital", "released", 240000.0),
                ("Ambulance service", "released", 90000.0),
                ("Hospital", "absorbed", 120000.0),
                ("Hospital", "unchanged", 40000.0),
            ],
        ),
        figure(
            "chain",
            "About 110 fewer A&E attendances a year than expected anyway",
            "label value state measure",
            [
                ("Before it began", 520.0, "before", "A&E attendances a year"),
                ("Expected anyway", 410.0, "expected", "A&E attendances a year"),
                ("Seen", 300.0, "averted", "A&E attendances a year"),
            ],
        ),
        figure(
            "ledger",
            "Of what was claimed, £240,000 stands",
            "label value role",
            [
                ("Claimed as measured", 410000.0, "step"),
                ("Not accepted by finance", -90000.0, "step"),
                ("Worn off since", -50000.0, "step"),
                ("Reversed", -30000.0, "step"),
                ("Stands today", 240000.0, "total"),
            ],
        ),
        figure(
            "risk-matrix",
            "Two risks lie outside what the partners would bear",
            "risk likelihood impact_gbp residual_likelihood residual_impact_gbp appetite_gbp",
            [
                ("Key nurse leaves", 0.35, 120000.0, 0.2, 60000.0, 25000.0),
                ("Data agreement expires", 0.15, 300000.0, 0.05, 300000.0, 25000.0),
                ("Costs shunted to social care", 0.4, 260000.0, 0.3, 200000.0, 25000.0),
                ("Benefit claimed twice", 0.1, 90000.0, 0.02, 90000.0, 25000.0),
                ("Partner leaves", 0.08, 700000.0, 0.08, 350000.0, 25000.0),
                ("Link rate falls", 0.25, 40000.0, 0.1, 30000.0, 25000.0),
            ],
        ),
        figure(
            "timeline",
            "The second gate is due in March",
            "label start end state",
            [
                ("Phase 1: shared model", "2023-01-01", "2023-09-30", "done"),
                ("Gate 1", "2023-10-15", "", "done"),
                ("Phase 2: aligned capacity", "2023-10-16", "2024-12-31", "current"),
                ("Gate 2", "2025-03-31", "", "planned"),
                ("Phase 3: community owns the issue", "2025-04-01", "2026-03-31", "planned"),
                ("Data agreement renewed", "2024-05-01", "", "late"),
            ],
        ),
        figure(
            "tornado",
            "How much contacts fall matters more than any price",
            "label low high base",
            [
                ("Fall in A&E attendances", 90000.0, 420000.0, 250000.0),
                ("Share backfilled", 140000.0, 330000.0, 250000.0),
                ("Price of a bed-day", 200000.0, 300000.0, 250000.0),
                ("Discount rate", 240000.0, 260000.0, 250000.0),
            ],
        ),
    )
}

SEAL = Seal("hospital-episodes", "service evaluation", "analyst", sha256(b"made up").hexdigest())

STATEMENT = DataTable(
    "statement",
    "What stands in the ledger, by budget",
    ("bearer", "invested_gbp", "cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp", "all_gbp"),
    (
        ("Hospital", Amount(0), Amount(70000), Amount(240000), Amount(120000), Amount(15000.4), Amount(445000.4)),
        ("Council", Amount(180000), Amount(-12000), Amount(0), Amount(0), Amount(0), Amount(-12000)),
        ("All", Amount(180000), Amount(58000), Amount(240000), Amount(120000), Amount(15000.4), Amount(433000.4)),
    ),
    totals_row=True,
    formulas={"all_gbp": "=SUM(C{row}:F{row})"},
)

HOSTILE = "=HYPERLINK(\"http://example.invalid\")<script>alert(1)</script> #import $x$ & 'quoted' {{ 7*7 }}"


def document() -> Document:
    """All sorts of blocks: styles, bullets, hostile words, suppressed counts, estimates, totals, formulas, a misfit."""
    sample = DataTable(
        "links",
        "Link rates by group",
        ("group", "records", "linked", "note"),
        (
            ("Women", Shown("1,240", 1240.0), Estimate(Interval(0.91, 0.94, 0.96), "share", 3), "none"),
            ("Men", Shown("1,105", 1105.0), Estimate(Interval(0.88, 0.91, 0.93), "share", 3), HOSTILE),
            ("Not recorded", Shown("suppressed", None), None, "+1 and -2 and @here"),
        ),
    )
    misfit = FigureData("odd", "forest", "A forest without its columns", ALT, ("label", "value"), (("x", 1.5),))
    board = (
        Heading("The decision asked"),
        Sentence(
            "Fund the team for {years} more years at {cost} a year.", {"years": 2, "cost": Amount(240000)}, "lead"
        ),
        Sentence("{n} people were enrolled.", {"n": Shown("310", 310.0)}, "bullet"),
        Sentence("A figure that nobody knows is {gap}.", {}, "bullet"),
        Drawn(FIGURES["who-pays"]),
        Sentence("A first warning.", {}, "warning"),
        Sentence(
            "The saving is {saving}.", {"saving": Estimate(Interval(131000.0, 252345.0, 377000.0), "gbp")}, "inset"
        ),
        STATEMENT,
    )
    appendix = (
        Heading("Methods"),
        Sentence("Words with {a} and a negative {b}.", {"a": HOSTILE, "b": -1234.5}),
        Heading("Figures", 3),
        *(Drawn(made) for kind, made in FIGURES.items() if kind != "who-pays"),
        Drawn(misfit),
        Heading("Link rates", 3),
        sample,
        DataTable("empty", "A table without rows", ("what", "n"), ()),
    )
    facts = {"data": sha256(b"data").hexdigest(), "version": "0.1.0", "seed": "1"}
    return Document(
        "sample", "Frequent attenders: what it saved", "A made-up report.", "31 March 2025", board, appendix, facts
    )


def released() -> Released[Document]:
    return Released(document(), SEAL)
