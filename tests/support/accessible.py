"""What people meet who do not see a page, or do not point at it: axe-core's findings, text twins, focus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.support.pages import settled, still

SIZES = {"projector": (1366, 768), "phone": (390, 844)}
SCHEMES = ("light", "dark")

# Everything of a page, through the shadow roots of components.
_EVERYTHING = """
    const everything = (root) => [...root.querySelectorAll("*")]
        .flatMap((node) => (node.shadowRoot ? [node, ...everything(node.shadowRoot)] : [node]));
"""

_FINDINGS = """
async (within) => {
    const { violations } = await axe.run(within ?? document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => ({
        rule: id,
        impact,
        target: node.target.flat().join(" >> "),
        markup: node.html.slice(0, 160),
        why: node.failureSummary,
    })));
}
"""

# Drawings that mean something: not the icons, which say that they are hidden or stand in what has a name.
_PICTURES = (
    "() => {"
    + _EVERYTHING
    + """
    const up = (node) => node.parentElement ?? node.getRootNode().host ?? null;
    const drawn = { opacityProperty: true, visibilityProperty: true };
    const roles = ["img", "application", "figure", "group", "slider"];
    const found = new Map();
    for (const node of everything(document.body)) {
        if (!["canvas", "svg", "img"].includes(node.localName) || !node.checkVisibility(drawn)) continue;
        const { width, height, right } = node.getBoundingClientRect();
        // Plotly measures its texts in a drawing far outside the page.
        if (width < 60 || height < 60 || right < 0) continue;
        let holder = null;
        for (let at = node; at && !holder; at = up(at)) {
            if (at.getAttribute("aria-hidden") === "true" || at.closest("a, button")) holder = undefined;
            if (holder === undefined) break;
            const said = at.getAttribute("aria-label") || at.getAttribute("alt");
            if (said && roles.includes(at.role ?? at.localName)) holder = at;
        }
        if (holder === undefined) continue;
        const key = holder ?? node;
        const words = holder ? [holder.getAttribute("aria-label") || holder.alt, holder.ariaValueText] : [];
        found.set(key, words.filter(Boolean).join(": "));
    }
    return [...found.values()];
}"""
)


@dataclass(frozen=True)
class Finding:
    """What axe-core says against an element."""

    rule: str
    impact: str
    target: str
    markup: str
    why: str

    def __str__(self) -> str:
        return f"{self.impact}, {self.rule}: {self.target}\n    {self.markup}\n    {self.why}"


def findings(page: Page, within: str | None = None) -> list[Finding]:
    """What axe-core finds wrong with the page as it stands, or with a part of it, by each of its rules."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_FINDINGS, within)
    return [Finding(**finding) for finding in found]


def every_look(page: Page) -> Iterator[str]:
    """The page in both schemes and in both sizes, one after the other; at the end as it was at first."""
    for scheme in SCHEMES:
        use_scheme(page, scheme)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            settled(page)
            yield f"{scheme}, {size}"
    width, height = SIZES["projector"]
    page.set_viewport_size({"width": width, "height": height})
    use_scheme(page, SCHEMES[0])


def use_scheme(page: Page, scheme: str) -> None:
    """Change to a scheme, and return once the app and every component in it is drawn in it."""
    page.emulate_media(color_scheme=scheme)
    settled(page)
    page.wait_for_function(
        "(scheme) => {"
        + _EVERYTHING
        + """
            const app = document.querySelector("[data-testid=stApp]");
            const themed = everything(document.body).filter((node) => node.matches(".picture[data-theme]"));
            return getComputedStyle(app).colorScheme === scheme
                && themed.every((node) => node.dataset.theme === scheme);
        }""",
        arg=scheme,
        timeout=15_000,
    )
    still(page)


def pictures(page: Page) -> list[str]:
    """The text twin of every picture in sight, "" for one that has none."""
    return page.evaluate(_PICTURES)


def open_everything(page: Page) -> None:
    """Unfold every expander, those inside others too."""
    folded = page.locator("[data-testid=stExpander] details:not([open]) > summary")
    while folded.count():
        folded.first.click()
        settled(page)
