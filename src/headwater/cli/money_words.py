"""Answers about money, its ledger and its risks in words. Nothing is reckoned here."""

from __future__ import annotations

from typing import Any

from headwater.cli import words
from headwater.cli.columns import bullets, para, section, table
from headwater.cli.words import between, number, percent_of, pounds, ratio
from headwater.domain.money import at_most_pounds, in_pounds
from headwater.report.kinds import day_words
from headwater.report.verdicts import MONEY
from headwater.report.words import chance

Content = dict[str, Any]
POUND_HEAD = {
    "paid in": "invested",
    "cash": "cash",
    "released": "released",
    "absorbed": "absorbed",
    "unchanged": "none",
}
"""Column of pounds in words → its key in the answer."""


def count(content: Content) -> str:
    parts = [words.count(content)]
    accounts = (
        (
            a["bearer"],
            between(a["npv_gbp"], pounds),
            _or_dash(a["benefit_cost_ratio"], ratio),
            _payback(a),
            chance(a["chance"]),
        )
        for a in content["payers"]
    )
    if not content["npv_gbp"]:
        return "\n".join(parts)
    head = (
        "payer",
        "net present value (95%)",
        "gain for each £1",
        "pays back",
        "chance to pay",
    )
    if content["money"]["accounts"]:
        parts.append(section("Whether it pays, on each basis, present values", _bases(content["money"])))
    parts.append(
        section("Each payer's own account in public value, after an allowance for optimism", table(head, accounts))
    )
    hangs = ((f["name"], _range(f), _net_then(f), _or_dash(f["breaks_even_at"], ratio)) for f in content["assumptions"])
    columns = ("what the net value hangs on", "moved over", "net present value then", "breaks even at")
    return "\n".join([*parts, section("One assumption moved alone", table(columns, hangs))])


def _bases(money: Content) -> str:
    rows = (
        (
            f"{one['basis']}, {one['bearer'] or 'all together'}",
            pounds(one["cost_gbp"]),
            between(one["net_gbp"], pounds),
            chance(one["chance"]),
            MONEY[one["verdict"]][0].lower(),
        )
        for one in money["accounts"]
    )
    lines = [table(("basis", "cost", "net (95%)", "chance to pay", "verdict"), rows)]
    lines.append(
        f"  knowing exactly would be worth {at_most_pounds(money['perfect_information_gbp'])}, another evaluation as"
        f" large {at_most_pounds(money['next_evaluation_gbp'])}"
    )
    fall = money["break_even_fall"]
    if fall is not None:
        lines.append(
            f"  it would break even at a counted fall of {fall:.1%}"
            if fall < 1
            else "  no fall would pay for it, not even of every contact"
        )
    return "\n".join(lines)


def _range(factor: Content) -> str:
    """With as many decimals as tell the two ends apart, and no sign before nought; one figure where none do."""
    gap = abs(factor["high"] - factor["low"])
    places = 2 if gap >= 0.01 else next((each for each in range(3, 9) if gap >= 2 * 10.0**-each), 2)
    low, high = (f"{round(factor[end], places) + 0.0:.{places}f}" for end in ("low", "high"))
    return low if low == high else f"{low} to {high}"


def _net_then(factor: Content) -> str:
    """The net value at both ends, to the pound where thousands would not tell them apart."""
    ends = factor["npv_low_gbp"], factor["npv_high_gbp"]
    low, high = map(pounds, ends)
    if low == high:
        low, high = (in_pounds(end).replace("-", "−") for end in ends)
    return low if low == high else f"{low} to {high}"


def _or_dash(value: float | None, form: Any) -> str:
    return "–" if value is None else str(form(value))


def _payback(account: Content) -> str:
    if not account["cost_gbp"]:
        return "pays nothing"
    return "not yet" if account["payback_year"] is None else f"year {account['payback_year'] + 1}"


def lens(content: Content) -> str:
    lines = [
        (
            f"{content['collaboration']} in the {content['lens']} lens, in {content['price_year']} prices. It is"
            " nobody's cash, is booked nowhere, and is not added to the fiscal figure."
        ),
        f"  worth a year       {between(content['value_gbp_per_year'], pounds)}",
        f"  net present value  {between(content['npv_gbp'], pounds)}",
        *(
            f"  {p['kind']} at {pounds(p['gbp'])}: {p['about']} ({p['source']}, {p['edition']})"
            for p in content["prices"]
        ),
    ]
    if content["unpriced"]:
        lines.append(f"  without a price in this lens: {', '.join(content['unpriced'])}")
    return "\n".join(lines)


def ledger(content: Content) -> str:
    lots = (
        (lot["lot"], number(lot["averted"]), number(lot["available"]), number(lot["left"])) for lot in content["lots"]
    )
    by = content["by"]
    sums = ((one[by], *(pounds(one[f"{name}_gbp"]) for name in POUND_HEAD.values())) for one in content["sums"])
    claims = (
        (
            c["claim"]["claim"],
            number(c["claim"]["contacts"]),
            pounds(c["claim"]["cash_gbp"]),
            c["claim"]["state"],
            c["claim"]["role"],
        )
        for c in content["claims"]
        if c["claim"]["state"] != "forecast"
    )
    parts = [
        "Pools of averted contacts",
        table(("pool", "averted", "counted once", "left to claim"), lots),
        section("Claims", table(("claim", "contacts", "cash", "state", "by"), claims)),
        section(f"By {by} (never added across columns)", table((by, *POUND_HEAD), sums)),
    ]
    if content["outturn"]:
        rows = (
            (
                o["collaboration"],
                o["bearer"],
                o["year"],
                o["bucket"],
                pounds(o["forecast_gbp"]),
                pounds(o["measured_gbp"]),
                pounds(o["gap_gbp"]),
            )
            for o in content["outturn"]
        )
        head = ("collaboration", "bearer", "year", "pounds of", "forecast", "measured", "difference")
        parts.append(section("Forecast beside measured", table(head, rows)))
    return "\n".join([*parts, f"\nHead {content['head_hash']}; attribution: {content['attribution']}"])


def forecast(content: Content) -> str:
    cash, released = (sum(claim[name] for claim in content["claims"]) for name in ("cash_gbp", "released_gbp"))
    hoped = content["hoped_rate_ratio"]
    return (
        f"Booked as a forecast for {content['collaboration']}: {content['people']:,} people, a rate ratio of"
        f" {between(hoped, ratio)} on {content['kind']}, {pounds(cash)} of cash and {pounds(released)} of released"
        f" capacity, {pounds(content['invested_gbp'])} invested. It is in no total."
    )


def balance(content: Content) -> str:
    held = content["balance"]
    over = " · ".join(part for part in (held["bearer"], held["collaboration"], held["year"]) if part) or "everything"
    return f"Asserted: {held['bucket']} of {over} is {in_pounds(held['gbp'], 2)}. Every later check holds it."


def goal(content: Content) -> str:
    words_ = {
        "steps": "steps that can close: {:g}",
        "wait": "the mean wait is {:g} hours",
        "gbp": "£{:,.0f} a year is covered",
    }
    share = content["share_of_demand"]
    lines = [
        f"So that {words_[content['goal']].format(content['wanted'])}, {number(content['contacts_per_year'])}"
        f" {content['kind']} a year must be averted"
        + (f", {share:.1%} of the demand there." if share and content["goal"] != "gbp" else "."),
    ]
    if content["people"] is not None:
        lines.append(
            f"If the rate ratio is {ratio(content['hoped_rate_ratio']['mid'])}, that takes {number(content['people'])}"
            " people enrolled for a year."
        )
    return "\n".join(lines)


def protocol_checked(content: Content) -> str:
    told = f"{content['collaboration']} reads; it is {content['status']}."
    return f"{told}\n{bullets(content['advice'])}" if content["advice"] else f"{told} Nothing is missing."


def prices(content: Content) -> str:
    rows = (
        (
            p["kind"],
            p["code"],
            f"£{p['gbp']:,.2f} ± {p['spread']:.0%}",
            p["unit"],
            p["perspective"],
            p["price_year"],
            "*" if p["own"] else "",
            f"{p['source']}, {p['edition']}",
        )
        for p in content["prices"]
    )
    head = ("kind", "code", f"in {content['price_year']} £", "a", "lens", "of year", "own", "source")
    return f"{table(head, rows)}\n\n* the price a kind takes where a protocol names no other"


def price_warnings(content: Content) -> str:
    told = (
        f"{content['prices']} prices in pounds of {content['price_year']}; own tables:"
        f" {', '.join(content['tables']) or 'none'}"
    )
    rows = (
        ("ALARM" if w["alarm"] else "note", w["code"], w["check"], w["text"])
        for w in sorted(content["warnings"], key=lambda w: not w["alarm"])
    )
    return f"{told}\n{table(('', 'price', 'check', 'what it says'), rows)}"


def settlement(content: Content) -> str:
    rows = (
        (p["partner"], pounds(p["gain_gbp"]), pounds(p["cost_gbp"]), pounds(p["payment_gbp"]), pounds(p["net_gbp"]))
        for p in content["partners"]
    )
    head = ("partner", "gained in public value", "paid in, with the allowance", "receives (pays)", "ends with")
    return (
        f"{content['collaboration']}, {content['rule']}:\n{table(head, rows)}\n\nPayments add to"
        f" {pounds(content['payments_add_to_gbp'])}."
    )


def risks(content: Content) -> str:
    rows = (
        (r["risk"], r["collaboration"], r["event"], pounds(r["inherent_gbp"]), pounds(r["residual_gbp"]), _appetite(r))
        for r in content["risks"]
    )
    head = ("risk", "collaboration", "event", "a year", "after controls", "accepted")
    owners = [f"        owner: {r['owner']}" for r in content["risks"]]
    controls = [
        (
            r["risk"],
            f"{percent_of(c['effectiveness'])} off {c['acts_on']}",
            day_words(c["tested"] or "never"),
            c["owner"],
            c["text"],
        )
        for r in content["risks"]
        for c in r["controls"]
    ]
    held = table(("risk", "takes", "tested", "owner", "control"), controls)
    return "\n".join([table(head, rows, owners), section("Controls", held)])


def risk(content: Content) -> str:
    chance, impact = content["likelihood"], content["impact_gbp"]
    held = (
        f"{c['text']} ({c['owner']}; takes {percent_of(c['effectiveness'])} off the {c['acts_on']}; tested"
        f" {day_words(c['tested'] or 'never')})"
        for c in content["controls"]
    )
    lines = [
        f"{content['risk']}: {content['event']}",
        para(f"cause: {content['cause']}  effect: {content['effect']}", "  "),
        f"  chance a year {between(chance, percent_of)}; cost {between(impact, pounds)}",
        (
            f"  a year {pounds(content['inherent_gbp'])}, after its controls {pounds(content['residual_gbp'])}; owner:"
            f" {content['owner']}"
        ),
    ]
    return "\n".join([*lines, section("Controls", bullets(held) if content["controls"] else "  none")])


def _appetite(risk: Content) -> str:
    limit = risk["appetite_gbp"]
    return "–" if limit is None else f"{pounds(limit)}{' OVER' if risk['residual_gbp'] > limit else ''}"


def risk_value(content: Content) -> str:
    names = {
        "before_risk": "before any risk",
        "inherent": "with inherent risks",
        "residual": "with risks after their controls",
    }
    rows = (
        (text, between(content["npv_gbp"][name], pounds), percent_of(content["chance_of_a_gain"][name]))
        for name, text in names.items()
    )
    worst = ((r["label"], pounds(r["high"]), pounds(r["residual mean"])) for r in content["risks"])
    return "\n".join(
        [
            table((content["collaboration"], "net present value (95%)", "chance of a gain"), rows),
            section(
                "What each risk may cost a year", table(("risk", "in a bad year", "on average, after controls"), worst)
            ),
        ]
    )


def risks_written(content: Content) -> str:
    if not content["written"]:
        return "Nothing to add: the register holds every typical risk already."
    return (
        f"Wrote {len(content['written'])} risks into {content['file']}. Edit the ranges: they are assumed, to start a"
        " discussion from."
    )


def timeline(content: Content) -> str:
    return table(("day", "what", ""), ((e["day"], e["what"], e["text"]) for e in content["events"]))


def rotated(content: Content) -> str:
    lots = f", {len(content['withdrawn'])} pools of averted contacts withdrawn" if content["withdrawn"] else ""
    return f"A new key is in use; {len(content['tables'])} tables went with the old one{lots}. Next: {content['next']}"
