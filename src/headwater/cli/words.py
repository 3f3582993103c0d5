"""Answers in words: each function turns a released answer into the text of one verb. Nothing is reckoned here."""

from __future__ import annotations

import shlex
import shutil
import textwrap
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import DataProblem, Failed, ProtocolBreach

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Content = dict[str, Any]

UNMEASURED = "We cannot tell: no comparison could be made, so that nothing was measured. The caveats say why."
BUCKETS = (
    ("cash", "cash that can leave a budget"),
    ("released", "capacity released for other use"),
    ("absorbed", "absorbed at once by other demand"),
    ("none", "fixed cost that nothing changes"),
)


# What every verb's words are made of


def pounds(value: float | None) -> str:
    """£1,234 below ten thousand, £12.3k and £1.23m above; a minus before the sign."""
    if value is None:
        return "–"
    sign, size = ("-" if value < 0 else ""), abs(value)
    if size >= 999_500:
        return f"{sign}£{size / 1e6:,.2f}m"
    return f"{sign}£{size / 1e3:,.1f}k" if size >= 9_999.5 else f"{sign}£{size:,.0f}"


def between(found: Content | None, form: Any) -> str:
    if not found:
        return "not measured"
    return f"{form(found['mid'])} ({form(found['low'])} to {form(found['high'])})"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:+.0%}"


def percent_of(value: float) -> str:
    return f"{value:.0%}"


def ratio(value: float) -> str:
    return f"{value:.2f}"


def number(value: float) -> str:
    return f"{round(value) + 0:,}"


def count_text(value: Any) -> str:
    """A released count as it may be seen."""
    text = getattr(value, "text", None)
    return str(value) if text is None else str(text)


def share_text(value: Any) -> str:
    """A released share in percent, or its mask."""
    text = getattr(value, "text", None)
    return f"{value.value:.0%}" if text is None else str(text)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns as wide as they need, numbers to the right, the last column wrapped to the terminal."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return "  (none)"
    widths = [max(len(line[at]) for line in [list(head), *cells]) for at in range(len(head))]
    right = [all(_numeric(line[at]) for line in cells) for at in range(len(head))]
    room = max(20, shutil.get_terminal_size((110, 24)).columns - sum(widths[:-1]) - 2 * len(head) - 2)
    lines = [
        _line(list(head), widths, right, room),
        "  " + "  ".join("-" * width for width in (*widths[:-1], min(widths[-1], room))),
    ]
    return "\n".join([*lines, *(_line(line, widths, right, room) for line in cells)])


def _line(cells: list[str], widths: list[int], right: list[bool], room: int) -> str:
    padded = [
        f"{cell:>{width}}" if flush else f"{cell:<{width}}"
        for cell, width, flush in zip(cells, widths, right, strict=True)
    ]
    lead = "  " + "  ".join(padded[:-1]) + ("  " if len(padded) > 1 else "")
    wrapped = textwrap.wrap(cells[-1], room, break_on_hyphens=False) or [""]
    if right[-1]:
        return (lead + padded[-1]).rstrip()
    return "\n".join([(lead + wrapped[0]).rstrip(), *(" " * len(lead) + more for more in wrapped[1:])])


def _numeric(text: str) -> bool:
    return (bool(text) and text.lstrip("-+£–*").replace(",", "").replace(".", "").rstrip("%km").isdigit()) or text in {
        "",
        "–",
        "*",
    }


def para(text: str) -> str:
    return textwrap.fill(text, min(110, shutil.get_terminal_size((110, 24)).columns))


def section(title: str, body: str) -> str:
    return f"\n{title}\n{body}"


def bullets(lines: Iterable[str]) -> str:
    width = min(110, shutil.get_terminal_size((110, 24)).columns)
    return "\n".join(textwrap.fill(line, width, initial_indent="  - ", subsequent_indent="    ") for line in lines)


# Reading


def check(content: Content) -> str:
    parts = [
        table(
            ("file", "table", "rows seen", "fits"),
            ((f["file"], f["table"], f.get("rows", ""), "yes" if f["fits"] else "no") for f in content["files"]),
        )
    ]
    for file in content["files"]:
        lines = [
            *file.get("problems", ()),
            *(f"{their} might be {ours}" for their, ours in dict(file.get("suggestions", {})).items()),
        ]
        if lines:
            parts.append(section(str(file["file"]), bullets(map(str, lines))))
    return "\n".join(parts)


def load(content: Content) -> str:
    files = content["files"]
    rows = (
        (
            f["file"],
            f["table"],
            number(f["rows_in"]),
            number(f["kept"]),
            number(f["quarantined"]),
            _reasons(f["reasons"]),
        )
        for f in files
    )
    total = {key: sum(f[key] for f in files) for key in ("rows_in", "kept", "quarantined")}
    excluded = sum(f.get("excluded", 0) for f in files)
    besides = f" + {excluded:,} left out as the mapping says" if excluded else ""
    end = f"\n{total['rows_in']:,} rows in = {total['kept']:,} kept + {total['quarantined']:,} quarantined{besides}."
    left = [f"{f['file']}: {_reasons(f['left_out'])}" for f in files if f.get("left_out")]
    values = f"\n{section('Values left out of rows that were kept', bullets(left))}" if left else ""
    return table(("file", "table", "rows in", "kept", "quarantined", "why"), rows) + end + values


def _reasons(reasons: Content) -> str:
    return "; ".join(f"{why}: {number(n)}" for why, n in sorted(reasons.items(), key=lambda pair: -pair[1]))


def new(content: Content) -> str:
    return f"A workspace stands in {content['folder']}.\nNext: put your files into data/, edit headwater.toml, then type\n  headwater --workspace {content['folder']} check"


def doctor(content: Content) -> str:
    if not content["findings"]:
        return "Nothing is wrong."
    return bullets(f"{f['what']}  Next: {f['next']}" for f in content["findings"])


# Question 2


def evaluation(content: Content) -> str:
    parts = [
        f"{content['collaboration']}: {content['in_words'] if content['rate_ratio'] else UNMEASURED}",
        f"  {content['outcome']}: rate ratio {between(content['rate_ratio'], ratio)}; averted a year {between(content['averted_per_year'], number)}",
        f"  {_naive(content['naive'])}",
        f"  grade {content['grade']['level']} ({content['grade']['confidence']}): {content['grade']['text']}",
        f"  {content['status']}; {count_text(content['enrolled'])} enrolled, {count_text(content['comparison']['controls'])} compared with ({content['comparison']['method']})",
        section("Outcomes", table(("kind", "role", "verdict", "rate ratio (95 %)", "averted a year"), ((o["kind"], o["role"], o["verdict"], between(o["rate_ratio"], ratio), between(o["averted_per_year"], number)) for o in content["outcomes"]))),
        section("Checks", table(("check", "passed", "what it says"), ((c["name"], _passed(c["passed"]), c["text"]) for c in content["checks"]))),
    ]  # fmt: skip
    if content["caveats"] or content["deviations"]:
        parts.append(section("Caveats", bullets([*content["caveats"], *content["deviations"]])))
    if content["status"] == "exploratory":
        parts.append("\nEXPLORATORY: the protocol was not locked before outcomes were read. The ledger refuses it.")
    return "\n".join(parts)


def _naive(naive: Content | None) -> str:
    if not naive:
        return "There is no before–after figure: nothing was counted before the start, or after it."
    if naive["explained_by_regression_to_the_mean"] is None:
        return f"before–after alone would have said {percent(naive['change'])}; nothing tells how much would have come anyway"
    anyway = naive["change"] * naive["explained_by_regression_to_the_mean"]
    # Both as changes: a share of a change near nought would be any number.
    return f"before–after alone would have said {percent(naive['change'])}; without any programme the comparison shows {percent(anyway)}"


def _passed(passed: bool | None) -> str:
    return {True: "yes", False: "NO", None: "unclear"}[passed]


NO_POUNDS = "What it did cannot be told, so no pounds are counted."


def _money_told(content: Content) -> list[str]:
    value = content["value_gbp"]
    rows = ((words, between(value[bucket], pounds)) for bucket, words in BUCKETS)
    head = ("bearer", "invested", "cash", "released", "absorbed", "none")
    bearers = ((b["bearer"], pounds(b["invested_gbp"]), *(between(b[f"{bucket}_gbp"], pounds) for bucket, _ in BUCKETS)) for b in content["bearers"])  # fmt: skip
    return [
        table(("a year", "pounds (95 %)"), rows),
        section(f"By bearer, in all over {content['years_measured']:.1f} years", table(head, bearers)),
        f"\nNet present social value (cash, released capacity and any stated value to people, less all costs): {between(content['npv_gbp'], pounds)}",
    ]


def count(content: Content) -> str:
    parts = [f"{content['collaboration']}: {content['in_words']} In {content['price_year']} prices, means:"]
    parts += _money_told(content) if content["npv_gbp"] else [NO_POUNDS]
    claims = content["claims"]
    parts += [
        f"In the ledger: {lot['lot']}, {number(lot['available'])} contacts that no other lot counts."
        for lot in claims["lots"]
    ]
    parts += [para(f"Not booked, {refused['outcome']}: {refused['why']}") for refused in claims["refused"]]
    if content["unpriced"]:
        parts.append(f"Without a price or a budget that bears it, so not valued: {', '.join(content['unpriced'])}.")
    return "\n".join(parts)


def plan(content: Content) -> str:
    return bullets(content["sentences"])


def protocols(content: Content) -> str:
    return table(
        ("id", "style", "start", "status"),
        ((p["id"], p["style"], p["start"], p["status"]) for p in content["protocols"]),
    )


def locked(content: Content) -> str:
    return f"{content['collaboration']} is {content['status']}: {content['sha256']}"


def difference(content: Content) -> str:
    if not content["changes"]:
        return "Nothing differs from what was locked."
    return table(("field", "locked", "now"), ((c["field"], c["locked"], c["now"]) for c in content["changes"]))


def written(content: Content) -> str:
    return f"Wrote {content['file']}."


# The ledger


def claimed(content: Content) -> str:
    return f"Booked {content['claim']['claim']}; {number(content['left'])} contacts are left in the lot."


def moved(content: Content) -> str:
    return f"{content['claim']} is now {content['state']}."


def attributed(content: Content) -> str:
    return f"Shared contacts are attributed by: {content['attribution']}."


def verified_ledger(content: Content) -> str:
    return f"The ledger is as it was written: {content['entries']} entries, head {content['head_hash']}"


def ledger_checks(content: Content) -> str:
    return table(
        ("check", "holds", "what it says"), ((c["name"], _passed(c["passed"]), c["text"]) for c in content["checks"])
    )


# Governance


def suggested(content: Content) -> str:
    return table(("event", "why"), ((r["event"], r["reason"]) for r in content["suggested"]))


def warnings(content: Content) -> str:
    state = {True: "FIRED", False: "quiet", None: "unknown"}
    return table(
        ("indicator", "collaboration", "state", "what it says"),
        ((w["name"], w["collaboration"], state[w["fired"]], w["text"]) for w in content["indicators"]),
    )


def gates(content: Content) -> str:
    parts = []
    for phase in content["phases"]:
        for gate in phase["gates"]:
            decided = gate["decision"]["verdict"] if gate["decision"] else "no decision yet"
            rows = (
                (c["met"], c["text"], "–" if c["figure"] is None else f"{c['figure']:.3g}") for c in gate["criteria"]
            )
            parts.append(
                f"{phase['name']}, gate {gate['gate']} ({decided}; decides: {gate['decides']})\n{table(('', 'criterion', 'figure'), rows)}"
            )
    return "\n\n".join(parts) or "No phases are set in the protocol."


def decided(content: Content) -> str:
    return f"Recorded: {content['gate']} {content['verdict']} by {content['role']}."


def audit(content: Content) -> str:
    return table(
        ("when", "role", "what", "data", "purpose"),
        ((e["at"], e["role"], e["what"], e["data"], e["purpose"]) for e in content["entries"]),
    )


def forgotten(content: Content) -> str:
    lots = f" and {len(content['lots'])} lot(s)" if content["lots"] else ""
    return f"Removed from {len(content['tables'])} tables{lots}; the ledger's sums stand. Take the person out of the agencies' files too, or the next load brings them back."


# Leaving


def reported(content: Content) -> str:
    return "\n".join(f"Wrote {file}" for file in content["files"])


def verified(content: Content) -> str:
    return (
        f"{content['file']} is the report that was made."
        if content["same"]
        else f"{content['file']} differs: {content['text']}"
    )


def run(content: Content) -> str:
    rows = ((c["collaboration"], c["verdict"], between(c["rate_ratio"], ratio), percent((c["naive"] or {}).get("change")), c["booked"]) for c in content["collaborations"])  # fmt: skip
    parts = [table(("collaboration", "verdict", "rate ratio (95 %)", "before–after", "in the ledger"), rows)]
    if not content["collaborations"]:
        parts = [
            "There is no protocol yet, so nothing was evaluated. Next: headwater protocol new ID --template multidisciplinary-team"
        ]
    if content["options"]:
        parts.append(
            section(
                "First options",
                bullets(
                    f"{o['style']}: {' + '.join(o['partners'])}, {o['service']}: {between(o['net_gbp_per_year'], pounds)} net a year"
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
    rows = ((*key, *(pounds(row.get((side, name), 0.0)) for name in names for side in ("true", "booked"))) for key, row in sorted(sums.items()))  # fmt: skip
    head = ("collaboration", "bearer", "paid in, true", "booked", "cash, true", "booked", "released, true", "booked")
    return table(head, rows)


def demo(content: Content) -> str:
    rows = ((t["collaboration"], ratio(t["truth"]), between(t["rate_ratio"], ratio), t["verdict"], "yes" if t["held"] else "NO") for t in content["truths"])  # fmt: skip
    return "\n".join(
        [run(content), section("The truth, which no step was shown", table(("collaboration", "true ratio", "found (95 %)", "verdict", "truth inside"), rows)),
         section("Pounds in all: what a perfect observer would book, and what was booked", _true_money(content["money"])),
         f"\nThe county is in {content['folder']}. Next: headwater --workspace {shlex.quote(content['folder'])} partners --for hospital"]
    )  # fmt: skip


# Exit codes of answers that say no


def fail_if_unfit(content: Content) -> None:
    unfit = [str(file["file"]) for file in content["files"] if not file["fits"]]
    if unfit:
        raise DataProblem(
            "some files do not fit",
            given=", ".join(unfit),
            next_step="mend the mapping in headwater.toml as suggested above",
        )


def fail_if_lost(content: Content) -> None:
    """Too little survived a load: what was kept stays loaded, and nobody overlooks it."""
    lost = [f"{f['file']} ({f['lost_share']:.1%})" for f in content["files"] if f.get("too_much_lost")]
    if lost:
        raise DataProblem(
            "more rows of some files are lost than may be",
            given=", ".join(lost),
            allowed="most_lost of its [[source]]: 1 % unless it says otherwise; harmless repeats apart",
            next_step="mend the reasons above, or write most_lost = ... where the loss is right; headwater load",
        )


def fail_if_broken(content: Content) -> None:
    broken = [c["name"] for c in content["checks"] if c["passed"] is False]
    if broken:
        raise ProtocolBreach(
            "rules of the ledger are broken", given=", ".join(broken), next_step="headwater ledger verify"
        )


def fail_if_differs(content: Content) -> None:
    if not content["same"]:
        raise Failed(
            "the report is not the one that was made",
            given=content["text"],
            next_step="headwater report makes it again",
        )
