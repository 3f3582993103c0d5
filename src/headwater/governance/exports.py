"""What a protocol fills in elsewhere: an entry for an evaluation register, and starters of a sharing agreement and an
impact assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.domain.collaboration import Role
from headwater.domain.release import DataTable, Document, Heading, Sentence
from headwater.governance.requests import needed

if TYPE_CHECKING:
    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.release import Block

STARTER = "This is a starter, filled from the protocol. Your information governance lead completes and owns it."


def registry_entry(protocol: Protocol, standing: Standing) -> dict[str, Any]:
    """An entry in the shape evaluation registers ask for: who, what, when, how, and whether it was registered before
    outcomes."""
    entry = protocol.entry
    return {
        "title": protocol.name,
        "registration_id": protocol.id,
        "protocol_sha256": standing.sha256,
        "registered_at": standing.locked_at or None,
        "registered_before_outcomes": standing.status.value == "locked",
        "deviations": list(standing.deviations),
        "intervention": {
            "name": protocol.name,
            "theory_of_change": protocol.theory,
            "start": protocol.start.isoformat(),
            "end": protocol.end.isoformat() if protocol.end else None,
        },
        "organisations": {"lead": protocol.lead, "partners": list(protocol.partners), "contact_role": protocol.owner},
        "population": {"unit": protocol.unit, "eligibility": _eligible(protocol) if entry else "the units treated"},
        "design": {
            "method": protocol.comparison.method,
            "estimand": protocol.estimand.upper(),
            "estimator": protocol.estimator,
            "follow_up_days": protocol.follow_up_days,
            "level": protocol.level,
            "seed": protocol.seed,
        },
        "outcomes": {role.value: list(protocol.outcome_kinds(role)) for role in Role if protocol.outcome_kinds(role)},
        "minimum_detectable_rate_ratio": protocol.detectable,
        "subgroups": list(protocol.subgroups),
        "multiplicity": protocol.multiplicity,
        "stopping_rule": protocol.stopping_rule or None,
    }


def sharing_agreement(protocol: Protocol) -> Document:
    """Who shares what with whom, why, and until when; only the columns that the evaluation reads."""
    board: tuple[Block, ...] = (
        Sentence(STARTER, {}, "inset"),
        Heading("Purpose"),
        Sentence(f"To evaluate {protocol.name}: {protocol.theory}"),
        Heading("Parties"),
        *(Sentence(name, {}, "bullet") for name in (protocol.lead, *protocol.partners)),
        Heading("What is shared, and nothing else"),
        _columns(protocol),
        Heading("Safeguards"),
        *(Sentence(words, {}, "bullet") for words in SAFEGUARDS),
        Heading("How long"),
        Sentence(
            f"Until {protocol.follow_up_days} days after the last enrolment, and then until the evaluation is accepted"
            " or withdrawn."
        ),
        _agreements(protocol),
    )
    return _document(protocol, "data-sharing-agreement", "Data sharing agreement", board)


def impact_assessment(protocol: Protocol) -> Document:
    """What could go wrong for people, and what is done against it, as an impact assessment asks."""
    risks = [
        (
            "Somebody is recognised in a report",
            "Small counts are masked, others rounded; every release is audited with all before",
            "low",
        ),
        (
            "A number of a person leaks",
            "Numbers become pseudonyms as they are read, under a key kept elsewhere; no log holds one",
            "low",
        ),
        ("The wrong people are joined", "Link rates are shown by agency and group; link errors are stated", "medium"),
        ("Somebody asks to be forgotten", "headwater forget removes them from every table; sums stay", "low"),
        (
            "The figures are used against a group",
            "Effects by group are shown with their doubt and corrected for the number of looks",
            "medium",
        ),
    ]
    board: tuple[Block, ...] = (
        Sentence(STARTER, {}, "inset"),
        Heading("What is done, and why"),
        Sentence(
            f"Records of {', '.join((protocol.lead, *protocol.partners))} are compared to find out whether"
            f" {protocol.name} changed anything."
        ),
        Heading("Whose data"),
        Sentence(_eligible(protocol) if protocol.entry else "No person's data: places or organisations are counted."),
        Heading("Which data, and why they are needed"),
        _columns(protocol),
        Heading("Risks for people and what is done against them"),
        DataTable("risks", "Risks for people", ("risk", "what is done against it", "left after that"), tuple(risks)),
        Heading("Still to be decided by you"),
        *(Sentence(words, {}, "bullet") for words in TO_DECIDE),
    )
    return _document(protocol, "impact-assessment", "Data protection impact assessment", board)


SAFEGUARDS = (
    "Records stay on the evaluating organisation's own computer; nothing is sent anywhere.",
    "NHS numbers and record numbers become pseudonyms as they are read; the key is kept outside the workspace.",
    "Only counts that passed disclosure control leave, and every release is recorded with its purpose and role.",
    (
        "Names, addresses and birth dates are used to link records and for nothing else. Once that is done they leave"
        " the store, all but the month of birth, unless headwater.toml keeps them."
    ),
)
TO_DECIDE = (
    "The lawful basis for each party.",
    "Whether people were told, and how they can object.",
    "Who approves a release.",
    "When the records are deleted.",
)


def _eligible(protocol: Protocol) -> str:
    entry = protocol.entry
    if entry is None:
        return "the units treated"
    age = f", aged {entry.minimum_age} or over" if entry.minimum_age else ""
    return f"People with at least {entry.at_least} {entry.kind} within {entry.within_days} days{age}, enrolled and not."


def _columns(protocol: Protocol) -> DataTable:
    rows = tuple(
        (table, column.name, column.about, column.identifying)
        for table, columns in needed(protocol).items()
        for column in columns
    )
    return DataTable(
        "columns", "The columns that the evaluation reads", ("table", "column", "why", "identifying"), rows
    )


def _agreements(protocol: Protocol) -> Block:
    rows = tuple(
        (one.what, ", ".join(one.between), str(one.signed or "not yet"), str(one.expires or "open"))
        for one in protocol.agreements
    )
    if not rows:
        return Sentence("No agreement is named in the protocol yet.")
    return DataTable("agreements", "Agreements named in the protocol", ("what", "between", "signed", "expires"), rows)


def _document(protocol: Protocol, name: str, title: str, board: tuple[Block, ...]) -> Document:
    facts = {"collaboration": protocol.id, "owner": protocol.owner}
    return Document(
        f"{protocol.id}-{name}",
        f"{title}: {protocol.name}",
        "A starter, to be completed by the parties.",
        protocol.start.isoformat(),
        board,
        (),
        facts,
    )
