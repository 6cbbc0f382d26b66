"""Starts a real PostgreSQL server in a folder of its own, gives out empty databases, and removes it all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pg8000.native

from tests.support.server import free_port

USER = "gatescope"
START_SECONDS = 60.0
# Where Debian and Fedora-like systems keep the server's programs, which are not on the PATH there.
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")

MISSING = (
    "The tests of the store need a PostgreSQL server and none was found: install one "
    "(Debian and Ubuntu: apt-get install postgresql), or put its initdb and postgres on the PATH."
)

# A test's data may be lost with the machine: nothing waits for the disk.
FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB")


class NoPostgresError(RuntimeError):
    """No usable PostgreSQL; the message says what to do about it."""


def find_programs(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder with `initdb` and `postgres`, or None: the newest one of the usual places, then the PATH."""
    for pattern in PLACES:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), key=version, reverse=True):
            if (folder / "postgres").exists() and (folder / "initdb").exists():
                return folder
    on_path = shutil.which("initdb", path=environment.get("PATH", ""))
    if on_path is None:
        return None
    folder = Path(on_path).resolve().parent
    return folder if (folder / "postgres").exists() else None


def version(folder: Path) -> int:
    """The version that a folder's path names, 0 where it names none."""
    numbers = re.findall(r"\d+", folder.parent.name)
    return int(numbers[0]) if numbers else 0


@dataclass
class PostgresServer:
    """A running server: it takes `password` from `user` on 127.0.0.1, as a hosted database does."""

    programs: Path
    folder: Path
    port: int
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Execute statements as the owner of everything; the rows of the last one."""
        with pg8000.native.Connection(
            USER, host="127.0.0.1", port=self.port, password=self.password, database=database, timeout=20
        ) as connection:
            return [connection.run(statement) for statement in statements][-1]

    def create(self) -> None:
        """Make the data folder."""
        secret = self.folder / "password"
        secret.write_text(self.password)
        self.hand_over(secret)
        options = ("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-locale")
        done = subprocess.run(
            [self.programs / "initdb", "-D", self.data, "-U", USER, *options, "--no-sync"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            **identity(),
        )
        if done.returncode != 0:
            raise NoPostgresError(f"initdb could not make a database: {done.stderr.strip()}")

    def start(self) -> None:
        """Start the server and return when it answers."""
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
            *FAST,
        )
        words = [word for setting in settings for word in ("-c", setting)]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **identity(),
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run("SELECT 1")
                return
            except (pg8000.native.InterfaceError, pg8000.native.DatabaseError) as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise NoPostgresError(f"PostgreSQL did not start: {self.log()}") from error
                time.sleep(0.05)

    def stop(self) -> None:
        """End the server at once, as when it is killed: it recovers when it is started again."""
        if self.process is not None:
            self.process.send_signal(getattr(signal, "SIGQUIT", signal.SIGTERM))
            self.process.wait(START_SECONDS)
            self.process = None

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log_file(self) -> Path:
        return self.folder / "postgres.log"

    def hand_over(self, path: Path) -> None:
        """Give a file to the user that the server runs as."""
        whom = identity()
        if whom:
            os.chown(path, whom["user"], whom["group"])


def identity() -> dict[str, Any]:
    """As whom `subprocess` should run the server: ourselves, unless we are root, which PostgreSQL refuses."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    # The package makes a user for its server; "nobody" may do as little.
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    account = accounts.get("postgres") or accounts["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A new, empty server until the block ends.

    Raises:
        NoPostgresError: it is not installed, or does not start.
    """
    programs = find_programs()
    if programs is None:
        raise NoPostgresError(MISSING)
    with tempfile.TemporaryDirectory(prefix="gatescope-pg-") as name:
        server = PostgresServer(programs, Path(name), free_port())
        server.hand_over(server.folder)
        server.create()
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def fresh_database(server: PostgresServer) -> Iterator[str]:
    """The name of an empty database that is gone when the block ends."""
    name = f"test_{secrets.token_hex(6)}"
    server.run(f"CREATE DATABASE {name}")
    try:
        yield name
    finally:
        server.run(f"DROP DATABASE {name} WITH (FORCE)")
