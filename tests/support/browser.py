"""Finds the Chromium that the browser tests and benchmarks drive, and says how to start it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "GATESCOPE_BROWSER"

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)

MACOS_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)

WINDOWS_PLACES = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)

MISSING = (
    "The browser tests need Chromium, Chrome or Edge and none was found: install one "
    f"(Debian and Ubuntu: apt-get install chromium), or name its program with {VARIABLE}=/path/to/chromium."
)


class NoBrowserError(RuntimeError):
    """No usable browser; the message says what to do about it."""


def find_browser(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The browser to drive, or None: the one named by the environment, then the usual names and places.

    Raises:
        NoBrowserError: the environment names a program that does not exist; another browser is not
            quietly taken instead.
    """
    named = environment.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise NoBrowserError(
                f"{VARIABLE} must name a program that can be started, got {named!r}: "
                "correct the path or unset it."
            )
        return Path(found)
    for name in NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found is not None:
            return Path(found)
    for place in _places(environment):
        if place.is_file():
            return place
    return None


def require_browser() -> Path:
    """The browser to drive.

    Raises:
        NoBrowserError: there is none.
    """
    found = find_browser()
    if found is None:
        raise NoBrowserError(MISSING)
    return found


def launch_arguments() -> list[str]:
    """Switches for a quiet browser: no network of its own, no GPU, and no sandbox where root forbids one."""
    arguments = [
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-default-apps",
        "--font-render-hinting=none",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return arguments


def _places(environment: Mapping[str, str]) -> list[Path]:
    if sys.platform == "darwin":
        return [Path(place) for place in MACOS_PLACES]
    if sys.platform == "win32":
        roots = (environment.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))
        return [Path(root) / place for root in roots if root for place in WINDOWS_PLACES]
    return []
