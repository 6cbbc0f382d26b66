"""A figure as one HTML page that works without a network: Plotly itself is inside (about 5 MB)."""

from __future__ import annotations

import html
from typing import Any

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 80rem; padding: 0.5rem; background: {paper}; color: {ink};
  font-family: system-ui, sans-serif; line-height: 1.5; }}
figure {{ margin: 0; }}
figcaption {{ padding: 0 0.5rem 1rem; }}
figcaption p {{ margin: 0.5rem 0; }}
</style>
</head>
<body>
<figure role="group" aria-label="{title}">
{picture}
<figcaption>
{captions}
</figcaption>
</figure>
</body>
</html>
"""


def figure_to_html(figure: Any, language: str = "en") -> bytes:
    """A whole HTML page, UTF-8, with the figure, how to read it, notes and its text twin below.

    figure    a figure of `gru_core.figures`, whose words and background stand in `layout.meta`; any other
              Plotly figure is shown on white without words

    Nothing is fetched: the page can be mailed, and opened years later.
    """
    meta = figure.layout.meta if isinstance(figure.layout.meta, dict) else {}
    words = [meta.get("how", ""), *meta.get("notes", ()), meta.get("text", "")]
    picture = figure.to_html(
        full_html=False, include_plotlyjs=True, include_mathjax=False, config={"responsive": True}
    )
    page = _PAGE.format(
        language=html.escape(language),
        title=html.escape(meta.get("title", "GateScope")),
        paper=html.escape(meta.get("paper", "#FFFFFF")),
        ink=html.escape(figure.layout.font.color or "#000000"),
        picture=picture,
        captions="\n".join(f"<p>{html.escape(sentence)}</p>" for sentence in words if sentence),
    )
    return page.encode("utf-8")
