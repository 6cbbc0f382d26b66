"""The one door to session state: the workspace, how a click changes it, and the link that follows it."""

import secrets
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gru_core.formats.readings.reading import Reading
from gru_ui.language import reader
from gru_ui.language.catalogue import ENGLISH, LANGUAGES, of_browser
from gru_ui.puzzles.progress import Progress
from gru_ui.report.kept import Report
from gru_ui.sharing.opening import followed
from gru_ui.workspace import Workspace, from_link, to_link

_WORKSPACE, _MINE, _MESSAGES, _SHOWN = "workspace", "my_uploads", "messages", "shown"
_LINK, _TOUCHED, _PAGE, _BARE, _MEANS = "link", "touched", "page", "bare_addresses", "bare_address_means"
_TOKEN, _REDRAW, _LATER, _SHORT = "session_token", "redraw", "after_the_page", "short_link"
_REPORT, _STOPPED = "report", "stopped"


def is_open() -> bool:
    """Whether the router has run in this session."""
    return _WORKSPACE in st.session_state


def workspace() -> Workspace:
    """What this person has chosen."""
    chosen: Workspace = st.session_state[_WORKSPACE]
    return chosen


def language() -> str:
    """The language of the person whose page is being drawn: chosen, or their browser's; else English."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    if is_open():
        return workspace().language or of_browser(st.context.locale)
    asked = st.query_params.get("lang", "")
    return asked if asked in LANGUAGES else of_browser(st.context.locale)


reader.ask(language)


def choose_language(code: str) -> None:
    """Speak another language from now on; called in a widget's callback."""
    touched()
    clear_messages()
    choose(language="" if code == of_browser(st.context.locale) else code)


def choose(**changes: Any) -> None:
    """Change the workspace; call from a widget's callback, or follow with a rerun."""
    st.session_state[_WORKSPACE] = workspace().but(**changes)


def change(make: Callable[[Workspace], Workspace]) -> None:
    """Replace the workspace by what `make` makes of it."""
    st.session_state[_WORKSPACE] = make(workspace())


def remember_shown(where: str = "frame") -> None:
    """Keep the workspace as the last one that could be shown, by the frame or by a page of its own."""
    st.session_state[f"{_SHOWN}_{where}"] = workspace()


def shown_before(where: str = "frame") -> Workspace | None:
    """The last workspace that could be shown, if it was of the same models and sequence as now."""
    before: Workspace | None = st.session_state.get(f"{_SHOWN}_{where}")
    now = workspace()
    same = before is not None and (before.model, before.sequence, before.gallery.name) == (
        now.model,
        now.sequence,
        now.gallery.name,
    )
    return before if same else None


def follow_link(page: str) -> None:
    """Take over what the address says when it was opened, or reached by Back; called once per run.

    A switch to another page drops the query, and `write_link` puts it back: so the browser's history has a
    bare address that stands for what was chosen then, and Back must not take it for the default.
    """
    query = dict(st.query_params)
    kept, menu = st.session_state, language()
    kept.pop(_LATER, None)
    touched = kept.pop(_TOUCHED, False)
    if _WORKSPACE not in kept:
        kept[_MINE], kept[_BARE], kept[_MEANS] = (), {}, None
        _take_over(query)
        kept[_BARE][page] = workspace() if not query else Workspace()
    elif page != kept[_PAGE] and not query:
        kept[_BARE][page], kept[_MEANS] = workspace(), None
    elif not touched and query != kept[_LINK]:
        # Not when something was touched: the address may be from before another touch a moment ago.
        _take_over(query)
        if not query:
            kept[_WORKSPACE] = kept[_BARE].get(page, Workspace())
            kept[_MEANS] = to_link(workspace())
    kept[_PAGE] = page
    if language() != menu:
        # Back led to an address in the other language, and the menu has been drawn already.
        kept[_TOUCHED] = touched
        st.rerun()


def write_link() -> None:
    """Make the address say what is chosen; called once per run, after the page has run."""
    wanted = to_link(workspace())
    if wanted != st.session_state[_MEANS]:
        st.session_state[_MEANS] = None
        if dict(st.query_params) != wanted:
            st.query_params.from_dict(wanted)
    st.session_state[_LINK] = dict(st.query_params)


def after_the_page(draw: Callable[[], None]) -> None:
    """Draw something once the page has been sent: what is above on the page, and not to be waited for."""
    st.session_state[_LATER] = draw


def draw_the_rest() -> None:
    """Draw what was put off until after the page; called once per run."""
    draw: Callable[[], None] | None = st.session_state.pop(_LATER, None)
    if draw is not None:
        draw()


def touched() -> None:
    """Say, in a widget's callback, that this run comes from a person's doing on the page."""
    st.session_state[_TOUCHED] = True


def close(key: str) -> None:
    """Close a popover, in a widget's callback, when what it was opened for is done."""
    st.session_state[key] = False


def ask(what: str) -> None:
    """Ask, in a widget's callback, for something that the run after it shows."""
    st.session_state[f"asked_{what}"] = True


def was_asked(what: str) -> bool:
    """Whether a callback has asked for it since this was last looked at."""
    return bool(st.session_state.pop(f"asked_{what}", False))


def remember_short(page: str, key: str) -> None:
    """Keep the key of the shared view that was made of what is shown now; "" forgets it."""
    st.session_state[_SHORT] = (page, to_link(workspace()), key)


def short_of(page: str) -> str:
    """The key of the shared view that was made of what is shown now; "" where there is none."""
    kept = st.session_state.get(_SHORT)
    return kept[2] if kept is not None and kept[:2] == (page, to_link(workspace())) else ""


def stop(what: Hashable) -> None:
    """Remember, in a widget's callback, that this person stopped something that would begin by itself."""
    st.session_state[_STOPPED] = (*st.session_state.get(_STOPPED, ()), what)[-20:]


def let_go_on(what: Hashable) -> None:
    """Forget that it was stopped; called in a widget's callback."""
    st.session_state[_STOPPED] = tuple(one for one in st.session_state.get(_STOPPED, ()) if one != what)


def has_stopped(what: Hashable) -> bool:
    """Whether this person stopped it."""
    return what in st.session_state.get(_STOPPED, ())


def redraw() -> None:
    """Say, in a callback of a part that draws itself alone, that the whole page has to be drawn."""
    st.session_state[_REDRAW] = True


def is_redraw_due() -> bool:
    """Whether a callback has said so since this was last asked."""
    return bool(st.session_state.pop(_REDRAW, False))


def session_token() -> str:
    """A number that is this session's alone."""
    token: str = st.session_state.setdefault(_TOKEN, secrets.token_urlsafe(24))
    return token


def _take_over(query: dict[str, str]) -> None:
    asked, gone = followed(query)
    found, messages = from_link(asked)
    st.session_state[_WORKSPACE] = found
    st.session_state[_LINK] = query
    st.session_state[_MESSAGES] = (*gone, *messages)


def clear_messages() -> None:
    """Let go of what was said; called in a widget's callback."""
    st.session_state[_MESSAGES] = ()


def tell(message: str) -> None:
    """Show a sentence until the next change; called in a widget's callback."""
    st.session_state[_MESSAGES] = (*messages(), message)


def messages() -> tuple[str, ...]:
    """What was wrong with the link, or left out by the last change; until the next one."""
    return tuple(st.session_state.get(_MESSAGES, ()))


def widget(
    field: str,
    *,
    where: str = "frame",
    shows: Any = None,
    apply: Callable[[Workspace, Any], Workspace] | None = None,
) -> dict[str, Any]:
    """`key` and `on_change` that tie a widget to a field of the workspace.

    The workspace is the truth: the widget shows its value at every run, and a change goes back into it.
    `where` tells apart two widgets of one field; `shows` is what the widget shows where that is not the
    field itself; `apply` makes the new workspace from the old one and the widget's value, where that is
    more than setting the field.
    """
    key = field if where == "frame" else f"{where}_{field}"
    st.session_state[key] = getattr(workspace(), field) if shows is None else shows

    def changed() -> None:
        value = st.session_state[key]
        touched()
        st.session_state[_MESSAGES] = ()
        if apply is not None:
            change(lambda chosen: apply(chosen, value))
        else:
            choose(**{field: value})

    return {"key": key, "on_change": changed}


def part_widget(
    part: str, field: str, *, shows: Any = None, reads: Callable[[Any], Any] | None = None
) -> dict[str, Any]:
    """The same for a field of one page's own choices: `part` is the field of the workspace that holds them.

    `shows` is what the widget shows where that is not the field itself; `reads` makes the field of the
    widget's value where they differ.
    """
    key = f"{part}_{field}"
    st.session_state[key] = getattr(getattr(workspace(), part), field) if shows is None else shows

    def changed() -> None:
        value = st.session_state[key]
        touched()
        clear_messages()
        made = value if reads is None else reads(value)
        change(lambda chosen: chosen.with_part(part, **{field: made}))

    return {"key": key, "on_change": changed}


def lesson_widget(field: str, shows: Any) -> dict[str, Any]:
    """The same for what is tried in a step of a lesson, a field of the lesson's form."""
    key = f"lesson_try_{field}"
    st.session_state[key] = shows

    def changed() -> None:
        value = st.session_state[key]
        touched()
        if value is not None:
            change(lambda chosen: chosen.with_lesson(**{field: value}))

    return {"key": key, "on_change": changed}


def field(key: str) -> Any:
    """What stands in a widget, in its callback."""
    return st.session_state.get(key)


def remember_upload(reference: str, title: str) -> None:
    """Add an upload to this person's own list; called in a widget's callback."""
    touched()
    st.session_state[_MINE] = (*st.session_state[_MINE], (reference, title))


def my_uploads(kind: str) -> dict[str, str]:
    """This person's uploads of a kind ("file", "data" or "text"), reference -> title, oldest first."""
    return {ref: title for ref, title in st.session_state[_MINE] if ref.startswith(f"{kind}.")}


def progress(puzzle: str) -> Progress:
    """How far this person is with a puzzle."""
    found: Progress = st.session_state.get(f"puzzle {puzzle}", Progress())
    return found


def put_progress(puzzle: str, now: Progress) -> None:
    """Keep how far this person is with a puzzle; called in a widget's callback."""
    touched()
    clear_messages()
    st.session_state[f"puzzle {puzzle}"] = now


def report() -> Report:
    """The views that this person has kept for a report."""
    found: Report = st.session_state.get(_REPORT, Report())
    return found


def put_report(now: Report) -> None:
    """Keep the report as it is now; called in a widget's callback."""
    touched()
    clear_messages()
    st.session_state[_REPORT] = now


def report_widget(number: int | None = None) -> dict[str, Any]:
    """`key` and `on_change` of the field for a note of the report, or for its title where that is None."""
    key = "report_title" if number is None else f"report_note_{number}"
    kept = {view.number: view.note for view in report().views}
    st.session_state[key] = report().title if number is None else kept[number]

    def changed() -> None:
        text = st.session_state[key]
        put_report(report().titled(text) if number is None else report().noting(number, text))

    return {"key": key, "on_change": changed}


def take_reading(key: str, reading: Reading) -> None:
    """Keep how the arrays of a file are packed for its form; called in a button's callback."""
    st.session_state[f"{key}_reading"] = reading


def taken_reading(key: str) -> Reading | None:
    """What was kept for that form."""
    found: Reading | None = st.session_state.get(f"{key}_reading")
    return found
