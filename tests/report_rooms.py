"""Figures in the columns that other rooms give them, as they may be named there."""

from __future__ import annotations

from report_world import figure

THEIRS = {
    "gap-places": figure(
        "gap",
        "t",
        "series period gap",
        [(name, f"2023-0{at}-01", at * 0.1) for name in ("treated", "placebo-1") for at in range(1, 6)],
    ),
    "donors-places": figure(
        "donors",
        "t",
        "unit weight part reason",
        [("a", 0.7, "donor", ""), ("b", 0.3, "donor", ""), ("c", 0.0, "left out", "a break")],
    ),
    "breaks-places": figure(
        "break-map",
        "t",
        "unit period what shift when part",
        [("a", "2023-01-01", "break", 0.4, "before", "donor"), ("b", "2023-05-01", "gap", None, "after", "treated")],
    ),
    "map-places": figure(
        "street-map",
        "t",
        "place easting northing part",
        [("a", 1.0, 2.0, "treated"), ("b", 500.0, 400.0, "buffer"), ("c", 900.0, 100.0, "other")],
    ),
    "moved-places": figure(
        "displacement",
        "t",
        "part places observed expected averted ratio low high",
        [("treated", 4, 80.0, 100.0, 20.0, 0.8, 0.7, 0.9), ("buffer", 6, 101.0, 100.0, -1.0, 1.01, 0.9, 1.1)],
    ),
    "series-places": figure(
        "series",
        "t",
        "period observed expected low high when",
        [(f"2023-0{at}-01", 9.0, 10.0, 8.0, 12.0, "after" if at > 3 else "before") for at in range(1, 7)],
    ),
    "power-capacity": figure(
        "power",
        "t",
        "people rate_ratio power",
        [(n, ratio, n / 1000) for ratio in (0.9, 0.8) for n in (100.0, 500.0, 900.0)],
    ),
    "frontier-capacity": figure(
        "frontier",
        "t",
        "steps cash_gbp released_gbp absorbed_gbp none_gbp service_level_met",
        [(k, k * 9e4, 4e5 - k * 1e5, 0.0, 0.0, 1.0) for k in range(4)],
    ),
    "who-pays-savings": figure(
        "who-pays",
        "t",
        "budget part gbp",
        [
            ("hospital", "invested", 5000.0),
            ("hospital", "cash", 9000.0),
            ("council", "cash", -200.0),
            ("council", "absorbed", 700.0),
        ],
    ),
    "waterfall-savings": figure("waterfall", "t", "step gbp", [("all", 900.0), ("none", -300.0), ("net", 600.0)]),
    "tornado-savings": figure(
        "tornado",
        "t",
        "factor low high npv_low_gbp npv_high_gbp npv_gbp",
        [("prices", 0.8, 1.2, 1e5, 3e5, 2e5), ("costs", 0.8, 1.2, 2.5e5, 1.5e5, 2e5)],
    ),
    "outturn-ledger": figure(
        "ledger",
        "t",
        "collaboration bearer year forecast_gbp measured_gbp gap_gbp",
        [("team", "hospital", "2024-25", 9e4, 4e4, -5e4)],
    ),
}
