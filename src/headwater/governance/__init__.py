"""Protocols and their lock, risks, controls, phases and gates, decisions, audit, and the pseudonym key."""

from headwater.governance.audit import audit_entries, record_audit
from headwater.governance.exports import impact_assessment, registry_entry, sharing_agreement
from headwater.governance.forget import Known, forget, holding, known
from headwater.governance.gates import decide, judged, phases
from headwater.governance.lock import (
    Question,
    Signed,
    amend,
    bound_pool,
    difference,
    lock,
    lock_history,
    outcomes_read,
    protocol_sha256,
    sealed,
    standing,
    was_locked,
)
from headwater.governance.people import identified, list_asked
from headwater.governance.protocol import parse_protocol, protocol_docs, read_protocol, write_protocol
from headwater.governance.pseudonyms import (
    keep_key,
    key_file,
    lend_key,
    prepare_key,
    pseudonym,
    pseudonym_key,
    published_key,
    rotate_key,
)
from headwater.governance.readings import note_locked, note_read, read_before_lock
from headwater.governance.requests import data_request, needed, records_request
from headwater.governance.risks import (
    add_risks,
    controlled,
    expected_gbp,
    loss_draws,
    matrix,
    read_risks,
    risk_adjusted,
    suggested_risks,
    tornado,
)
from headwater.governance.signing import public_part, sign, signed_by
from headwater.governance.templates import template, templates
from headwater.governance.timeline import timeline, timeline_figure
from headwater.governance.tombstones import Tombstones, tombstones
from headwater.governance.warnings import indicators, measured

__all__ = [
    "Known",
    "Question",
    "Signed",
    "Tombstones",
    "add_risks",
    "amend",
    "audit_entries",
    "bound_pool",
    "controlled",
    "data_request",
    "decide",
    "difference",
    "expected_gbp",
    "forget",
    "holding",
    "identified",
    "impact_assessment",
    "indicators",
    "judged",
    "keep_key",
    "key_file",
    "known",
    "lend_key",
    "list_asked",
    "lock",
    "lock_history",
    "loss_draws",
    "matrix",
    "measured",
    "needed",
    "note_locked",
    "note_read",
    "outcomes_read",
    "parse_protocol",
    "phases",
    "prepare_key",
    "protocol_docs",
    "protocol_sha256",
    "pseudonym",
    "pseudonym_key",
    "public_part",
    "published_key",
    "read_before_lock",
    "read_protocol",
    "read_risks",
    "record_audit",
    "records_request",
    "registry_entry",
    "risk_adjusted",
    "rotate_key",
    "sealed",
    "sharing_agreement",
    "sign",
    "signed_by",
    "standing",
    "suggested_risks",
    "template",
    "templates",
    "timeline",
    "timeline_figure",
    "tombstones",
    "tornado",
    "was_locked",
    "write_protocol",
]
