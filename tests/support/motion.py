"""What moves on a page by itself, and how a picture goes on when it is played, read frame by frame."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

_TOOLS = """
    const everything = (root) => [...root.querySelectorAll("*")]
        .flatMap((node) => (node.shadowRoot ? [node, ...everything(node.shadowRoot)] : [node]));
    const drawn = (root) => everything(root)
        .filter((node) => (node.localName === "canvas" && node.width > 0) || node.matches("svg.drawing"))
        .map((node) => (node.localName === "canvas" ? node.toDataURL() : node.outerHTML)).join();
    const frame = () => new Promise(requestAnimationFrame);
"""

_MOVING = (
    "async ([still, most]) => {"
    + _TOOLS
    + """
    const shadows = () => everything(document.body).map((node) => node.shadowRoot).filter(Boolean);
    const roots = () => [document, ...shadows()];
    const animated = () => roots().flatMap((root) => root.getAnimations())
        .filter((animation) => animation.playState === "running");
    let [before, passed, found] = [drawn(document.body), 0, []];
    for (let at = 0; at < most && passed < still; at += 1) {
        await frame();
        const now = drawn(document.body);
        found = animated().map(({ effect }) => effect.target?.outerHTML.slice(0, 120));
        if (now !== before) found.push("a picture is drawn anew");
        passed = found.length ? 0 : passed + 1;
        before = now;
    }
    return found;
}"""
)

_PLAYED = (
    "async (root, [name, moves]) => {"
    + _TOOLS
    + """
    const seen = { places: [root.dataset[name]], drawings: [drawn(root)] };
    while (seen.places.length <= moves) {
        await frame();
        const [place, drawing] = [root.dataset[name], drawn(root)];
        if (place !== seen.places.at(-1)) seen.places.push(place);
        if (drawing !== seen.drawings.at(-1)) seen.drawings.push(drawing);
    }
    return [seen.places.length, seen.drawings.length];
}"""
)

STILL, MOST = 20, 400
"""Frames that must pass with nothing moving, and in how many: a page that has just come may find its size."""


def moving(page: Page) -> list[str]:
    """What moves although nobody does anything."""
    found: list[str] = page.evaluate(_MOVING, [STILL, MOST])
    return found


def played(root: Locator, place: str, moves: int) -> tuple[int, int]:
    """How many places a picture that plays has been at after so many moves, and how many drawings were seen.

    `place` is the name of the attribute of data in which the picture says where it is.
    """
    places, drawings = root.evaluate(_PLAYED, [place, moves])
    return int(places), int(drawings)
