"""Makes sure that the browser tests have a browser: `python -m tests.support.ensure_browser`.

Finds one, or installs Debian's where that is allowed, or fails with one sentence that says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.support.browser import MISSING, NoBrowserError, find_browser

PACKAGE = "chromium"
# So that the Chinese pages can be looked at; a machine without it still runs every test.
FONTS = "fonts-noto-cjk"


def may_install() -> list[str] | None:
    """The words to put before apt-get, or None where it is missing or not allowed."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]
    return None


def install(prefix: list[str]) -> str:
    """Install Debian's Chromium; return what apt-get said when it failed, else an empty string."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (
        ([*prefix, "apt-get", "update"], False),
        ([*prefix, "apt-get", "install", "-y", "--no-install-recommends", PACKAGE], True),
        ([*prefix, "apt-get", "install", "-y", "--no-install-recommends", FONTS], False),
    )
    for command, needed in steps:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if needed and done.returncode != 0:
            return done.stderr.strip() or done.stdout.strip()
    return ""


def main() -> int:
    """Return 0 when a browser is there at the end, else 1 after one sentence on stderr."""
    try:
        if find_browser() is not None:
            return 0
        prefix = may_install()
        if prefix is None:
            raise NoBrowserError(MISSING)
        print("Installing a browser for the tests (Debian's chromium)", flush=True)
        complaint = install(prefix)
        if find_browser() is None:
            last_line = complaint.splitlines()[-1] if complaint else "apt-get gave no reason"
            raise NoBrowserError(f"{MISSING} (apt-get could not install it: {last_line})")
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
