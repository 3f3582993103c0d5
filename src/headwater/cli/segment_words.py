"""Answers about own demand in words: segments, one of them, whose records first, what was adopted. Nothing is reckoned
here."""

from __future__ import annotations

from typing import Any

from headwater.cli.columns import bullets, section, table
from headwater.cli.words import between, count_text, pounds

Content = dict[str, Any]
SHOWN = 10


def segments(content: Content) -> str:
    """The segments with volume and cost, what cannot be told, what studies lead one to expect, whom to ask."""
    who = f"of {content['for']}" if content["for"] else f"of {', '.join(content['agencies'])}"
    parts = [f"Demand {who} that others could meet earlier:", _volumes(content["segments"])]
    if content["nothing"]:
        lines = (
            f"{one['name']}{': not asked for want of ' + '; '.join(one['left_out']) if one['left_out'] else ''}"
            for one in content["nothing"]
        )
        parts.append(section("Looked for, and no contact of it", bullets(lines)))
    if content["untold"]:
        parts.append(
            section(
                "Cannot be told from these data",
                bullets(f"{one['name']}: needs {'; '.join(one['needs'])}" for one in content["untold"]),
            )
        )
    if content["expected"]:
        parts.append(
            section(
                "What studies elsewhere lead one to expect (cost of acting not counted)",
                _expected(content["expected"][:SHOWN]),
            )
        )
    if content["ask_first"]:
        parts.append(section("Whose records to ask for first", _bodies(content["ask_first"])))
    return "\n".join(
        [*parts, "", bullets(content["limits"]), "One of them? headwater segments ID. A request? headwater request"]
    )


def _volumes(rows: list[Content]) -> str:
    head = ("segment", "a year", "people", "of its kind", "average cost", "trend", "name")
    return table(head, (_volume(one) for one in rows))


def _volume(one: Content) -> tuple[str, ...]:
    change = one["change"]
    marks = [
        mark for mark, on in (("setting", one["setting"]), ("split", one["split"]), ("in part", one["left_out"])) if on
    ]
    name = f"{one['name']} ({', '.join(marks)})" if marks else one["name"]
    return (
        one["id"],
        count_text(one["contacts_per_year"]),
        "–" if one["people"] is None else count_text(one["people"]),
        "–" if one["share_of_kind"] is None else f"{one['share_of_kind']:.0%}",
        pounds(one["average_cost_gbp_per_year"]),
        "–" if change is None else f"{change['change']:+.0%}",
        name,
    )


def _expected(rows: list[Content]) -> str:
    head = ("ratio (95%)", "averted a year", "freed a year (95%)", "fewer/none/more", "grade", "option")
    lines = (
        (
            between(o["rate_ratio"], lambda v: f"{v:.2f}"),
            f"{o['expected_averted_per_year']:,.0f}",
            between(o["freed_gbp_per_year"], pounds),
            f"{o['fewer']}/{o['none']}/{o['more']}",
            o["grade"]["level"],
            o["id"],
        )
        for o in rows
    )
    naive = list(dict.fromkeys(o["before_after"] for o in rows if o["before_after"]))
    return "\n".join([table(head, lines), *([bullets(naive)] if naive else [])])


def _bodies(rows: list[Content]) -> str:
    head = ("worth a year", "contacts a year", "body", "would settle")
    return table(
        head,
        (
            (
                pounds(b["worth_gbp_per_year"]),
                count_text(b["contacts_per_year"]),
                b["body"],
                "; ".join(s["name"] for s in b["settles"][:3]),
            )
            for b in rows
        ),
    )


def segment(content: Content) -> str:
    """One segment: its figures, its months, who sent them, every study."""
    parts = [
        f"{content['name']} ({content['id']}): {count_text(content['contacts'])} contacts from"
        f" {content['counted']['from']} to {content['counted']['to']}"
    ]
    parts.append(
        bullets(
            [
                f"{content['source']} ({content['edition']}), {content['grade']}",
                *([content["note"]] if content["note"] else []),
                *(f"left out for want of {what}" for what in content["left_out"]),
            ]
        )
    )
    if content["sent"]:
        parts.append(
            section(
                "Who sent them",
                table(
                    ("by", "code", "contacts"),
                    ((s["system"], s["code"], count_text(s["contacts"])) for s in content["sent"]),
                ),
            )
        )
    if content["expected"]:
        parts.append(section("What studies elsewhere lead one to expect", _expected(content["expected"])))
    if content["library"]:
        rows = (
            (str(e["grade"]), e["found"], e["printed"], e["country"], str(e["year"]), f"{e['done']} ({e['checked']})")
            for e in content["library"]
        )
        parts.append(
            section(
                "Every study of it, nulls and harms among them",
                table(("grade", "found", "printed", "country", "year", "what was done"), rows),
            )
        )
    return "\n".join([*parts, "", bullets(content["limits"])])


def ask_first(content: Content) -> str:
    """Bodies by what their records could settle, then the text of the first request."""
    if not content["bodies"]:
        return (
            "Nobody's records are named by what was found: no segment is large enough to plan on, or all bodies'"
            " records are here."
        )
    first = content["bodies"][0]
    parts = ["Whose records to ask for first, by what they could settle:", _bodies(content["bodies"])]
    parts.append(section(f"A request to {first['body']}", bullets([first["text"]])))
    return "\n".join(
        [*parts, "", bullets(content["limits"]), f"The workbook: headwater request --of '{first['body']}'"]
    )


def adopted(content: Content) -> str:
    """What was written, and what to type next."""
    files = table(("what", "file"), ((name.replace("_", " "), file) for name, file in content["files"].items()))
    return (
        f"{content['option']} is now the draft"
        f" {content['collaboration']}.\n{files}\n{section('Before it is locked', bullets(content['open']))}\nNext:"
        f" {content['next']}"
    )
