"""Answers about partners in words: who is alike, which groups, an action week, the register. Nothing is reckoned
here."""

from __future__ import annotations

from typing import Any

from headwater.cli import words
from headwater.cli.columns import bullets, para, section, table
from headwater.cli.words import between, pounds
from headwater.report.kinds import in_words, plain
from headwater.report.words import chance

Content = dict[str, Any]
GROUPS_SHOWN = 6
AVERTS_UNTOLD = "Whom it averts demand for cannot be told: no other agency's contacts are in the data."
AVERTS_NOBODY = (
    "Whom it averts demand for: after none of its contacts is there clearly less of anybody's priced demand."
)
NEEDS_SHOWN = 4


def partners(content: Content) -> str:
    """The ranked options, what needs figures, what was looked at; then the most alike or the best groups."""
    parts = [_ranked(content)]
    if content.get("needs"):
        parts.append(f"\nNeeds figures before anybody can tell:\n{_needs(content['needs'])}")
    if content.get("seat"):
        parts.append(_seat(content["seat"]))
    if content.get("alike"):
        parts.append(f"\nMost alike, factor by factor (1 is the same):\n{_alike(content['alike'])}")
    if content.get("groups"):
        parts.append(f"\nBest ways to form groups, by service (expected net a year):\n{_groups(content['groups'])}")
    return "\n".join(parts)


def _ranked(content: Content) -> str:
    who = f"for {content['for']}" if content["for"] else "for everybody"
    if not content["options"]:
        return f"No option with figures {who}."
    rows = [_option(o) for o in content["options"]]
    ids = [f"{o['style']}: {o['worth']}\n        {o['id']}{_others(o)}{_known(o)}" for o in content["options"]]
    after = content["do_nothing"]["after"]
    rows.insert(after, ("–", "£0", "", "", "£0", "£0", "", ""))
    ids.insert(after, "do nothing: stay as you are")
    head = (
        "rank",
        "net a year (95%)",
        "chance",
        "knowing",
        "a year",
        "once",
        "staff",
        "grade",
    )
    # An id is copied into the next command, so that it stands whole on a line of its own.
    told = table(head, rows, [f"        {one}" for one in ids])
    floor = pounds(content["floor_gbp_per_year"])
    first = (
        f"Options {who}, by expected net a year. Below {floor} a year is too small to matter; chance: that it pays;"
        " knowing: what more evidence would be worth over five years."
    )
    scale = max((o["place_factor"] for o in content["options"]), default=1.0)
    notes = (
        [f"Options from people's records are scaled up to the whole place: the records' pounds times {scale:,.1f}."]
        if scale > 1
        else []
    )
    notes += (
        ["Who only saw the demand first stands apart: seeing is not averting."]
        if any(o["board"] == "opportunity" for o in content["options"])
        else []
    )
    return "\n".join((para(first), told, *map(para, notes), "Why one? headwater explain ID"))


def _others(o: Content) -> str:
    inside = o.get("inside") or []
    return f"  (and {len(inside)} other way{'s' if len(inside) > 1 else ''} to the same)" if inside else ""


def _known(o: Content) -> str:
    """What the register says of the same partners."""
    return "".join(
        f"\n        in the register: {one['service']} ({one['id']}, {one['status']})" for one in o.get("known") or []
    )


def _option(o: Content) -> tuple[Any, ...]:
    """A line of the comparison: expected net with its interval, the chance that it pays, value of finding out, cost,
    staff moved, grade."""
    seen = o["board"] == "opportunity"
    cost = "–" if seen else pounds(o["cost_gbp_per_year"])
    staff = "–" if o["staff_transferred"] is None else f"{o['staff_transferred']:.0f}"
    return (
        o["rank"],
        between(o["net_gbp_per_year"], pounds),
        "untested" if seen else chance(o["chance_net_positive"]),
        pounds(o["finding_out_gbp"]),
        cost,
        pounds(o["one_off_cost_gbp"]),
        staff,
        o["grade"]["level"],
    )


def _needs(rows: list[Content]) -> str:
    lines = []
    for row in rows:
        wanted = list(dict.fromkeys(need for one in (row, *row["inside"]) for need in one["needs"]))
        more = f"; and {len(wanted) - NEEDS_SHOWN} more" if len(wanted) > NEEDS_SHOWN else ""
        lines.append(
            f"{row['style']}, {plain(row['service'])} ({row['id']}{_others(row)}) needs:"
            f" {'; '.join(wanted[:NEEDS_SHOWN])}{more}"
        )
    return bullets(lines)


def _seat(seat: Content) -> str:
    """Whose question it is: what was looked at, what is missing, whom the body averts demand for."""
    whose = f" for {seat['organisation']}" if seat["organisation"] else ""
    parts = [f"\nLooked at{whose}:\n{bullets(map(in_words, seat['looked_at']))}"]
    if seat["pays_for"]:
        parts.append(para(f"It pays for {', '.join(seat['pays_for'])}: what they would gain is among the options."))
    if seat["averts_for"]:
        parts.append(
            "\nWhom it averts demand for, and what of the cost each would carry by what it"
            f" gains:\n{bullets(map(_averts, seat['averts_for']))}"
        )
    elif seat["organisation"] and seat["gives"]:
        alone = any("any other agency" in one for one in seat["missing"])
        parts.append(para(AVERTS_UNTOLD if alone else AVERTS_NOBODY))
    if seat["missing"]:
        parts.append(f"\nMissing, to look further:\n{bullets(seat['missing'])}")
    if seat["next"]:
        parts.append(f"\nNext:\n{bullets(seat['next'])}")
    return "\n".join(parts)


def _averts(one: Content) -> str:
    gains = ", ".join(
        f"{code} gains {pounds(gbp)} a year and would pay {pounds(one['fair_share_gbp_per_year'][code])}"
        for code, gbp in sorted(one["gains_gbp_per_year"].items(), key=lambda pair: -pair[1])
    )
    left = one["left_gbp_per_year"]
    rest = f"; the gains do not carry {pounds(left)} of it" if gains and left > 0 else ""
    return f"{one['id']} costs {pounds(one['cost_gbp_per_year'])} a year: {gains or 'nobody else gains'}{rest}"


def explain(content: Content) -> str:
    """Why this option, and the numbers behind it as they may be seen."""
    counted = content.get("counted") or {}
    parts = [_explained(content)]
    if counted:
        rows = ((what.replace("_", " "), words.count_text(number)) for what, number in counted.items())
        parts.append(f"\nBehind it\n{table(('what', 'how many'), rows)}")
    return "\n".join(parts)


def _gain(found: float | None) -> str:
    return (
        "nobody has tested whether any of it can be averted" if found is None else f"chance of a gain {chance(found)}"
    )


def _explained(content: Content) -> str:
    given = content["reasons"]
    if content["needs"]:
        head = f"{content['id']}: {content['worth']}"
        return "\n".join(
            (
                head,
                section("Needs", bullets(content["needs"])),
                section("Why", bullets(in_words(r["text"]) for r in given)),
            )
        )
    rows = [(r["factor"], pounds(r["contribution"]), in_words(r["text"])) for r in given]
    rows.append(("Net a year", pounds(content["net_gbp_per_year"]["mid"]), "the steps above, added up"))
    head = f"{content['id']}: rank {content['rank']} of {content['of']}, {content['worth']}"
    worth = (
        f"  expected net {between(content['net_gbp_per_year'], pounds)} a year, of which leaves a budget"
        f" {between(content['fiscal_net_gbp_per_year'], pounds)}; {_gain(content['chance_worth_it'])}"
    )
    parts = [head, worth, section("Why", table(("factor", "£ a year", "why"), rows))]
    if content.get("would_change"):
        parts.append(section("What would change the answer", bullets(map(in_words, content["would_change"]))))
    if content.get("alternatives"):
        parts.append(section("Nearest alternatives", bullets(map(str, content["alternatives"]))))
    return "\n".join(parts)


def _alike(alike: list[Content]) -> str:
    factors = list(alike[0]["factors"])
    head = ("rank", "code", "relation", "likeness", *factors, "name")
    rows = (
        (
            a["rank"],
            a["organisation"],
            a["relation"],
            f"{a['likeness']:.3f}",
            *("–" if a["factors"][name] is None else f"{a['factors'][name]:.2f}" for name in factors),
            a["name"],
        )
        for a in alike
    )
    return table(head, rows)


def _groups(groups: list[Content]) -> str:
    rows = (
        (
            plain(g["service"]),
            g["rank"],
            between(g["net_gbp_per_year"], pounds) if g["groups"] else "£0",
            chance(g["chance_worth_it"]) if g["groups"] else "–",
            _named(g["groups"]),
        )
        for g in groups
    )
    return table(("service", "rank", "net a year (95%)", "chance of a gain", "groups"), rows)


def _named(groups: list[list[str]]) -> str:
    if not groups:
        return "nobody shares: no saving expected"
    named = [" + ".join(group) for group in groups]
    more = f"; {len(named) - GROUPS_SHOWN} more" if len(named) > GROUPS_SHOWN else ""
    return "; ".join(named[:GROUPS_SHOWN]) + more


def register(content: Content) -> str:
    """The register with its shares by style, and what is odd about its claims below it."""
    rows = (
        (
            c["id"],
            c["style"],
            c["status"],
            c["start"],
            pounds(c["claim"]["gbp"]),
            pounds(c["claim"]["gbp_per_year"]),
            c["claim"]["kind"],
            " + ".join(c["partners"]) or c["name"],
        )
        for c in content["collaborations"]
    )
    odd = [f"{c['id']}: {warning}" for c in content["collaborations"] for warning in c["warnings"]]
    shares = ", ".join(f"{style} {share:.0%}" for style, share in content["shares"].items())
    parts = [
        *_imported(content.get("imported")),
        table(("id", "style", "status", "start", "claims", "a year", "kind of claim", "partners"), rows),
    ]
    parts += [f"\nWhat is odd about them:\n{bullets(odd)}"] if odd else []
    return "\n".join([*parts, f"\nBy style: {shares}. A claim is not a saving."])


def _imported(read: Content | None) -> list[str]:
    """What an import did, and what of the list was not read: named before anything else."""
    if read is None:
        return []
    instead = (
        f", in place of {read['replaced']} of"
        f" {', '.join(name or 'an earlier import' for name in read['replaced_lists'])}"
        if read["replaced"]
        else ""
    )
    lists = ", ".join(f"{name or 'an earlier import'} ({rows})" for name, rows in read["lists"].items())
    lines = [f"{read['added']} added from {read['file']}{instead}. The register holds: {lists}."]
    if read["columns_unread"]:
        lines.append(
            f"Columns not read: {', '.join(read['columns_unread'])}. Rename one to what it holds (partners, service,"
            " start, end, status, claimed saving, notes) to have it read."
        )
    if read["lines_apart"]:
        lines.append(
            f"Lines that are no collaborations, left out: {'; '.join(line[:80] for line in read['lines_apart'])}."
        )
    return [*lines, *(f"{said[0].upper()}{said[1:]}." for said in read["said"]), ""]


def week(content: Content) -> str:
    """An action week: who goes where in which order, then what it can hope for and what can be told."""
    rows = (
        (v["turn"], v["place"], pounds(v["harm_gbp_per_year"]), " + ".join(v["agencies"])) for v in content["visits"]
    )
    shown = table(("turn", "place", "harm a year", "agencies"), rows)
    return f"{shown}\n\n{bullets(content['sentences'])}"


def register_show(content: Content) -> str:
    claim = content["claim"]
    whose = f", to {claim['bearer']}" if claim["bearer"] else ""
    further = [f"£{gbp:,.0f}" for gbp in claim["others_gbp"]] + [f"{share:g}%" for share in claim["percent"]]
    lines = [
        f"{content['name']} ({content['id']})",
        f"  style     {content['style']}: {content['style_reason']}",
        f"  status    {content['status']}: {content['status_reason']}",
        f"  partners  {', '.join(content['partners'])}",
        f"  since     {content['start'] or 'unknown'}",
        f"  claims    {pounds(claim['gbp'])} {claim['period']}, {claim['kind']}{whose}: {claim['text'] or 'no words'}",
        f"  a year    {pounds(claim['gbp_per_year'])}, all partners together ({claim['basis']})",
    ]
    lines += [f"  further   {', '.join(further)}"] if further else []
    lines += [f"  list      {content['list']}"] if content["list"] else []
    return "\n".join([*lines, bullets(content["warnings"])]) if content["warnings"] else "\n".join(lines)
