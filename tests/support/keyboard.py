"""A page gone through by the Tab key alone: what is reached, whether it is seen, what is left out."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

MOST = 200
"""Stops after which a page is taken for one without an end."""

# Written into the page once. A stop's looks are compared with those it has when nothing has the focus; what
# tells may be drawn around it, so its surroundings are looked at too.
_WALK = """
() => {
    const up = (node) => node.parentElement ?? node.getRootNode().host ?? null;
    const everything = (root) => [...root.querySelectorAll("*")]
        .flatMap((node) => (node.shadowRoot ? [node, ...everything(node.shadowRoot)] : [node]));
    const focused = () => {
        let node = document.activeElement;
        while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
        return node === document.body || node === document.documentElement ? null : node;
    };
    const named = (node) => {
        const said = node.ariaLabel || node.labels?.[0]?.textContent || node.textContent;
        return `${node.localName} ${said.trim().replace(/\\s+/g, " ").slice(0, 50)}`;
    };
    const looks = (node) => {
        const around = [node];
        for (let at = up(node); at && around.length < 8; at = up(at)) around.push(at);
        return around.map((at) => {
            const { outline, boxShadow, borderColor, backgroundColor, color } = getComputedStyle(at);
            return [outline, boxShadow, borderColor, backgroundColor, color].join();
        });
    };
    const drawn = { opacityProperty: true, visibilityProperty: true };
    const wanted = "a[href], button, input:not([type=file]), select, textarea, summary, [tabindex]";
    const reachable = () => everything(document.body).filter((node) =>
        node.matches(wanted) && node.tabIndex >= 0 && !node.disabled && !node.closest("[inert]")
        && node.checkVisibility(drawn) && node.getBoundingClientRect().height > 0);
    const seen = new Map();
    window.__walk = {
        start: () => {
            document.body.tabIndex = -1;
            document.body.focus();
            document.body.removeAttribute("tabindex");
        },
        // The name of what has the focus, null outside the page.
        step: () => {
            const node = focused();
            if (!node) return null;
            if (!seen.has(node)) seen.set(node, looks(node).join());
            const { top, bottom, left, right } = node.getBoundingClientRect();
            const away = bottom < 0 || top > innerHeight || right < 0 || left > innerWidth;
            return { name: named(node), away };
        },
        report: () => {
            const group = (node) => node.closest("[role=radiogroup]");
            const groups = new Set([...seen.keys()].map(group).filter(Boolean));
            const missed = reachable().filter((node) => !seen.has(node) && !groups.has(group(node)));
            // Nothing has the focus now.
            const same = ([node, then]) => node.isConnected && looks(node).join() === then;
            const unseen = [...seen].filter(same).map(([node]) => named(node));
            return { missed: missed.map(named), unseen };
        },
    };
}
"""


def walk(page: Page) -> dict[str, list[str]]:
    """From top to end by Tab: names of `stops`, of those `away` from the screen, `unseen`, and `missed`.

    Motion is taken out, or a ring that fades would still be there when it is asked for.

    Raises:
        AssertionError: the end does not come.
    """
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(_WALK)
    page.evaluate("window.__walk.start()")
    stops: list[str] = []
    away: list[str] = []
    while True:
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate("window.__walk.step()")
        if stop is None:
            break
        stops.append(stop["name"])
        if stop["away"]:
            away.append(stop["name"])
        assert len(stops) < MOST, f"No end after {stops[-12:]}"
    found: dict[str, list[str]] = page.evaluate("window.__walk.report()")
    page.emulate_media(reduced_motion="no-preference")
    return {**found, "stops": stops, "away": away}
