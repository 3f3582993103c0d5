"""Answers about partners in words: who is alike, which groups, an action week, the register. Nothing is reckoned here."""

from __future__ import annotations

from typing import Any

from headwater.cli import words
from headwater.cli.words import between, pounds, table

Content = dict[str, Any]
GROUPS_SHOWN = 6


def partners(content: Content) -> str:
    """The ranked options, then the most alike (for one organisation) or the best groups (for everybody)."""
    parts = [words.partners(content)]
    if content.get("alike"):
        parts.append(f"\nMost alike, factor by factor (1 is the same):\n{_alike(content['alike'])}")
    if content.get("groups"):
        parts.append(
            f"\nBest ways to form groups, by service (the value over ten years):\n{_groups(content['groups'])}"
        )
    return "\n".join(parts)


def explain(content: Content) -> str:
    """Why this option, and the numbers behind it as they may be seen."""
    counted = content.get("counted") or {}
    if not counted:
        return words.explain(content)
    rows = ((what.replace("_", " "), words.count_text(number)) for what, number in counted.items())
    return f"{words.explain(content)}\n\nBehind it\n{table(('what', 'how many'), rows)}"


def _alike(alike: list[Content]) -> str:
    factors = list(alike[0]["factors"])
    head = ("rank", "code", "likeness", *factors, "name")
    rows = (
        (a["rank"], a["organisation"], f"{a['likeness']:.3f}", *(f"{a['factors'][name]:.2f}" for name in factors), a["name"])
        for a in alike
    )  # fmt: skip
    return table(head, rows)


def _groups(groups: list[Content]) -> str:
    rows = (
        (g["service"], g["rank"], between(g["value_gbp"], pounds), f"{g['chance_worth_it']:.0%}", _named(g["groups"]))
        for g in groups
    )
    return table(("service", "rank", "value (95 %)", "P(value > 0)", "groups"), rows)


def _named(groups: list[list[str]]) -> str:
    if not groups:
        return "nobody shares: no saving expected"
    named = [" + ".join(group) for group in groups]
    more = f"; {len(named) - GROUPS_SHOWN} more" if len(named) > GROUPS_SHOWN else ""
    return "; ".join(named[:GROUPS_SHOWN]) + more


def register(content: Content) -> str:
    """The register with its shares by style, and what is odd about its claims below it."""
    rows = (
        (c["id"], c["style"], c["start"], pounds(c["claim"]["gbp"]), c["claim"]["kind"], " + ".join(c["partners"]) or c["name"])
        for c in content["collaborations"]
    )  # fmt: skip
    odd = [f"{c['id']}: {warning}" for c in content["collaborations"] for warning in c["warnings"]]
    shares = ", ".join(f"{style} {share:.0%}" for style, share in content["shares"].items())
    parts = [table(("id", "style", "start", "claims", "kind of claim", "partners"), rows)]
    parts += [f"\nWhat is odd about them:\n{words.bullets(odd)}"] if odd else []
    return "\n".join([*parts, f"\nBy style: {shares}. A claim is not a saving."])


def week(content: Content) -> str:
    """An action week: who goes where in which order, then what it can hope for and what can be told."""
    rows = (
        (v["turn"], v["place"], pounds(v["harm_gbp_per_year"]), " + ".join(v["agencies"])) for v in content["visits"]
    )
    shown = table(("turn", "place", "harm a year", "agencies"), rows)
    return f"{shown}\n\n{words.bullets(content['sentences'])}"
