"""The file that agencies exchange instead of names: record numbers (pseudonyms), filters, and what they were made with.

Parquet: `record`, then a column of bits for each filter. The file's own notes hold the scheme, a check value of the key
and a hash of the content, so that files of two keys or two schemes, and files cut short or changed, are refused before
anything is compared.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.domain.errors import DataProblem, Usage
from headwater.link.clk import SCHEME, filters
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KEY_BYTES = 32
FEWEST_SIGNS = 16
"""Different bytes among 32: fewer than one random key in a million million has so few."""
NOTES = ("agency", "scheme", "key", "content")
NAMES = tuple(one.name for one in SCHEME.filters)
SCHEMA = pa.schema([("record", pa.string()), *((name, pa.binary()) for name in NAMES)])


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """One agency's file as read: rows as in SCHEMA, in order of record; key: the check value, which does not tell the
    key."""

    agency: str
    key: str
    rows: pa.Table


def read_key(file: Path, root: Path) -> bytes:
    """The secret that the agencies share and the linker must not have: 64 hex digits in a file outside the workspace
    `root`."""
    if file.resolve().is_relative_to(root.resolve()):
        raise Usage(
            "the key lies in the workspace",
            given=file.name,
            allowed="a file outside of it, so that no copy carries both",
            next_step="move it to a folder of your own that others cannot read",
        )
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise Usage(
            "the key cannot be read", given=file.name, allowed="a file with 64 hex digits", next_step=MAKE_ONE
        ) from None
    if len(key) < KEY_BYTES or len(set(key)) < FEWEST_SIGNS:
        raise Usage(
            "the key is weak",
            given=f"{len(key)} bytes, {len(set(key))} of them different",
            allowed=f"at least {KEY_BYTES} random bytes",
            next_step=MAKE_ONE,
        )
    return key


MAKE_ONE = 'make one with python3 -c "import secrets; print(secrets.token_hex(32))" and hand it over in person'


def encoded(agency: str, record: Sequence[str], values: Mapping[str, Sequence[str | None]], key: bytes) -> Encoded:
    """The file's content. values: field → cleaned values. In order of record, so that no other order is given away."""
    rows = pa.table({"record": list(record), **filters(values, key)}, schema=SCHEMA).sort_by("record")
    return Encoded(agency, hmac.new(key, b"headwater key check", hashlib.sha256).hexdigest()[:16], rows)


def write_encoded(file: Path, made: Encoded) -> None:
    notes = {"agency": made.agency, "scheme": SCHEME.code, "key": made.key, "content": _content(made.rows)}
    sink = pa.BufferOutputStream()
    pq.write_table(made.rows.replace_schema_metadata(notes), sink, compression="zstd")
    write_atomically(file, sink.getvalue().to_pybytes())


def read_encoded(file: Path) -> Encoded:
    """Raises DataProblem for a file that is none, was cut short or changed, or was made with another scheme."""
    try:
        rows = pq.read_table(file)
    except (OSError, pa.ArrowInvalid):
        raise _refused(file, "it is no such file, or was cut short", "send the file again") from None
    notes = {name.decode(): value.decode() for name, value in (rows.schema.metadata or {}).items()}
    if any(name not in notes for name in NOTES) or rows.column_names != SCHEMA.names:
        raise _refused(file, "it lacks what encoded files say of themselves", "make it with headwater link encode")
    if notes["scheme"] != SCHEME.code:
        raise _refused(file, "it was made with other parameters", "let all agencies use the same version of Headwater")
    plain = rows.replace_schema_metadata(None).cast(SCHEMA)
    if _content(plain) != notes["content"]:
        raise _refused(file, "its content is not what was written", "send the file again")
    return Encoded(notes["agency"], notes["key"], plain)


def read_all(files: Sequence[Path]) -> tuple[Encoded, ...]:
    """All agencies' files. Raises DataProblem where two keys were used or one agency stands twice; Usage for fewer than
    one file."""
    if not files:
        raise Usage(
            "no encoded file is named",
            allowed="one file an agency",
            next_step="headwater link encoded A.parquet B.parquet",
        )
    found = tuple(read_encoded(file) for file in files)
    for file, one in zip(files, found, strict=True):
        if one.key != found[0].key:
            raise _refused(file, "another key made it than the first file", "let all agencies encode with one key")
    agencies = [one.agency for one in found]
    if len(set(agencies)) < len(agencies):
        raise DataProblem(
            "one agency stands in two files", given=", ".join(agencies), next_step="name each agency's newest file"
        )
    return found


def _content(rows: pa.Table) -> str:
    digest = hashlib.sha256()
    for column in rows.itercolumns():
        for value in column.to_pylist():
            told = value.encode() if isinstance(value, str) else value
            digest.update(b"\x00" if told is None else b"\x01" + len(told).to_bytes(4, "big") + told)
    return digest.hexdigest()


def _refused(file: Path, why: str, next_step: str) -> DataProblem:
    return DataProblem(f"{file.name} cannot be linked: {why}", given=file.name, next_step=next_step)
