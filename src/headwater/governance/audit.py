"""The audit log: who asked what, of which version of the data, for which purpose. Never a value that identifies anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.governance.chain import append, entries

if TYPE_CHECKING:
    from headwater.domain.workspace import Workspace


def record_audit(workspace: Workspace, *, role: str, what: str, data: str, purpose: str, at: str) -> None:
    """One entry. `what` is a verb with the id of a collaboration, option or claim, nothing of a person."""
    append(workspace.audit_log, {"at": at, "role": role, "what": what, "data": data, "purpose": purpose})


def audit_entries(workspace: Workspace) -> list[dict[str, Any]]:
    """All entries, oldest first; raises ProtocolBreach where the chain does not hold."""
    return entries(workspace.audit_log)
