"""What can be done with a run: pause, step, stop, go on, train again, use, take home, hand out, delete."""

import time
from collections.abc import Callable

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.export.training import model_file, torch_state_dict, training_script
from gru_core.model import SequenceModel
from gru_core.runs.view import RunLine, RunView
from gru_ui import cache, state
from gru_ui.language.sentences import translated
from gru_ui.navigation import page_file
from gru_ui.person import owner
from gru_ui.texts import say
from gru_ui.training.film import frame_shown
from gru_ui.training.form import racer_of
from gru_ui.training.names import title_in_words
from gru_ui.view import trained_title, with_model
from gru_ui.words import escape

Do = Callable[[], object]


def begin(do: Callable[[], str]) -> None:
    """Start a run in a widget's callback; what stands against it is said, and what was shown stays."""
    _heard()
    try:
        key = do()
    except GateScopeError as error:
        state.tell(str(error))
        return
    state.choose(run=key, lane=0)


def _heard() -> None:
    """What every callback here begins with."""
    state.touched()
    state.clear_messages()
    state.redraw()


def steer(view: RunView) -> None:
    """The buttons that steer a run, for the person who began it."""
    if not view.mine:
        st.caption(say("run.not_yours"), width="content")
        return
    service = cache.run_service()
    key, me = view.key, owner()
    through = view.status in ("done", "failed")
    if through:
        return
    # Every button keeps its place: a finger that steps on must not meet another one.
    live, rests = view.is_live, view.can_go_on
    if live:
        _button("pause", "pause", lambda: service.pause(key, me))
    else:
        _button("go_on", "play_arrow", lambda: service.go_on(key, me), off=not rests)
    if not view.spec.is_race:
        _button("step", "skip_next", lambda: service.go_on(key, me, 1), off=not rests)
        _button("step_ten", "fast_forward", lambda: service.go_on(key, me, 10), off=not rests)
    if live or view.status == "paused":
        _button("stop", "stop", lambda: service.stop(key, me))


def use(view: RunView, number: int) -> None:
    """What a run is good for once there is a model: use it, train it again, take it home."""
    shown = view.lanes[number]
    service, me = cache.run_service(), owner()
    frame = frame_shown(view, number)
    if frame is not None and shown.spec.cell == "gru":
        update = frame.update
        used = state.workspace().model == f"run.{view.key}.{number}.{update}"
        st.button(
            say("run.use") if frame is shown.frames[-1] else say("run.use_moment", update=f"{update:,}"),
            on_click=_use,
            args=(view.key, number, update),
            icon=":material/grid_on:",
            key="run_use",
            help=say("run.use_help"),
            disabled=used,
        )
        if used:
            label = say("your_data.see")
            st.page_link(page_file("gates"), label=label, icon=":material/arrow_forward:", width="content")
    st.button(
        say("race.again" if view.spec.is_race else "run.again"),
        on_click=begin,
        args=(lambda: service.start(view.spec, me, view.title),),
        icon=":material/replay:",
        key="run_again",
        help=say("run.again_help"),
    )
    if frame is not None:
        opened = st.popover(say("run.take"), icon=":material/download:", on_change="rerun", key="run_take")
        if opened.open:
            with opened:
                _downloads(view, number, frame.update)


def pick_lane(view: RunView) -> int:
    """Which model of a race the buttons and the film are of; 0 for a training of one."""
    if not view.spec.is_race:
        return 0
    chosen = state.workspace().lane
    st.selectbox(
        say("race.lane"),
        range(len(view.lanes)),
        format_func=lambda number: say(f"race.{racer_of(view.lanes[number].spec)}"),
        label_visibility="collapsed",
        width=170,
        **state.widget("lane", shows=chosen if chosen < len(view.lanes) else 0),
    )
    return state.workspace().lane if state.workspace().lane < len(view.lanes) else 0


def _downloads(view: RunView, lane: int, update: int) -> None:
    service, name = cache.run_service(), f"{view.spec.task.name}-{view.key}"
    spec = view.lanes[lane].spec
    if spec.cell == "gru":

        def model() -> SequenceModel:
            found = service.model(view.key, lane, update)
            assert isinstance(found, SequenceModel)
            return found

        _download("safetensors", lambda: model_file(model()), f"{name}.safetensors")
        if spec.reset_mode == "after":
            _download("state_dict", lambda: torch_state_dict(model()), f"{name}-torch-gru.pt")
        else:
            st.caption(say("run.no_state_dict"))
    else:
        st.caption(say("run.no_gates", cell=spec.cell.upper()))
    _download("script", lambda: training_script(view.spec, lane).encode(), f"{name}.py")
    st.caption(say("run.link"))


def _download(kind: str, make: Callable[[], bytes], name: str) -> None:
    st.download_button(
        say(f"run.{kind}"),
        make,
        file_name=name,
        on_click="ignore",
        icon=":material/download:",
        key=f"run_{kind}",
        help=say(f"run.{kind}_help"),
    )


def _use(key: str, lane: int, update: int) -> None:
    _heard()
    reference = f"run.{key}.{lane}.{update}"
    try:
        # As it was trained: its weights hold what training held.
        state.change(lambda chosen: with_model(chosen, reference).but(gates="learned"))
    except GateScopeError as error:
        state.tell(str(error))
        return
    state.remember_upload(reference, trained_title(reference))


def _button(name: str, icon: str, do: Do, off: bool = False) -> None:
    st.button(
        say(f"run.{name}"),
        on_click=_try,
        args=(do,),
        icon=f":material/{icon}:",
        key=f"run_{name}",
        help=say(f"run.{name}_help"),
        disabled=off,
    )


def _try(do: Do) -> None:
    """Do something to a run in a widget's callback; a refusal becomes a sentence."""
    _heard()
    try:
        do()
    except GateScopeError as error:
        state.tell(str(error))


def listing(me: str, race: bool) -> None:
    """This person's runs, each with a button to look at it and one to delete it."""
    service = cache.run_service()
    try:
        lines = [line for line in service.of_owner(me) if line.is_race == race]
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return
    if not lines:
        return
    with st.expander(say("run.mine", count=len(lines)), icon=":material/history:", key="my_runs"):
        st.caption(say("run.kept"))
        for line in lines:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button(
                    _line_words(line),
                    on_click=_open,
                    args=(line.key,),
                    key=f"open_{line.key}",
                    disabled=line.key == state.workspace().run,
                )
                with st.popover(say("run.delete"), icon=":material/delete:", key=f"ask_{line.key}"):
                    st.button(
                        say("run.delete_sure"),
                        on_click=_delete,
                        args=(line.key, me),
                        icon=":material/delete_forever:",
                        key=f"delete_{line.key}",
                    )


def _line_words(line: RunLine) -> str:
    """One run in the list: what, how it stands, how well, and since when."""
    scores = ", ".join(f"{score:.3f}" for score in line.scores if score is not None)
    minutes = max(int((time.time() - line.created) / 60), 0)
    hours, days = minutes // 60, minutes // 1440
    unit, count = ("days", days) if days else ("hours", hours) if hours else ("minutes", minutes)
    since = say(f"run.ago_{unit}", count=count)
    return " · ".join(
        filter(None, (escape(title_in_words(line.title)), say(f"run.status_{line.status}"), scores, since))
    )


def _open(key: str) -> None:
    _heard()
    state.choose(run=key, lane=0)


def _delete(key: str, me: str) -> None:
    def do() -> None:
        cache.run_service().delete(key, me)
        if state.workspace().run == key:
            state.choose(run="", lane=0)

    _try(do)
