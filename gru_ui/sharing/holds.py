"""What a link holds, in words, and how long what it points to lives."""

from collections.abc import Mapping

from gru_core.demos import DEMOS
from gru_core.edits import read_edits
from gru_core.errors import GateScopeError
from gru_core.limits import SHARE_DAYS
from gru_core.runs.store import KEEP_DAYS
from gru_ui import view
from gru_ui.cache import demo_model
from gru_ui.language.catalogue import LANGUAGES
from gru_ui.language.sentences import translated
from gru_ui.lessons.library import lesson_of
from gru_ui.navigation import VIEWS
from gru_ui.sharing.keys import Pointer, pointers
from gru_ui.texts import say
from gru_ui.workspace import Workspace

FRAMED = ("gates", "cell", "extremes", "your_data", *VIEWS)
"""Pages that show the chosen model on the chosen sequence."""


def held(chosen: Workspace, page: str, link: Mapping[str, str]) -> list[str]:
    """What opening the link shows, one line each."""
    lines = [say("share.page", page=say(f"app.{page}"))]
    if page in FRAMED:
        lines += _of_view(chosen, page, link)
    elif page == "gallery":
        lines.append(say("share.gallery", model=say(f"gallery.{chosen.gallery.name}_title")))
    elif page == "puzzles":
        lines.append(say("share.puzzle", puzzle=say(f"puzzles.{chosen.puzzle.name}_title")))
    elif page in ("train", "race"):
        lines.append(say("share.training" if chosen.run else "share.to_train"))
    elif chosen.lesson.lesson:
        title = lesson_title(chosen.lesson.lesson)
        lines.append(say("share.lesson", lesson=title, step=chosen.lesson.step))
    if chosen.language:
        lines.append(say("share.language", language=LANGUAGES[chosen.language].name))
    return lines


def _of_view(chosen: Workspace, page: str, link: Mapping[str, str]) -> list[str]:
    lines = [
        say("share.model", model=model_title(chosen.model)),
        say("share.sequence", sequence=sequence_title(chosen.model, chosen.sequence)),
        say("share.gates", gates=say(f"frame.gates_{chosen.gates}")),
        say("share.step", step=chosen.cursor),
    ]
    if chosen.unit >= 0:
        lines.append(say("share.unit", unit=chosen.unit))
    if "layer" in link:
        lines.append(say("share.layer", layer=chosen.layer))
    if page == "cell" and chosen.cell.edits:
        lines.append(say("share.changed", count=len(read_edits(chosen.cell.edits))))
    return lines


def lesson_title(reference: str) -> str:
    """What a lesson is called."""
    try:
        return lesson_of(reference).title
    except GateScopeError:
        return say("share.upload")


def lifetimes(chosen: Workspace, page: str, query: Mapping[str, str]) -> list[str]:
    """How long the link works, a sentence for each thing that it points to."""
    said = []
    for pointer in pointers(query).values():
        kind = "lives_with_view" if pointer.is_shared else "lives_in_memory"
        said.append(say(f"share.{kind}", what=upload_title(pointer), days=SHARE_DAYS))
    if (chosen.run and page in ("train", "race")) or chosen.model.startswith("run."):
        said.append(say("share.lives_with_run", days=KEEP_DAYS))
    return said or [say("share.lives_in_link")]


def needs_keeping(query: Mapping[str, str]) -> bool:
    """Whether the link points to something that is in this server's memory only."""
    return any(not pointer.is_shared for pointer in pointers(query).values())


def upload_title(pointer: Pointer) -> str:
    """What an upload is called in lists."""
    if pointer.kind == "file":
        return model_title(pointer.text)
    return view.uploaded_title(pointer.text) or say("share.upload")


def model_title(reference: str) -> str:
    """What a model is called in lists."""
    if reference in DEMOS:
        return translated(demo_model(reference).card.title)
    try:
        return view.trained_title(reference) or view.uploaded_title(reference) or say("frame.model_in_link")
    except GateScopeError:
        return say("frame.model_in_link")


def sequence_title(model: str, reference: str) -> str:
    """What a sequence is called in lists."""
    kind, _, rest = reference.partition(".")
    if kind == "probe":
        return say(f"frame.probe_{rest}")
    if kind == "text":
        return say("frame.in_link")
    if kind == "data":
        return view.uploaded_title(reference) or say("frame.upload_in_link")
    try:
        return translated(view.model_of(model).card.examples[int(rest)].title)
    except (GateScopeError, IndexError):
        return say("share.example", number=rest)
