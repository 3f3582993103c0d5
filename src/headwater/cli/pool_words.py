"""Pooled evidence in words. Nothing is reckoned here."""

from __future__ import annotations

from typing import Any

from headwater.cli.columns import bullets, para, section, table
from headwater.cli.words import between
from headwater.report.kinds import day_words, kind_words
from headwater.report.verdicts import EFFECTS, ROLES

Content = dict[str, Any]


def exported(content: Content) -> str:
    lines = [f"Written: {content['file']}", f"Digest: {content['digest']}", f"Protocol: {content['status']}"]
    if content["interval_alone"]:
        lines.append(
            f"Too few contacts for a curve to leave, the interval alone is in it: {', '.join(content['interval_alone'])}"
        )
    how = "it is signed." if content["signed_by"] else "read the digest out to them."
    return "\n".join([*lines, f"Send the file to whoever pools; {how}"])


def shown(content: Content) -> str:
    first, last = map(day_words, content["followed"])
    head = para(
        f"{content['site']}: {content['title']} ({content['status']}; followed from {first} to {last}; {content['enrolled']} enrolled)"
    )
    rows = ((kind_words(one["kind"]), ROLES.get(one["role"], one["role"]), EFFECTS[one["verdict"]][0], _ratio(one["ratio"]), "curve" if one["curve"] else "interval", ", ".join(one["failed"]) or "–") for one in content["outcomes"])  # fmt: skip
    return "\n".join(
        [
            head,
            table(("outcome", "role", "word", "ratio (95%)", "given as", "checks failed"), rows),
            f"Digest: {content['digest']}",
            f"Signed with: {content['signed_by']}"
            if content["signed_by"]
            else "Not signed: hear the site read out the digest.",
        ]
    )


def pooled(content: Content) -> str:
    """The verdict over all sites first, then the primary outcome's sites, the shams, and what does not fit."""
    first, *others = content["outcomes"]
    rows = ((one["site"], _ratio(one["own"]), _ratio(one["with_all"]), _ratio(one["average_without"])) for one in first["sites"])  # fmt: skip
    parts = [
        content["in_words"],
        section(first["kind"], table(("site", "alone (95%)", "given all sites", "average without it"), rows)),
        table(("over all sites", "ratio (95%)"), _all(first)),
    ]
    if first["traits"]:
        parts.append(
            section(
                "Sites by what sets them apart",
                table(("trait", "sites", "average", "against the others"), _traits(first)),
            )
        )
    if others:
        lines = (
            (
                kind_words(one["kind"]),
                ROLES.get(one["role"], one["role"]),
                EFFECTS[one["verdict"]][0],
                _ratio(one["average"]),
            )
            for one in others
        )
        parts.append(section("Other outcomes", table(("outcome", "role", "word", "average (95%)"), lines)))
    if content["published"]:
        studies = ((f"{one['study'][:60]} ({one['year']})", one["country"], str(one["grade"]), one["printed"]) for one in content["published"])  # fmt: skip
        parts.append(section("Published, beside it and not mixed in", table(("study", "country", "grade", "as printed"), studies)))  # fmt: skip
    notes = [f"{site} is left out: {why}." for site, why in content["left_out"].items()]
    notes += [f"{site} asks otherwise: {'; '.join(parts_)}." for site, parts_ in content["differs"].items()]
    return "\n".join(
        [
            *parts,
            *(
                [section("To bear in mind", bullets([*notes, *content["caveats"]]))]
                if notes or content["caveats"]
                else []
            ),
        ]
    )


def _all(one: Content) -> list[tuple[str, str]]:
    names = {
        "common": "one ratio for all",
        "average": "average site",
        "next_site": "one more site",
        "anytime": "average, however often looked at",
    }
    return [*((name, _ratio(one[key])) for key, name in names.items()),
            ("spread between sites (log)", between(one["spread_between"], lambda v: f"{v:.2f}"))]  # fmt: skip


def _traits(one: Content) -> list[tuple[str, str, str, str]]:
    return [(f"{each['trait']} {each['value']}", str(each["sites"]), _ratio(each["average"]), _ratio(each["against_others"])) for each in one["traits"]]  # fmt: skip


def _ratio(found: Content | None) -> str:
    return "–" if found is None else between(found, lambda v: f"{v:.2f}")
