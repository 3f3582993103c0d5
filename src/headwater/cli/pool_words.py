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
        lines.append(f"The interval alone is in it, without a curve: {', '.join(content['interval_alone'])}")
    if content["stay_at_home"]:
        lines.append(f"Too few contacts for any figure to leave: {', '.join(content['stay_at_home'])}")
    how = "it is signed." if content["signed_by"] else "read the digest out to them."
    return "\n".join([*lines, f"Send the file to whoever pools; {how}"])


def invited(content: Content) -> str:
    lines = [
        f"Wrote {content['file']}: send it to {', '.join(content['sites'])}.",
        (
            "A site that is to be booked given all sites writes at the top of its protocol, before it locks it:"
            f" {content['write']}"
        ),
    ]
    return "\n".join(lines)


def shown(content: Content) -> str:
    first, last = map(day_words, content["followed"])
    head = para(
        f"{content['site']}: {content['title']} ({content['status']}; followed from {first} to {last};"
        f" {content['enrolled']} enrolled)"
    )
    rows = (
        (
            kind_words(one["kind"]),
            ROLES.get(one["role"], one["role"]),
            EFFECTS[one["verdict"]][0],
            _ratio(one["ratio"]),
            "curve" if one["curve"] else "interval",
            ", ".join(one["failed"]) or "–",
        )
        for one in content["outcomes"]
    )
    return "\n".join(
        [
            head,
            table(("outcome", "role", "word", "ratio (95%)", "given as", "checks failed"), rows),
            f"Digest: {content['digest']}",
            (
                f"Signed with: {content['signed_by']}"
                if content["signed_by"]
                else "Not signed: hear the site read out the digest."
            ),
        ]
    )


def pooled(content: Content) -> str:
    """The verdict over all sites first, then the primary outcome's sites, the shams, and what does not fit."""
    first, *others = content["outcomes"]
    rows = (
        (one["site"], _ratio(one["own"]), _ratio(one["with_all"]), _ratio(one["average_without"]))
        for one in first["sites"]
    )
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
        studies = (
            (f"{one['study'][:60]} ({one['year']})", one["country"], str(one["grade"]), one["printed"])
            for one in content["published"]
        )
        parts.append(
            section(
                "Published, beside it and not mixed in", table(("study", "country", "grade", "as printed"), studies)
            )
        )
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
    return [
        *((name, _ratio(one[key])) for key, name in names.items()),
        ("spread between sites (log)", between(one["spread_between"], lambda v: f"{v:.2f}")),
    ]


def _traits(one: Content) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"{each['trait']} {each['value']}",
            str(each["sites"]),
            _ratio(each["average"]),
            _ratio(each["against_others"]),
        )
        for each in one["traits"]
    ]


def _ratio(found: Content | None) -> str:
    return "–" if found is None else between(found, lambda v: f"{v:.2f}")


# Areas


def pairs_exported(content: Content) -> str:
    lines = [f"Written: {content['file']}", f"Digest: {content['digest']}", f"Pairs of kinds: {content['pairs']}"]
    if content["stay_at_home"]:
        lines.append(f"Too few contacts to leave: {content['stay_at_home']} more pairs")
    how = "it is signed." if content["signed_by"] else "read the digest out to them."
    return "\n".join([*lines, f"Send the file to whoever asks for the region; {how}"])


def pairs_shown(content: Content) -> str:
    rows = (
        (one["service"], one["kind"], _ratio(one["ratio"]), ", ".join(one["refused"]) or "–")
        for one in content["pairs"]
    )
    head = (
        f"{content['area']}, {content['days'][0]} to {content['days'][1]}; {content['controls']} pairs that are nothing"
        " calibrate the others"
    )
    signed = (
        f"Signed with: {content['signed_by']}"
        if content["signed_by"]
        else "Not signed: hear the area read out the digest."
    )
    return "\n".join(
        [head, table(("service", "demand", "ratio (95%)", "refused by"), rows), f"Digest: {content['digest']}", signed]
    )


def areas(content: Content) -> str:
    """What averts over all areas first, then every other pair that two areas judged."""
    names = ", ".join(one["area"] for one in content["areas"])
    averting = [one for one in content["pairs"] if one["averting"]]
    others = [one for one in content["pairs"] if not one["averting"]]
    many = len(averting)
    lead = (
        f"Over {names}: after contacts with {many} service{'s' * (many != 1)} less of a demand comes, in the average"
        " area."
        if many
        else f"Over {names}: no service can be told to avert a demand in the average area."
    )
    parts = [lead]
    for title, lines in (("Followed by less of the demand", averting), ("Cannot be told, or refused", others)):
        if lines:
            parts.append(
                section(
                    title,
                    table(
                        ("service", "demand", "average area (95%)", "one more area", "spread (log)", "areas"),
                        map(_pair, lines),
                    ),
                )
            )
    return "\n".join(
        [*parts, *([section("To bear in mind", bullets(content["caveats"]))] if content["caveats"] else [])]
    )


def _pair(one: Content) -> tuple[str, ...]:
    spread = between(one["spread_between"], lambda v: f"{v:.2f}")
    return (
        one["service"],
        one["kind"],
        _ratio(one["average"]),
        _ratio(one["next_area"]),
        spread,
        f"{len(one['areas'])}{', refused' if one['refused'] else ''}",
    )
