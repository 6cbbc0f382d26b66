"""What a model says, large enough for the back row: words, phonemes, reactions or a phase, piece by piece."""

from html import escape

import streamlit as st

from gru_core.gallery import Piece, Run
from gru_ui.gallery.shown import Shown
from gru_ui.texts import catalogue, say
from gru_ui.words import percent

_STYLE = """<style>
.said { display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem 0.4rem; min-height: 2.1rem; }
.said .heading { font-weight: 600; margin-right: 0.3rem; }
.said .under { opacity: 0.8; }
.said .piece { padding: 0.1rem 0.6rem 0.15rem; border: 2px solid transparent; border-radius: 0.5rem;
  background: rgba(0, 114, 178, 0.13); text-align: center; line-height: 1.25; font-size: 1.75rem;
  font-weight: 600; white-space: pre-wrap; overflow-wrap: anywhere; max-width: 100%; }
.said .note { display: block; font-size: 0.85rem; font-weight: 400; min-height: 1.06rem; }
.said .other { border: 2px dashed #D55E00; background: rgba(213, 94, 0, 0.16); }
.said.small { margin-top: 0.3rem; }
.said.small .piece { font-size: 1.15rem; padding: 0 0.45rem; }
.said.small .note { display: none; }
</style>"""


def draw_said(shown: Shown) -> None:
    """What it says under the gates as set; below it what it says as learned, or how to find out more."""
    run, learned = shown.run(), shown.run("learned")
    held = shown.form.gates != "learned"
    gates = say(f"gallery.gates_{shown.form.gates}")
    heading = say("gallery.says_held", gates=gates) if held else say("gallery.says")
    heading = f"<span class='heading'>{escape(heading)}</span>"
    under = say("gallery.says_learned") if held else say("gallery.hold_them")
    under = f"<span class='under'>{escape(under)}</span>"
    remark = _remark(shown, run)
    remark = f"<span>{escape(remark)}</span>" if remark else ""
    with st.container(key="said"):
        st.html(
            f"{_STYLE}<div class='said'>{heading}{pieces(shown, run, learned)}</div>"
            f"<div class='said small'>{remark}{under}"
            f"{pieces(shown, learned, learned) if held else ''}</div>"
        )


def pieces(shown: Shown, run: Run, learned: Run) -> str:
    """What it says as HTML; the pieces that the model does not say as learned are marked."""
    known = {(piece.first, words_of(shown, learned, piece)[0]) for piece in learned.said}
    spans = []
    for piece in run.said:
        text, note = words_of(shown, run, piece)
        other = "" if (piece.first, text) in known else " other"
        spans.append(
            f"<span class='piece{other}'>{escape(text)}<span class='note'>{escape(note)}</span></span>"
        )
    if not spans:
        other = " other" if learned.said else ""
        spans = [f"<span class='piece{other}'>{escape(say('gallery.says_nothing'))}</span>"]
    return "".join(spans)


def words_of(shown: Shown, run: Run, piece: Piece) -> tuple[str, str]:
    """A piece as it is said, and what stands below it."""
    if shown.entry.name == "jieba":
        return piece.text, say_or(f"gallery.tag_{piece.note}", piece.note)
    if shown.entry.name == "g2p_en":
        return piece.text, say_or(f"gallery.sound_{piece.text.rstrip('012')}", "")
    if shown.entry.name == "uzmorph":
        return piece.text, meaning(piece.note)
    if shown.entry.name == "reactionrnn":
        return say_or(f"gallery.reaction_{piece.text}", piece.text), percent(piece.value or 0.0)
    right = run.facts.get("truth")
    note = say("gallery.phase_note") if right is None else say("gallery.phase_right", right=f"{right:.0f}")
    return f"{piece.value or 0.0:.0f}%", note


def meaning(tag: str) -> str:
    """What a tag such as "SUFF-NOUN-cases=Locative|singular=1" means: "noun: locative, singular"."""
    part, _, rest = tag.partition("-")
    kind, _, features = rest.partition("-")
    if not kind:
        return say_or(f"gallery.part_{part}", "")
    words = []
    for feature in filter(None, features.split("|")):
        key, _, value = feature.partition("=")
        words.append(
            say_or(f"gallery.feature_{key}", "{value}").format(value=say_or(f"gallery.value_{value}", value))
        )
    kind = say_or(f"gallery.kind_{kind}", kind.lower())
    return f"{kind}: {', '.join(words)}" if words else kind


def plain_words(shown: Shown, run: Run) -> str:
    """All of it as one line of text."""
    return " ".join(words_of(shown, run, piece)[0] for piece in run.said) or say("gallery.says_nothing")


def say_or(key: str, otherwise: str) -> str:
    """The text of a key that may not be there."""
    return say(key) if key in catalogue() else otherwise


def _remark(shown: Shown, run: Run) -> str:
    """A number that belongs beside the answer: how far off it is, or that it did not end."""
    if "error" in run.facts:
        return say("gallery.error", error=f"{run.facts['error']:.1f}")
    if run.facts.get("stopped") == 0.0:
        return say("gallery.not_stopped", most=len(run.said))
    return ""
