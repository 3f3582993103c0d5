"""Columns taken out of a table once they have done their work: its pieces keep their keys, so that nothing is made
again for it.

A piece that was spent says so in its own file, with every piece of the table that no manifest names any more. What
needs the columns again has to make the whole table anew (`anew`): rows with and without them must never stand side by
side.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.domain.errors import Failed
from headwater.store.files import BESIDE, locked, removed, replaced, write_atomically
from headwater.store.leaves import leaves, remove_part
from headwater.store.store import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from headwater.store.store import Store

MARK = b"headwater.spent"
ASIDE = ".anew"
"""How a table's folder begins while its pieces are made anew."""


_under_way: set[Path] = set()
"""Folders put aside by this process, whose tables are being made anew at this moment."""


def is_spent(store: Store, *tables: str) -> bool:
    """Whether any piece of the tables, in use or not, lacks what was taken out of them."""
    return any(_marked(leaf) for table in tables for leaf in _leaves(store, table))


def half_spent(store: Store, table: str) -> bool:
    """Whether pieces that lack what was taken out stand beside such as have it, in use or not, or making them anew was
    cut off."""
    aside = store.folder / "parts" / f"{ASIDE}-{table}"
    return len({_marked(leaf) for leaf in _leaves(store, table)}) > 1 or (aside.exists() and aside not in _under_way)


def spend(store: Store, table: str, blank: Sequence[str], month: Sequence[str] = ()) -> None:
    """Empty columns in every piece of a table, in use or not; dates of `month` become the first day of their month.
    Done again, it changes nothing; cut off, it is gone on with."""
    found = [leaf for leaf in _leaves(store, table) if not _marked(leaf)]
    if not found and not _unstamped(store, table):
        return
    _stamp(store, table, known=False)
    for leaf in found:
        with _said(leaf):
            _rewrite(leaf, blank, month)
    _stamp(store, table, known=True)


@contextmanager
def anew(store: Store, *tables: str) -> Iterator[None]:
    """The tables' pieces put aside, to be made again under their own keys while the block runs; put back where that
    fails."""
    parts = store.folder / "parts"
    for table in tables:
        _stamp(store, table, known=False)
        if (parts / f"{ASIDE}-{table}").exists():  # it was cut off: what was made then goes
            shutil.rmtree(parts / table, ignore_errors=True)
        elif (parts / table).exists():
            with _said(parts / table):
                replaced(parts / table, parts / f"{ASIDE}-{table}")
    aside = {parts / f"{ASIDE}-{table}" for table in tables}
    _under_way.update(aside)
    try:
        yield
    except BaseException:
        for table in tables:
            if (parts / f"{ASIDE}-{table}").exists():
                shutil.rmtree(parts / table, ignore_errors=True)
                replaced(parts / f"{ASIDE}-{table}", parts / table)
            _stamp(store, table, known=True)
        raise
    finally:
        _under_way.difference_update(aside)
    for folder in aside:
        shutil.rmtree(folder, ignore_errors=True)


def cut_off(store: Store) -> bool:
    """Whether making a table anew was cut off."""
    return any((store.folder / "parts").glob(f"{ASIDE}-*"))


def drop(store: Store, *tables: str) -> None:
    """Take spent tables away with every piece, for their step to make them again."""
    gone = [table for table in tables if is_spent(store, table)]
    if not gone:
        return
    store.commit(dict.fromkeys(gone, ()))
    for file in (file for table in gone for file in _files(store, table)):
        remove_part(file)


@contextmanager
def _said(where: Path) -> Iterator[None]:
    """A full disk, or a folder that may not be written to, in a sentence."""
    try:
        yield
    except OSError as problem:
        raise Failed(
            f"{where.name} could not be written anew: {problem.strerror or problem}",
            given=str(where.parent),
            next_step=(
                "free some space or mend the folder's permissions, then type the same command again; nothing is lost"
            ),
        ) from problem


def _files(store: Store, table: str) -> list[Path]:
    return sorted((store.folder / "parts" / table).glob("*.parquet"))


def _leaves(store: Store, table: str) -> list[Path]:
    return [leaf for file in _files(store, table) for leaf in leaves(file)]


def _marked(leaf: Path) -> bool:
    try:
        return MARK in (pq.read_schema(leaf).metadata or {})
    except (pa.ArrowInvalid, OSError):
        return False


def _rewrite(leaf: Path, blank: Sequence[str], month: Sequence[str]) -> None:
    """The same rows in the same row groups, without what is spent, in the file's place at one moment."""
    beside = leaf.with_name(f".{leaf.name}.{os.getpid()}-{secrets.token_hex(4)}{BESIDE}")
    read = pq.ParquetFile(leaf)
    fields = [field.with_nullable(field.nullable or field.name in blank) for field in read.schema_arrow]
    schema = pa.schema(fields, {**(read.schema_arrow.metadata or {}), MARK: b"1"})
    try:
        with read, pq.ParquetWriter(beside, schema, compression="zstd") as out:
            for group in range(read.num_row_groups):
                out.write_table(_without(read.read_row_group(group), blank, month).cast(schema))
        if os.name != "nt":
            beside.chmod(0o600)
        replaced(beside, leaf)
    finally:
        if beside.exists():
            removed(beside)
    removed(leaf.with_name(f".{leaf.name}.crc"))  # Spark's check sum of the bytes that were


def _without(rows: pa.Table, blank: Sequence[str], month: Sequence[str]) -> pa.Table:
    for at, field in enumerate(rows.schema):
        if field.name in blank:
            rows = rows.set_column(at, field.with_nullable(True), pa.nulls(rows.num_rows, field.type))
        elif field.name in month:
            first = pc.floor_temporal(rows[field.name], unit="month")
            rows = rows.set_column(at, field, first.cast(field.type))
    return rows


def _unstamped(store: Store, table: str) -> bool:
    return any(not part.sha256 for part in store.parts(table))


def _stamp(store: Store, table: str, *, known: bool) -> None:
    """Note the pieces' digests in the manifest as they are now; not known: none, so that a reader takes them as they
    come."""
    with locked(store.folder / "lock"):
        manifest = store.manifest()
        for part in manifest.get(table, ()):
            file = store.file(table, str(part["key"]))
            part["sha256"] = digest_of(file) if known and file.exists() else ""
        if table in manifest:
            write_atomically(store.folder / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
