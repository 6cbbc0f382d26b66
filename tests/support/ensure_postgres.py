"""Makes sure that the tests of the store have PostgreSQL: `python -m tests.support.ensure_postgres`.

Finds it, or installs Debian's where that is allowed, or fails with one sentence that says what to do.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.ensure_browser import may_install
from tests.support.postgres import MISSING, NoPostgresError, find_programs

PACKAGE = "postgresql"


def install(prefix: list[str]) -> str:
    """Install Debian's PostgreSQL; return what apt-get said when it failed, else an empty string."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = [*prefix, "apt-get", "update"]
    get = [*prefix, "apt-get", "install", "-y", "--no-install-recommends", PACKAGE]
    subprocess.run(update, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    done = subprocess.run(get, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stderr.strip() or done.stdout.strip()


def main() -> int:
    """Return 0 when PostgreSQL is there at the end, else 1 after one sentence on stderr."""
    try:
        if find_programs() is not None:
            return 0
        prefix = may_install()
        if prefix is None:
            raise NoPostgresError(MISSING)
        print("Installing PostgreSQL for the tests (Debian's)", flush=True)
        complaint = install(prefix)
        if find_programs() is None:
            last_line = complaint.splitlines()[-1] if complaint else "apt-get gave no reason"
            raise NoPostgresError(f"{MISSING} (apt-get could not install it: {last_line})")
    except NoPostgresError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
