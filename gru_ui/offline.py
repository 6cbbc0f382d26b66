"""The picture on the page as one HTML file that opens from a disk, without a server and without a network.

It is the same picture: the component's own script with the block of bytes that it was sent, in a page that
gives it what Streamlit would give it. So hovering, playing and zooming work; numbers that were not sent (the
single steps of a long sequence) are not in it.
"""

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import streamlit as st

from gru_ui.components.part import Drawn

ASSETS = Path(__file__).parent.parent / "assets" / "offline"

VARIABLES = {
    "--st-text-color": "textColor",
    "--st-background-color": "backgroundColor",
    "--st-secondary-background-color": "secondaryBackgroundColor",
    "--st-border-color": "borderColor",
    "--st-primary-color": "primaryColor",
    "--st-link-color": "linkColor",
}
"""What components read of the theme, and the setting it stands in; light and dark have one each."""


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it: text, lines of a list, Python lines, or a link."""

    title: str
    text: str = ""
    lines: Sequence[str] = ()
    code: str = ""
    link: str = ""


def offline_page(drawn: Drawn, title: str, sections: Sequence[Section], language: str = "en") -> bytes:
    """A whole HTML page, UTF-8. Everything that people wrote is text in it, never markup."""
    script = _script(drawn.part.js)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = Template(_asset("page.html")).substitute(
        language=html.escape(language),
        policy=html.escape(_policy(f"sha256-{digest}")),
        title=html.escape(title),
        css=f"{_theme()}\n{_asset('page.css')}",
        rules=drawn.part.css,
        element=drawn.part.html,
        sections="\n".join(map(_section, sections)),
        payload=base64.b64encode(drawn.as_left()).decode(),
        script=script,
    )
    return page.encode()


def _script(component: str) -> str:
    """The component, and after it what mounts it; refused where it would end its own element."""
    script = f"{component}\n{{\n{_asset('host.js')}}}\n"
    if "</script" in script.lower() or "<!--" in script:
        raise ValueError("A script inside a page may not hold </script or <!--: write them apart.")
    return script


def _policy(script: str) -> str:
    """This script alone runs, and nothing is fetched from anywhere."""
    directives: Mapping[str, str] = {
        "default-src": "'none'",
        "script-src": f"'{script}'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _theme() -> str:
    """The app's colours and fonts, light or dark as the reader's system is."""

    def rules(look: str) -> str:
        return " ".join(
            f"{name}: {st.get_option(f'theme.{look}.{option}')};" for name, option in VARIABLES.items()
        )

    shared = {
        "--st-font": st.get_option("theme.font"),
        "--st-code-font": st.get_option("theme.codeFont"),
        "--st-button-radius": st.get_option("theme.baseRadius"),
        "--st-chart-categorical-colors": ",".join(st.get_option("theme.chartCategoricalColors")),
    }
    both = " ".join(f"{name}: {value};" for name, value in shared.items())
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {rules('dark')} }} }}"
    return f":root {{ {both} {rules('light')} }}\n{dark}"


def _section(section: Section) -> str:
    parts = [f"<h2>{html.escape(section.title)}</h2>"]
    if section.text:
        parts.append(f"<p>{html.escape(section.text)}</p>")
    if section.lines:
        items = "\n".join(f"<li>{html.escape(line)}</li>" for line in section.lines)
        parts.append(f"<ul>\n{items}\n</ul>")
    if section.code:
        parts.append(f"<pre><code>{html.escape(section.code)}</code></pre>")
    if section.link:
        address = html.escape(section.link)
        parts.append(f'<p><a href="{address}" rel="noreferrer">{address}</a></p>')
    return "<section>\n" + "\n".join(parts) + "\n</section>"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")
