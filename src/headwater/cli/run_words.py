"""What is said of reports, of a whole run and of the demonstration."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from headwater.cli.columns import bullets, section, table
from headwater.cli.words import between, pounds, ratio
from headwater.report.verdicts import EFFECTS, MONEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.cli.words import Content


def reported(content: Content) -> str:
    return "\n".join(f"Wrote {file}" for file in content["files"])


def verified(content: Content) -> str:
    return (
        f"{content['file']} is the report that was made."
        if content["same"]
        else f"{content['file']} differs: {content['text']}"
    )


def run(content: Content) -> str:
    rows = (
        (
            c["collaboration"],
            EFFECTS[c["effect_verdict"]][0],
            MONEY[c["money_verdict"]][0],
            between(c["rate_ratio"], ratio),
            c["booked"],
        )
        for c in content["collaborations"]
    )
    parts = [
        bullets(f"{c['collaboration']}: {c['in_words']}" for c in content["collaborations"]),
        section("Side by side", table(("collaboration", "contacts", "money", "rate ratio (95%)", "booked"), rows)),
    ]
    if not content["collaborations"]:
        parts = [
            "There is no protocol yet, so nothing was evaluated. Next: headwater protocol new ID --template"
            " multidisciplinary-team"
        ]
    if content["options"]:
        parts.append(
            section(
                "First options",
                bullets(
                    f"{o['style']}: {' + '.join(o['partners'])}, {o['service']}:"
                    f" {between(o['net_gbp_per_year'], pounds)} net a year"
                    for o in content["options"]
                ),
            )
        )
    return "\n".join([*parts, *_reports(content["reports"])])


def _reports(files: Sequence[str]) -> Iterable[str]:
    """A line a report with the formats it was written in, not a line a file."""
    forms: dict[str, list[str]] = {}
    for file in files:
        name, _, form = file.rpartition(".")
        forms.setdefault(name, []).append(form)
    if forms:
        yield "\nReports"
        yield from (f"  {name}.{forms[name][0]}{_also(forms[name][1:])}" for name in forms)


def _also(others: Sequence[str]) -> str:
    return f" (also {', '.join(others)})" if others else ""


def _true_money(money: Content) -> str:
    """A line a collaboration and bearer, its years together; the answer and the truth's file have them year by year."""
    names = ("invested_gbp", "cash_gbp", "released_gbp")
    sums: dict[tuple[str, str], dict[tuple[str, str], float]] = {}
    for side in ("true", "booked"):
        for line in money[side]:
            row = sums.setdefault((line["collaboration"], line["bearer"]), {})
            for name in names:
                row[side, name] = row.get((side, name), 0.0) + line[name]
    rows = (
        (*key, *(pounds(row.get((side, name), 0.0)) for name in names for side in ("true", "booked")))
        for key, row in sorted(sums.items())
    )
    head = ("collaboration", "bearer", "paid in, true", "booked", "cash, true", "booked", "released, true", "booked")
    return table(head, rows)


def _two_counties(pool: Content) -> str:
    if "refused" in pool:
        return str(pool["refused"])
    first = pool["outcomes"][0]
    rows = [(one["site"], between(one["own"], ratio), between(one["with_all"], ratio)) for one in first["sites"]]
    head = ("county", "alone (95%)", "given both")
    inside = "inside" if pool["held"] else "NOT inside"
    return f"{pool['in_words']} The true average ratio, {ratio(pool['truth'])}, is {inside}.\n{table(head, rows)}"


def demo(content: Content) -> str:
    rows = (
        (
            t["collaboration"],
            ratio(t["truth"]),
            between(t["rate_ratio"], ratio),
            EFFECTS[t["effect_verdict"]][0],
            "yes" if t["held"] else "NO",
        )
        for t in content["truths"]
    )
    return "\n".join(
        [
            run(content),
            section(
                "The truth, which no step was shown",
                table(("collaboration", "true ratio", "found (95%)", "contacts", "truth inside"), rows),
            ),
            section("Two counties told together, without a row changing hands", _two_counties(content["pool"])),
            section(
                "Pounds in all: what a perfect observer would book, and what was booked", _true_money(content["money"])
            ),
            (
                f"\nThe county is in {content['folder']}. Next: headwater --workspace {shlex.quote(content['folder'])}"
                " partners --for hospital"
            ),
        ]
    )
