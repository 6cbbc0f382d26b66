"""The survey that a person looks at: of one sequence, of the model's data set, or one that was brought."""

from __future__ import annotations

import json

from gru_core.errors import InputError
from gru_core.survey import Survey, survey_of_traces
from gru_core.survey.of_model import count_data, data_parcel
from gru_core.survey.statistics import About
from gru_core.survey.tally import check_units
from gru_core.survey.work import counts_of, places_of
from gru_core.tasks.to_search import task_of
from gru_ui import cache
from gru_ui.meaning import worked_out
from gru_ui.store import UploadedSurvey, uploads
from gru_ui.view import View


def kind_of_data(view: View) -> str:
    """What data a model comes with: those of its "task", "examples" on its card, or "" for none."""

    def find() -> str:
        if task_of(view.model) is not None:
            return "task"
        return "examples" if len(view.model.card.examples) > 1 else ""

    key = ("kind_of_data", cache.fingerprint(view.model), view.model.card.name)
    return cache.kept().get(key, lambda: (find(),), lambda _: 100)[0]


def survey_of_view(view: View) -> Survey:
    """The survey of the sequence that is shown. Raises LimitError for a model with too many units."""
    check_units(len(view.model.gru.cells), view.model.gru.hidden_size)
    return cache.kept().get(
        ("survey_of_view", view.key), lambda: survey_of_traces(view.traces(), _about(view)), _size
    )


def survey_of_model(view: View) -> Survey | None:
    """The survey of the model's data set; None, and how far it is, until it is made.

    Raises InputError where a gate is set at some steps only, LimitError for a model with too many units.
    """
    if any(override.steps is not None for override in view.overrides):
        raise InputError(
            "Gates that are set at single steps belong to one sequence: count over this sequence, or set "
            "them at all steps."
        )
    gru, about = view.model.gru, _about(view)
    check_units(len(gru.cells), gru.hidden_size)
    key = (cache.fingerprint(view.model), view.overrides)
    return worked_out(
        "saturation_count",
        key,
        count_data,
        lambda: data_parcel(view.model, view.overrides),
        lambda parcel: counts_of(parcel, about),
        size=_size,
    )


def survey_brought(key: str) -> UploadedSurvey | None:
    """The survey of that key; None where there is no key. Raises LinkError when it is gone."""
    if not key:
        return None
    upload = uploads().get(key)
    return upload if isinstance(upload, UploadedSurvey) else None


def keep_survey(found: Survey, title: str, upload: str) -> str:
    """Keep a survey that somebody brought, once for each upload; gives its key."""
    return uploads().put(UploadedSurvey(title, found, _size(found)), ("survey", upload))


def _about(view: View) -> About:
    settings = tuple(json.dumps(override.to_dict(), sort_keys=True) for override in view.overrides)
    return About(cache.fingerprint(view.model), settings, places_of(view.model.gru), view.model.card.title)


def _size(found: Survey) -> int:
    return 10_000 + sum(
        getattr(found.tally, name).nbytes for name in ("low", "high", "total", "square", "unit_square")
    )
