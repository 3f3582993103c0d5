"""A PostgreSQL server of the tests' own: made in a folder, on a unix socket and a loopback port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "correct-horse"
NEEDED = ("initdb", "postgres", "pg_isready", "psql")


def binaries() -> Path | None:
    """Where initdb and postgres are; None where PostgreSQL is not installed."""
    folders = [Path(path).parent for path in [shutil.which("initdb")] if path]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in folders if all((one / name).exists() for name in NEEDED)), None)


def missing() -> str:
    """Why there can be no server here; '' where there can."""
    if binaries() is None:
        return "no PostgreSQL server is installed"
    return "" if os.geteuid() or _other_user() else "PostgreSQL does not run as root, and there is no user postgres"


def _other_user() -> str:
    return next((user.pw_name for user in pwd.getpwall() if user.pw_name in {"postgres", "nobody"}), "")


@dataclass
class Server:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def address(self, password: str = PASSWORD, port: int | None = None) -> str:
        return f"postgresql://reader:{password}@127.0.0.1:{port or self.port}/postgres"

    def start(self) -> None:
        words = [
            "postgres",
            "-D",
            str(self.folder / "data"),
            "-p",
            str(self.port),
            "-k",
            str(self.folder),
            "-h",
            "127.0.0.1",
            "-c",
            "fsync=off",
        ]
        self.process = subprocess.Popen(_as_user(words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ready = [str(binaries() / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, stdout=subprocess.DEVNULL, check=False).returncode:
            if self.process.poll() is not None:
                raise RuntimeError("the test's PostgreSQL did not start")
            time.sleep(0.05)

    def sql(self, text: str) -> None:
        words = [
            str(binaries() / "psql"),
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(self.folder),
            "-p",
            str(self.port),
            "-U",
            "owner",
            "-d",
            "postgres",
        ]
        subprocess.run(words, input=text.encode(), check=True, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """At once, as by a power cut: the postmaster and every backend."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
        for one in [pid, *map(int, children.stdout.split())]:
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


def _as_user(words: list[str]) -> list[str]:
    command = [str(binaries() / words[0]), *words[1:]]
    return (
        command
        if os.geteuid()
        else ["setpriv", f"--reuid={_other_user()}", "--regid=nogroup", "--clear-groups", *command]
    )


@contextmanager
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="hw-pg-", dir="/tmp"))  # a socket's path may have 107 letters at most
    if not os.geteuid():
        shutil.chown(folder, _other_user())
    try:
        made = [
            "initdb",
            "-D",
            str(folder / "data"),
            "-U",
            "owner",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(_as_user(made), check=True, stdout=subprocess.DEVNULL)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        one = Server(folder, port)
        one.start()
        one.sql(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; GRANT pg_read_all_data TO reader;")
        try:
            yield one
        finally:
            one.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
