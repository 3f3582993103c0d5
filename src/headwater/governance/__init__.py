"""Protocols and their lock, risks, controls, phases and gates, decisions, audit, and the pseudonym key."""

from headwater.governance.audit import audit_entries, record_audit
from headwater.governance.lock import amend, difference, lock, outcomes_read, protocol_sha256, standing
from headwater.governance.protocol import parse_protocol, protocol_docs, read_protocol, write_protocol
from headwater.governance.pseudonyms import key_file, pseudonym, pseudonym_key, rotate_key

__all__ = [
    "amend", "audit_entries", "difference", "key_file", "lock", "outcomes_read", "parse_protocol", "protocol_docs",
    "protocol_sha256", "pseudonym", "pseudonym_key", "read_protocol", "record_audit", "rotate_key", "standing",
    "write_protocol",
]  # fmt: skip
