"""Programs that tests need: found, or installed with apt-get where it may, or missed in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence


def may_install() -> list[str] | None:
    """The words to put before apt-get, or None where it is missing or not allowed."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]
    return None


def ensure(
    found: Callable[[], bool],
    what: str,
    package: str,
    missing: str,
    *,
    also: Sequence[str] = (),
    prefix: list[str] | None,
) -> int:
    """0 when the program is there at the end, else 1 after one sentence on stderr.

    what     what it is for people; package its name in Debian, `also` packages that may be missing
    missing  the sentence that says what to do where it cannot be installed
    prefix   what `may_install` says
    """
    if found():
        return 0
    if prefix is None:
        print(missing, file=sys.stderr)
        return 1
    print(f"Installing {what} for the tests (Debian's {package})", flush=True)
    complaint = _install(prefix, package, also)
    if found():
        return 0
    last_line = complaint.splitlines()[-1] if complaint else "apt-get gave no reason"
    print(f"{missing} (apt-get could not install it: {last_line})", file=sys.stderr)
    return 1


def _install(prefix: list[str], package: str, also: Sequence[str]) -> str:
    """What apt-get said when it could not install the package, else an empty string."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*prefix, "apt-get", *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    run("update")
    done = run("install", "-y", "--no-install-recommends", package)
    for other in also:
        run("install", "-y", "--no-install-recommends", other)
    return "" if done.returncode == 0 else done.stderr.strip() or done.stdout.strip()
