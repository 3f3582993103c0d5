"""Verbs of governance: risk, gate, audit, forget."""

from __future__ import annotations

import click

from headwater.cli import money_words, words
from headwater.cli.answering import reason_option, role_option
from headwater.cli.door import Door, Parts

door = click.pass_obj


@click.group("risk", cls=Parts)
def risk_verb() -> None:
    """Risks of the collaborations, what they may cost, their controls, early warnings."""


@risk_verb.command("list")
@click.argument("collaboration", metavar="[COLLAB]", required=False)
@door
def risk_list(at: Door, collaboration: str | None) -> None:
    """The register, inherent beside residual, in pounds a year."""
    from headwater.app import governing

    at.answer(governing.risks(at.place(), collaboration), money_words.risks)


@risk_verb.command("show")
@click.argument("risk", metavar="RISK")
@door
def risk_show(at: Door, risk: str) -> None:
    """One risk of the register with its cause, its effect and its controls."""
    from headwater.app import governing

    at.answer(governing.one_risk(at.place(), risk), money_words.risk)


@risk_verb.command("value")
@click.argument("collaboration", metavar="COLLAB")
@door
def risk_value(at: Door, collaboration: str) -> None:
    """The net present value before risk, after inherent risks and after their controls, and which risk costs most."""
    from headwater.app import governing

    at.answer(governing.risk_value(at.place(), collaboration, at.progress), money_words.risk_value)


@risk_verb.command("suggest")
@click.argument("collaboration", metavar="COLLAB")
@click.option("--write", is_flag=True, help="Put them into governance/risks.toml, to be edited.")
@door
def risk_suggest(at: Door, collaboration: str, write: bool) -> None:
    """Risks that are typical of the collaboration's style and are not in the register yet."""
    from headwater.app import governing

    if write:
        at.answer(governing.write_suggested(at.place(), collaboration), money_words.risks_written)
        return
    at.answer(governing.suggested(at.place(), collaboration), words.suggested)


@risk_verb.command("warnings")
@door
def risk_warnings(at: Door) -> None:
    """Early-warning indicators as the data have them now."""
    from headwater.app import governing

    at.answer(governing.warnings(at.place(), at.progress), words.warnings)


@click.group("gate", cls=Parts)
def gate_verb() -> None:
    """Phases and gates: which criteria are met, with the figure behind each, and who decided."""


@gate_verb.command("list")
@door
def gate_list(at: Door) -> None:
    """Every gate of every collaboration, who decides, and what was decided."""
    from headwater.app import governing

    at.answer(governing.gates_listed(at.place()), words.gates_listed)


@gate_verb.command("show")
@click.argument("collaboration", metavar="COLLAB")
@door
def gate_show(at: Door, collaboration: str) -> None:
    """The phases of a collaboration with their gates."""
    from headwater.app import governing

    at.answer(governing.gates(at.place(), collaboration, at.progress), words.gates)


@gate_verb.command("decide")
@click.argument("collaboration", metavar="COLLAB")
@click.argument("gate", metavar="GATE")
@click.argument("verdict", metavar="open|closed|conditions")
@role_option
@reason_option
@door
def gate_decide(at: Door, collaboration: str, gate: str, verdict: str, role: str, reason: str) -> None:
    """Record a decision. A gate never opens by itself."""
    from headwater.app import governing

    at.answer(governing.decide(at.place(), collaboration, gate, (verdict, role, reason)), words.decided)


@gate_verb.command("timeline")
@click.argument("collaboration", metavar="COLLAB")
@door
def gate_timeline(at: Door, collaboration: str) -> None:
    """What happened when: agreements, locks, start and end, decisions."""
    from headwater.app import governing

    at.answer(governing.timeline(at.place(), collaboration), money_words.timeline)


@click.group("key", cls=Parts)
def key_verb() -> None:
    """The key behind the pseudonyms, which lies outside the workspace."""


@key_verb.command("rotate")
@click.option(
    "--withdraw-lots",
    is_flag=True,
    help="Withdraw pools of people's averted contacts with their claims; count books them again.",
)
@role_option
@reason_option
@door
def key_rotate(at: Door, withdraw_lots: bool, role: str, reason: str) -> None:
    """Make a new key; everything loaded under the old one goes and must be loaded again."""
    from headwater.app import governing

    at.answer(governing.rotate(at.place(), role, reason, withdraw_lots=withdraw_lots), money_words.rotated)


@click.command("audit")
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="How many entries.")
@door
def audit_verb(at: Door, last: int) -> None:
    """Who asked what, of which version of the data, for which purpose."""
    from headwater.app import governing

    at.answer(governing.audit(at.place(), last), words.audit)


@click.command("forget")
@click.argument("agency")
@click.argument("record")
@role_option
@reason_option
@door
def forget_verb(at: Door, agency: str, record: str, role: str, reason: str) -> None:
    """Remove one person, by an agency's own number, from every table; the ledger's sums stay."""
    from headwater.app import governing

    at.answer(governing.forget(at.place(), (agency, record), role, reason), words.forgotten)
