"""Made-up panels with a known truth for the tests of place designs."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from headwater.domain.collaboration import ComparisonPlan, Outcome, Protocol, Role, Standing, Status, Style
from headwater.domain.tables import TABLES
from headwater.store import arrow_schema

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from headwater.store import Store

UNLOCKED = Standing(Status.EXPLORATORY, "0" * 64)
NO_WINDOW = (None, None)


def months(first: str, number: int) -> list[date]:
    start = np.datetime64(first, "M")
    return [(start + k).astype("datetime64[D]").item() for k in range(number)]


def panel_counts(
    units: int,
    periods: int,
    seed: int,
    *,
    start: int | None = None,
    ratio: float = 1.0,
    treated: int = 1,
    mean: float = 400.0,
    rho: float = 0.5,
    noise: float = 0.05,
) -> NDArray[np.float64]:
    """float64[unit, period]: common trend and calendar, two factors, autocorrelated unit noise, Poisson on top.

    The first `treated` units are multiplied by `ratio` from period `start` on.
    """
    rng = np.random.default_rng(seed)
    t = np.arange(periods)
    shared = 0.002 * t + 0.08 * np.sin(2 * np.pi * t / 12)
    factors = np.cumsum(rng.normal(0, 0.01, (2, periods)), axis=1)
    loads = rng.normal(0, 1, (units, 2))
    own = np.empty((units, periods))
    own[:, 0] = rng.normal(0, noise, units)
    for k in range(1, periods):
        own[:, k] = rho * own[:, k - 1] + rng.normal(0, noise * np.sqrt(1 - rho**2), units)
    level = mean * rng.lognormal(0, 0.4, (units, 1))
    rate = level * np.exp(shared + loads @ factors + own)
    if start is not None:
        rate[:treated, start:] *= ratio
    return rng.poisson(rate).astype(float)


def unit_names(number: int) -> list[str]:
    return [f"unit-{k:04d}" for k in range(number)]


def count_table(
    panels: dict[str, NDArray[np.float64]], first: str = "2018-01", exposure: float | None = None
) -> pa.Table:
    """The declared `count` table of panels of one shape; NaN cells are not written."""
    rows: dict[str, list[object]] = {name: [] for name in TABLES["count"].names}
    for kind, counts in panels.items():
        periods = months(first, counts.shape[1])
        for unit, row in zip(unit_names(len(counts)), counts, strict=True):
            for period, contacts in zip(periods, row.tolist(), strict=True):
                if contacts == contacts:
                    cell = (unit, period, kind, contacts, exposure, "agency", None, None, None)
                    for name, value in zip(rows, cell, strict=True):
                        rows[name].append(value)
    return pa.table(rows, schema=arrow_schema(TABLES["count"]))


def fill_counts(store: Store, panels: dict[str, NDArray[np.float64]], **more: object) -> None:
    key = sha256(b"".join(counts.tobytes() for counts in panels.values())).hexdigest()
    store.put("count", key, count_table(panels, **more))  # type: ignore[arg-type]


def protocol(
    method: str = "synthetic-did",
    *,
    start: date = date(2021, 1, 1),
    treated: tuple[str, ...] = ("unit-0000",),
    unit: str = "organisation",
    outcomes: tuple[Outcome, ...] = (Outcome("ae_attendance", Role.PRIMARY),),
    options: dict[str, str | int | float | bool] | None = None,
    plan: ComparisonPlan | None = None,
    **more: object,
) -> Protocol:
    chosen = plan or ComparisonPlan(method=method, options=options or {})
    given: dict[str, object] = {
        "id": "try-out",
        "name": "A try-out",
        "style": Style.INTEGRATION,
        "lead": "police",
        "partners": ("police", "fire"),
        "start": start,
        "theory": "Together they are quicker.",
        "owner": "owner-1",
        "unit": unit,
        "outcomes": outcomes,
        "treated": treated,
        "comparison": chosen,
        "draws": 1000,
    }
    return Protocol(**{**given, **more})  # type: ignore[arg-type]


def write_trusts(root: Path, counts: NDArray[np.float64], protocol_text: str, extra: tuple[str, ...] = ()) -> None:
    """A workspace of counts alone, read as the published A&E panel is: unit-0000 … by month from 2018-01, one line a
    cell.

    counts: float64[unit, period], NaN cells are not written; extra: further lines of the file, as they are.
    """
    (root / "data").mkdir(parents=True)
    (root / "collaborations").mkdir()
    (root / "headwater.toml").write_text(SETTINGS)
    (root / "collaborations" / "one.toml").write_text(protocol_text)
    lines = ["code,month,type1_att"]
    for unit, row in zip(unit_names(len(counts)), counts, strict=True):
        cells = zip(months("2018-01", counts.shape[1]), row.tolist(), strict=True)
        lines += [f"{unit},{month},{value:g}" for month, value in cells if value == value]
    (root / "data" / "panel.csv").write_text("\n".join([*lines, *extra, ""]))


SETTINGS = """\
place = "made-up trusts"
[[source]]
table = "count"
files = "data/panel.csv"
agency = "made-up"
[source.columns]
unit = "code"
period = "month"
contacts = "type1_att"
[source.constants]
kind = "ae_attendance"
"""

PROTOCOL = """\
id = "one"
name = "One trust"
style = "integration"
lead = "unit-0000"
start = 2021-01-01
theory = "Together they are quicker."
owner = "head of strategy"
unit = "organisation"
treated = ["unit-0000"]
follow_up_days = 365
[comparison]
method = "synthetic-control"
[[outcome]]
kind = "ae_attendance"
role = "primary"
worthwhile = 0.05
"""
