"""Answers in words: each function turns a released answer into the text of one verb. Nothing is reckoned here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.cli.columns import bullets, para, section, table
from headwater.domain.release import Shown
from headwater.report.kinds import day_words, in_words, kind_words
from headwater.report.verdicts import EFFECTS, MONEY, ROLES, STRENGTHS, check_words

if TYPE_CHECKING:
    pass

Content = dict[str, Any]

UNMEASURED = "We cannot tell: no comparison could be made, so nothing was measured. See what to keep in mind."
BUCKETS = (
    ("cash", "cash that can leave a budget"),
    ("released", "capacity released for other work"),
    ("absorbed", "absorbed at once by other demand"),
    ("none", "fixed costs unchanged"),
)


# What every verb's words are made of


def pounds(value: float | None) -> str:
    """£1,234 below ten thousand, £12.3k and £1.23m above; a minus before the sign."""
    if value is None:
        return "–"
    sign, size = ("−" if value <= -0.5 else ""), abs(value)
    if size >= 999_500:
        return f"{sign}£{size / 1e6:,.2f}m"
    return f"{sign}£{size / 1e3:,.1f}k" if size >= 9_999.5 else f"{sign}£{size:,.0f}"


def between(found: Content | Shown | None, form: Any) -> str:
    if not found:
        return "not measured"
    if isinstance(found, Shown):
        return found.text  # the mark of what is too small to show
    low, mid, high = (form(found[end]) for end in ("low", "mid", "high"))
    # Where nothing is left between the ends to be seen, an interval would feign a measurement.
    return mid if low == mid == high else f"{mid} ({low} to {high})"


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
    bare = [one for one in content.get("kinds", ()) if not (one["priced"] or one["upstream"])]
    if bare:
        told = (f"{one['kind']}: {count_text(one['rows'])} rows" for one in bare)
        parts.append(section("Kinds without a price; headwater ready says what mends it", bullets(told)))
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
    lost = [
        f"{one['contacts']:,} of {one['of']:,} contacts of {one['agency']} bear a number that none of its records has"
        for one in content.get("orphans", ())
    ]
    nobody = f"\n{section('Contacts of nobody on file', bullets(lost))}" if lost else ""
    unlike = content.get("unlike") or []
    doubtful = (
        f"\n{section('Doubtful figures, compared with nobody until they are mended', bullets(unlike))}"
        if unlike
        else ""
    )
    return table(("file", "table", "rows in", "kept", "quarantined", "why"), rows) + end + values + nobody + doubtful


def _reasons(reasons: Content) -> str:
    return "; ".join(f"{why}: {number(n)}" for why, n in sorted(reasons.items(), key=lambda pair: -pair[1]))


def new(content: Content) -> str:
    return (
        f"A workspace stands in {content['folder']}.\nNext: put your files into data/, edit headwater.toml, then type\n"
        f"  headwater --workspace {content['folder']} check"
    )


def doctor(content: Content) -> str:
    if not content["findings"]:
        return "Nothing is wrong."
    return bullets(f"{f['what']}  Next: {f['next']}" for f in content["findings"])


# Question 2


def _fewer(verdict: str, averted: Any) -> str:
    """Of what cannot be told no number of contacts is given, as on the pages and in the report."""
    return "cannot tell" if verdict == "cannot-tell" else between(averted, number)


def evaluation(content: Content) -> str:
    naive, kind = content["naive"], kind_words(content["outcome"])
    method = STRENGTHS.get(content["grade"]["confidence"], "of no known strength")
    parts = [
        para(f"{content['collaboration']}: {content['in_words'] if content['rate_ratio'] else UNMEASURED}"),
        para(f"This points to: {content['points_to']['act']}. {content['points_to']['why']}"),
        "",
        para(_chain(naive, kind), "  "),
        para(
            f"Rate ratio {between(content['rate_ratio'], ratio)}; fewer a year"
            f" {_fewer(content['effect_verdict'], content['averted_per_year'])}",
            "  ",
        ),
        para(f"The method is {method}, level {content['grade']['level']} of 5: {content['grade']['text']}", "  "),
        para(
            f"{content['dates']} {count_text(content['enrolled'])} enrolled,"
            f" {count_text(content['comparison']['controls'])} compared with ({content['comparison']['method']}).",
            "  ",
        ),
        section(
            "Outcomes",
            table(
                ("outcome", "part", "what happened", "rate ratio (95%)", "fewer a year"),
                (
                    (
                        kind_words(o["kind"]),
                        ROLES[o["role"]],
                        EFFECTS[o["verdict"]][0].lower(),
                        between(o["rate_ratio"], ratio),
                        _fewer(o["verdict"], o["averted_per_year"]),
                    )
                    for o in content["outcomes"]
                ),
            ),
        ),
        section(
            "Checks",
            table(
                ("check", "passed", "what it says"),
                (
                    (check_words(c["name"]), _passed(c["passed"]), in_words(count_text(c["text"])))
                    for c in content["checks"]
                ),
            ),
        ),
    ]
    if content["caveats"] or content["deviations"]:
        parts.append(
            section(
                "What to keep in mind", bullets(in_words(one) for one in (*content["caveats"], *content["deviations"]))
            )
        )
    if content["would_change"]:
        parts.append(section("What would change this answer", bullets(content["would_change"])))
    if content["status"] == "exploratory":
        parts.append(
            "\nNOT LOCKED: results were read before the plan was locked. This is a first look; the ledger refuses it."
        )
    return "\n".join(parts)


def _chain(naive: Content | None, kind: str) -> str:
    """Before → expected anyway → seen, in contacts a year."""
    if not naive:
        return f"Nothing was counted of {kind} before the start, or nothing after it."
    before, anyway, seen = (naive[f"{step}_per_year"] for step in ("before", "expected_anyway", "seen"))
    if before is None or seen is None:
        return f"{kind} a year, before and after, were not measured"
    middle = "nothing tells what was expected anyway" if anyway is None else f"{count_text(anyway)} expected anyway"
    return f"{kind} a year: {count_text(before)} before → {middle} → {count_text(seen)} seen"


def _passed(passed: bool | None) -> str:
    return {True: "yes", False: "NO", None: "unclear"}[passed]


NO_POUNDS = "We cannot tell what it did, so no pounds are counted."


def _money_told(content: Content) -> list[str]:
    value = content["value_gbp"]
    rows = ((words, between(value[bucket], pounds)) for bucket, words in BUCKETS)
    head = ("budget", "paid in", "cash", "released", "absorbed", "unchanged")
    bearers = (
        (b["bearer"], pounds(b["invested_gbp"]), *(between(b[f"{bucket}_gbp"], pounds) for bucket, _ in BUCKETS))
        for b in content["bearers"]
    )
    return [
        table(("a year", "pounds (95%)"), rows),
        section(f"By budget, in all over {content['years_measured']:.1f} years", table(head, bearers)),
        *([para(content["money"]["costs_run"])] if content["money"]["costs_run"] else []),
        (
            "\nNet present social value (cash, released capacity and any stated value to people, less all costs):"
            f" {between(content['npv_gbp'], pounds)}"
        ),
    ]


def count(content: Content) -> str:
    parts = [
        para(f"{content['collaboration']}: {content['in_words']}"),
        f"\nMeans, in prices of {content['price_year']}:",
    ]
    parts += _money_told(content) if content["npv_gbp"] else [NO_POUNDS]
    claims = content["claims"]
    parts += [
        f"In the ledger: {lot['lot']}, {number(lot['available'])} contacts that no other pool counts."
        for lot in claims["lots"]
    ]
    parts += [para(claims["pool_says"])] if claims["pool_says"] else []
    if late := claims["count_again_after"]:
        parts.append(
            para(
                f"Not evaluated yet: {', '.join(late)}. What is counted is drawn towards the other programmes, so"
                f" evaluate {'it' if len(late) == 1 else 'them'}, then count again: after that the order makes no"
                " difference."
            )
        )
    parts += [para(f"Not booked, {kind_words(refused['outcome'])}: {refused['why']}") for refused in claims["refused"]]
    if content["unpriced"]:
        parts.append(f"Not valued, for want of a price or of a budget that bears it: {', '.join(content['unpriced'])}.")
    return "\n".join(parts)


def plan(content: Content) -> str:
    return bullets(content["sentences"])


def protocols(content: Content) -> str:
    return table(
        ("id", "style", "start", "status"),
        ((p["id"], p["style"], day_words(p["start"]), p["status"]) for p in content["protocols"]),
    )


def locked(content: Content) -> str:
    told = f"{content['collaboration']} is {content['status']}: {content['sha256']}"
    why = "".join(f"\n  {one}" for one in content["deviations"])
    return (told if content["changed"] else f"Nothing changed since the lock; {told}") + why


def difference(content: Content) -> str:
    if not content["changes"]:
        return "Nothing differs from what was locked."
    return table(("field", "locked", "now"), ((c["field"], c["locked"], c["now"]) for c in content["changes"]))


def written(content: Content) -> str:
    return f"Wrote {content['file']}."


# The ledger


def claimed(content: Content) -> str:
    return f"Booked {content['claim']['claim']}; {number(content['left'])} contacts are left in the pool."


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


def status(content: Content) -> str:
    files = (
        f"{content['files']} files, {number(content['kept'])} rows kept, {number(content['quarantined'])} set aside"
        if content["files"]
        else "nothing yet"
    )
    parts = [
        content["place"],
        f"  loaded     {files}",
        f"  linked     {'yes' if content['linked'] else 'not yet'}",
        f"  partners   {'looked for' if content['partners_found'] else 'not looked for on the data as they are now'}",
        f"  booked     {content['claims_standing']} claims, {content['claims_waiting']} of them waiting for finance",
        f"  reports    {content['reports'] or 'none yet'}",
    ]
    rows = (
        (
            one["id"],
            one["status"],
            EFFECTS[one["effect_verdict"]][0] if one["effect_verdict"] else "not evaluated on the data as they are now",
            MONEY[one["money_verdict"]][0] if one["money_verdict"] else "",
        )
        for one in content["collaborations"]
    )
    if content["collaborations"]:
        parts.append(section("Collaborations", table(("collaboration", "plan", "contacts", "money"), rows)))
    return "\n".join([*parts, f"\nNext: {content['next']}"])


def protocol(content: Content) -> str:
    return str(content["toml"]).rstrip()


def gates_listed(content: Content) -> str:
    rows = (
        (
            one["collaboration"],
            one["phase"],
            one["gate"],
            one["decides"],
            one["decision"]["verdict"] if one["decision"] else "not decided",
        )
        for one in content["gates"]
    )
    return table(("collaboration", "phase", "gate", "decides", "decision"), rows)


def gates(content: Content) -> str:
    parts = []
    for phase in content["phases"]:
        for gate in phase["gates"]:
            decided = gate["decision"]["verdict"] if gate["decision"] else "no decision yet"
            rows = (
                (c["met"], c["text"], "–" if c["figure"] is None else f"{c['figure']:.3g}") for c in gate["criteria"]
            )
            parts.append(
                f"{phase['name']}, gate {gate['gate']} ({decided}; decides:"
                f" {gate['decides']})\n{table(('', 'criterion', 'figure'), rows)}"
            )
    return "\n\n".join(parts) or "No phases are set in the protocol."


def decided(content: Content) -> str:
    return f"Recorded: {content['gate']} {content['verdict']} by {content['role']}."


def audit(content: Content) -> str:
    return table(
        ("when", "role", "what", "data", "purpose"),
        (
            (f"{day_words(e['at'])}, {e['at'][11:16]}", e["role"], e["what"], e["data"], e["purpose"])
            for e in content["entries"]
        ),
    )


def forgotten(content: Content) -> str:
    lots = f" and {len(content['lots'])} pools of averted contacts" if content["lots"] else ""
    return (
        f"Removed from {len(content['tables'])} tables{lots}; the ledger's sums stand. Take the person out of the"
        " agencies' files too, or the next load brings them back."
    )


# Leaving
