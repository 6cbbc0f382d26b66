"""Waiting for a Streamlit page, for browser tests and benchmarks."""

from __future__ import annotations

from playwright.sync_api import Page

# Streamlit only says that a run has started once the server has answered: right after a click the page
# still says "not running", so the state must hold for a moment before it counts.
QUIET_MILLISECONDS = 180

_QUIET = """
(quiet) => {
    const app = document.querySelector('[data-testid=stApp]');
    const idle = app !== null && app.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState !== 'CONNECTING';
    const now = performance.now();
    if (!idle) { window.__idleSince = undefined; return false; }
    window.__idleSince ??= now;
    if (now - window.__idleSince < quiet) return false;
    window.__idleSince = undefined;
    return true;
}
"""


def settled(page: Page, seconds: float = 60.0) -> None:
    """Return once the page's script has finished and stayed finished for a moment."""
    page.wait_for_function(_QUIET, arg=QUIET_MILLISECONDS, polling=25, timeout=seconds * 1000)
