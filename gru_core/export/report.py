"""Kept views with notes as one HTML page that works without a network: Plotly itself is inside, once."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gru_core.errors import InputError

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 72rem; padding: 1rem; background: #fff; color: #1b2430;
  font-family: system-ui, sans-serif; line-height: 1.5; }}
h1 {{ font-size: 1.8rem; }}
h2 {{ font-size: 1.3rem; margin: 0 0 0.25rem; }}
section {{ border-top: 1px solid #d5dbe3; padding: 1.5rem 0; }}
figure {{ margin: 0.5rem 0; }}
p {{ margin: 0.4rem 0; overflow-wrap: anywhere; }}
.context, .made {{ color: #566170; font-size: 0.9rem; }}
.note {{ border-left: 4px solid #0072b2; padding: 0.2rem 0 0.2rem 0.8rem; white-space: pre-wrap; }}
a {{ color: #005e93; }}
@media print {{ section {{ break-inside: avoid; }} }}
</style>
</head>
<body>
<h1>{title}</h1>
{contents}
{sections}
<p class="made">{made}</p>
</body>
</html>
"""

_SECTION = """<section id="view-{number}">
<h2>{title}</h2>
<p class="context">{context}</p>
<figure role="group" aria-label="{title}">
{picture}
<figcaption>
{captions}
</figcaption>
</figure>
{note}
<p><a href="{link}">{again}</a></p>
</section>"""


@dataclass(frozen=True, eq=False)
class Entry:
    """One view of a report: its figure of `gru_core.figures`, what was found and noted, and its link."""

    title: str
    context: tuple[str, ...]
    figure: Any
    sentences: tuple[str, ...]
    note: str
    link: str


def report_to_html(title: str, entries: Sequence[Entry], language: str, words: Mapping[str, str]) -> bytes:
    """A whole HTML page, UTF-8, with every view in its order.

    words  "contents", "note", "again" (the words of the link to the app) and "made_with", in the language of
           it all

    Whatever people wrote stands there as text, never as markup. Raises InputError where there is nothing to
    write.
    """
    if not entries:
        raise InputError("A report needs at least one view: keep one first.")
    sections = "\n".join(_section(number, entry, words) for number, entry in enumerate(entries))
    links = "".join(
        f'<li><a href="#view-{number}">{html.escape(entry.title)}</a></li>'
        for number, entry in enumerate(entries)
    )
    contents = (
        f"<nav><h2>{html.escape(words['contents'])}</h2><ol>{links}</ol></nav>" if len(entries) > 1 else ""
    )
    page = _PAGE.format(
        language=html.escape(language),
        title=html.escape(title),
        contents=contents,
        sections=sections,
        made=html.escape(words["made_with"]),
    )
    return page.encode("utf-8")


def _section(number: int, entry: Entry, words: Mapping[str, str]) -> str:
    meta = entry.figure.layout.meta if isinstance(entry.figure.layout.meta, dict) else {}
    # What the figure says of itself is not said twice where the sentences say it too.
    said = [meta.get("how", ""), *meta.get("notes", ()), *entry.sentences]
    picture = entry.figure.to_html(
        full_html=False, include_plotlyjs=number == 0, include_mathjax=False, config={"responsive": True}
    )
    note = f'<p class="note"><strong>{html.escape(words["note"])}</strong>\n{html.escape(entry.note)}</p>'
    return _SECTION.format(
        number=number,
        title=html.escape(entry.title),
        context=" · ".join(map(html.escape, entry.context)),
        picture=picture,
        captions="\n".join(f"<p>{html.escape(sentence)}</p>" for sentence in said if sentence),
        note=note if entry.note.strip() else "",
        link=html.escape(entry.link if entry.link.startswith(("http://", "https://")) else "#"),
        again=html.escape(words["again"]),
    )
