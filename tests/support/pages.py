"""Waiting for a Streamlit page, for browser tests and benchmarks."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

# Streamlit only says that a run has started once the server has answered: right after a click the page
# still says "not running", so the state must hold for a moment before it counts. Where the wire is watched,
# a server that is slow to answer, and an upload under way, are waited for too.
QUIET_MILLISECONDS = 180

# Some messages to the server have no answer: what has none after so long is one of these.
ANSWERED_WITHIN_MILLISECONDS = 3_000

_WATCH = """
(() => {
    const wire = { asked: 0, answered: 0, uploads: 0 };
    window.__wire = wire;
    window.WebSocket = class extends WebSocket {
        constructor(...told) {
            super(...told);
            this.addEventListener("message", () => { wire.answered = performance.now(); });
        }
        send(message) {
            wire.asked = performance.now();
            super.send(message);
        }
    };
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (...told) {
        wire.uploads += 1;
        this.addEventListener("loadend", () => { wire.uploads -= 1; });
        return send.apply(this, told);
    };
})();
"""

_QUIET = """
([quiet, patience]) => {
    const app = document.querySelector('[data-testid=stApp]');
    const now = performance.now();
    const { asked, answered, uploads } = window.__wire ?? { asked: 1, answered: 1, uploads: 0 };
    const asking = asked === 0 || uploads > 0 || (asked > answered && now - asked < patience);
    const idle = app !== null && app.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState !== 'CONNECTING' && !asking;
    if (!idle) { window.__idleSince = undefined; return false; }
    window.__idleSince ??= now;
    if (now - window.__idleSince < quiet) return false;
    window.__idleSince = undefined;
    return true;
}
"""


def watch_wire(context: BrowserContext) -> None:
    """Have every page of this context note when it asks its server and when it is answered."""
    context.add_init_script(_WATCH)


_STILL = """
() => {
    const everything = (root) => [...root.querySelectorAll("*")]
        .flatMap((node) => (node.shadowRoot ? [node, ...everything(node.shadowRoot)] : [node]));
    return everything(document.body).every((node) => node.getAnimations().every((animation) =>
        animation.playState !== "running" || animation.effect.getComputedTiming().endTime === Infinity));
}
"""


def still(page: Page) -> None:
    """Return once nothing that opens, fades or slides is under way, in the shadow of components either."""
    page.wait_for_function(_STILL, polling=50, timeout=15_000)


def settled(page: Page, seconds: float = 60.0) -> None:
    """Return once the page's script has finished and stayed finished for a moment."""
    moments = [QUIET_MILLISECONDS, ANSWERED_WITHIN_MILLISECONDS]
    page.wait_for_function(_QUIET, arg=moments, polling=25, timeout=seconds * 1000)
