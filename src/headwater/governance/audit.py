"""The audit log: who asked what, of which version of the data, for which purpose. Never a value that identifies
anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.governance.records import append, entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.workspace import Workspace


def record_audit(
    workspace: Workspace,
    *,
    role: str,
    what: str,
    data: str,
    purpose: str,
    at: str,
    act: tuple[str, Mapping[str, str]] = ("", {}),
) -> None:
    """One entry. `what` is a verb with the id of a collaboration, option or claim, nothing of a person.

    act: the request id of what was done, and the heads of the chains after it; an act is noted once.
    """
    request, heads = act
    told = {"at": at, "role": role, "what": what, "data": data, "purpose": purpose}
    append(workspace, workspace.audit_log, {**told, "heads": dict(heads)} if heads else told, request)


def audit_entries(workspace: Workspace) -> list[dict[str, Any]]:
    """All entries, oldest first; raises ProtocolBreach where the chain does not hold."""
    return entries(workspace, workspace.audit_log)
