"""A table or query of a database as batches of text columns, streamed: only the mapped columns cross, and the server
filters.

A database is a `Dialect` of six lines; PostgreSQL and SQL Server are given. Everything is read in one transaction that
can write nothing, so that all of it is of one moment. Values become text on the server, so that a database and a CSV of
it are read alike, and a text that is longer than anything wanted is cut there and quarantined here.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.errors import DataProblem, Failed, HeadwaterError, Usage
from headwater.domain.tables import TABLES
from headwater.sources.batches import Batch
from headwater.sources.files import LONGEST, decoded, shown
from headwater.sources.headings import lacking, used
from headwater.store.site import may_ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headwater.domain.workspace import SourceSettings

ZONE = "Europe/London"
"""Times that a database keeps with a zone become this country's wall clock, as files state it."""
NAME = re.compile(r'^[\w."\[\]]+$')
GONE = ("08", "57")
"""Classes of SQLSTATE (PostgreSQL, appendix A): connection exceptions, and a server that was told to stop."""
REFUSED = ("28", "3D")


class Dialect(Protocol):
    """The port: what differs from one database to another."""

    @property
    def schemes(self) -> tuple[str, ...]: ...

    @property
    def opening(self) -> tuple[str, ...]:
        """Statements at the start of the transaction: nothing is written, and all is seen as of one moment."""

    @property
    def moment(self) -> str:
        """A query whose one value changes whenever what is read may have changed."""

    def connect(self, address: str) -> Any: ...

    def quoted(self, name: str) -> str: ...

    def text(self, column: str, type_: pa.DataType, longest: int) -> str: ...


class PostgreSQL:
    """By ADBC, which streams COPY in binary. A password may also stand in PGPASSWORD or in libpq's password file."""

    schemes: tuple[str, ...] = ("postgresql", "postgres")
    opening: tuple[str, ...] = (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL datestyle TO ISO",
        f"SET LOCAL timezone TO '{ZONE}'",
    )
    moment = (
        "SELECT concat_ws('/', pg_current_snapshot(), (SELECT oid FROM pg_database WHERE datname = current_database()),"
        " pg_postmaster_start_time())"
    )

    def connect(self, address: str) -> Any:
        wait = "" if "connect_timeout=" in address else ("&" if "?" in address else "?") + "connect_timeout=15"
        return import_module("adbc_driver_postgresql.dbapi").connect(address + wait)

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def text(self, column: str, type_: pa.DataType, longest: int) -> str:
        given = f"{column}::timestamp" if pa.types.is_timestamp(type_) and type_.tz else column
        return f"left({given}::text, {longest})"


class SQLServer:
    """By whatever ADBC driver named `mssql` is installed for the driver manager. Never run against a server: none could
    be had."""

    schemes: tuple[str, ...] = ("mssql", "sqlserver")
    opening: tuple[str, ...] = ()
    # Without permission to see the server's state nothing says cheaply that nothing changed, so it is read every time.
    moment = "SELECT CONVERT(varchar(40), SYSUTCDATETIME(), 126)"

    def connect(self, address: str) -> Any:
        uri = re.sub(r"^mssql:", "sqlserver:", address)
        return import_module("adbc_driver_manager.dbapi").connect(driver="mssql", db_kwargs={"uri": uri})

    def quoted(self, name: str) -> str:
        return "[" + name.replace("]", "]]") + "]"

    def text(self, column: str, type_: pa.DataType, longest: int) -> str:
        local = f"{column} AT TIME ZONE 'GMT Standard Time'"
        given = f"CONVERT(datetime2, {local})" if pa.types.is_timestamp(type_) and type_.tz else column
        return f"LEFT(CONVERT(nvarchar(max), {given}, 120), {longest})"


DIALECTS: tuple[Dialect, ...] = (PostgreSQL(), SQLServer())


@dataclass(frozen=True, slots=True)
class Reading:
    """One source within its transaction. version: hex, of the address and of the moment that is seen."""

    dialect: Dialect
    connection: Any
    source: SourceSettings
    version: str

    def batches(self, every: bool = False) -> Iterator[Batch]:
        """The rows, mapped columns alone, or every column for a look. Raises DataProblem for columns that are not
        there."""
        schema = self._schema()
        wanted = schema.names if every else _wanted(schema.names, self.source)
        listed = ", ".join(self._as_text(schema.field(name)) for name in wanted)
        with _told(self.source), self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {listed} FROM ({_query(self.source)}) AS given")
            yield from _numbered(cursor.fetch_record_batch(), wanted)

    def _schema(self) -> pa.Schema:
        with _told(self.source), self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({_query(self.source)}) AS given WHERE 1 = 0")
            return cursor.fetch_arrow_table().schema

    def _as_text(self, field: pa.Field) -> str:
        column = self.dialect.quoted(field.name)
        return f"{self.dialect.text(f'given.{column}', field.type, LONGEST + 1)} AS {column}"


def is_address(files: str) -> bool:
    """Whether `files` of a source is the address of a database that is known here."""
    return files.split("://")[0] in {scheme for one in DIALECTS for scheme in one.schemes} and "://" in files


@contextmanager
def opened(source: SourceSettings) -> Iterator[Reading]:
    """The source in a transaction, closed whatever happens. Raises Usage, Failed, DataProblem; none says the
    password."""
    if not source.query:
        raise Usage(
            "a database is read by a query",
            given=shown(source),
            allowed='query = "SELECT ..." or the name of a table',
            next_step="add query = ... to the [[source]] in headwater.toml",
        )
    scheme = source.files.split("://")[0]
    dialect = next(one for one in DIALECTS if scheme in one.schemes)
    connection = _connected(dialect, source)
    try:
        with _told(source), connection.cursor() as cursor:
            for statement in dialect.opening:
                cursor.execute(statement)
            cursor.execute(dialect.moment)
            moment = str(cursor.fetchone()[0])
        version = hashlib.sha256(f"{shown(source)}\x1f{moment}".encode()).hexdigest()
        yield Reading(dialect, connection, source, version)
    finally:
        _closed(connection)


def _connected(dialect: Dialect, source: SourceSettings) -> Any:
    may_ask(source.files)
    try:
        with _told(source):
            return dialect.connect(source.files)
    except ImportError:
        raise Failed(
            f"what reads {dialect.schemes[0]} addresses is not installed",
            given=shown(source),
            next_step="pip install 'headwater[postgres]'",
        ) from None


def _closed(connection: Any) -> None:
    try:
        connection.rollback()
        connection.close()
    except Exception:
        pass


@contextmanager
def _told(source: SourceSettings) -> Iterator[None]:
    """A driver's complaint in our words. Its chain is cut, because a driver may quote the address with its password."""
    try:
        yield
    except (HeadwaterError, ImportError, GeneratorExit):
        raise
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise _as_ours(source, "", str(problem)) from None
    except Exception as problem:
        if not hasattr(problem, "sqlstate"):
            raise
        raise _as_ours(source, str(problem.sqlstate or ""), str(problem)) from None


def _as_ours(source: SourceSettings, state: str, said: str) -> HeadwaterError:
    """By the class of its SQLSTATE; the server's own words only where they name things and never values."""
    where, words = shown(source), _words(said, source)
    if state.startswith(REFUSED) or "password" in words or "authentication" in words:
        return Failed(
            "the database lets nobody in with this name and password",
            given=where,
            next_step="mend the address, PGPASSWORD or the password file, and type the same command again",
        )
    if state.startswith("42") or "does not exist" in words:
        return DataProblem(
            f"the database cannot do this query: {words}",
            given=f"{where}: {source.query}",
            next_step="mend query = ... or the columns of the [[source]] in headwater.toml; headwater check",
        )
    if state.startswith(GONE) or any(word in words for word in ("connection", "connect", "terminat", "server")):
        return Failed(
            "the database cannot be reached, or went away while it was read",
            given=where,
            allowed="the tables are as they were before",
            next_step="type the same command again when it is back; sources already read are not read again",
        )
    return Failed(f"the database refused (SQLSTATE {state or 'unknown'})", given=where, next_step="headwater check")


def _words(said: str, source: SourceSettings) -> str:
    """The server's first line after ERROR or FATAL, without what stands between // and @ of an address."""
    found = re.search(r"(?:ERROR|FATAL):\s+(.*)", said)
    line = (found.group(1) if found else said).splitlines()[0][:200]
    secret = re.search(r"//[^:/@]*:([^@]*)@", source.files)
    return re.sub(r"//[^@/]*@", "//…@", line.replace(secret.group(1), "…") if secret and secret.group(1) else line)


def _query(source: SourceSettings) -> str:
    query = source.query.strip().rstrip(";")
    return f"SELECT * FROM {query}" if NAME.match(query) else query


def _wanted(given: Sequence[str], source: SourceSettings) -> list[str]:
    """Their columns that fill ours. A mapped column that is gone is told at once, not row by row."""
    gone = [theirs for _, theirs in lacking(source, given)]
    if gone:
        near = get_close_matches(gone[0], given, n=1)
        raise DataProblem(
            f"the database has no column {', '.join(map(repr, gone))}",
            given=f"{shown(source)}: {source.query}",
            allowed=", ".join(given),
            next_step=(f"did you mean {near[0]!r}? " if near else "") + "mend the columns of the [[source]]",
        )
    theirs = used(source, given)
    found = [name for name in given if name in theirs]
    if not found:
        raise DataProblem(
            f"no column of the query fills a column of {source.table!r}",
            given=", ".join(given),
            allowed=", ".join(TABLES[source.table].names),
            next_step="map them in [source.columns]; headwater check",
        )
    return found


def _numbered(reader: Any, names: Sequence[str]) -> Iterator[Batch]:
    last = 0
    for batch in reader:
        if not batch.num_rows:
            continue
        plain = [pc.fill_null(column.cast(pa.binary()), b"") for column in batch.columns]
        rows = np.arange(last + 1, last + batch.num_rows + 1, dtype=np.int64)
        last += batch.num_rows
        yield decoded(pa.record_batch(plain, names=list(names)), rows, {}, last)
