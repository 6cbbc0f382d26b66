"""The RNN and the LSTM that stand beside a model: shipped with a demo, or from the same race."""

from collections.abc import Hashable
from dataclasses import dataclass

from gru_core.baselines import BaselineModel
from gru_core.demo_baselines import BASELINES, has_baselines, load_baseline
from gru_core.errors import GateScopeError
from gru_ui import cache
from gru_ui.view import View


@dataclass(frozen=True, eq=False)
class Beside:
    """At most one of each kind; `key` tells them apart from others in a cache."""

    models: tuple[BaselineModel, ...] = ()
    key: tuple[Hashable, ...] = ()

    def scores(self, view: View) -> dict[str, float | None]:
        """Held-out scores, of the GRU too, as far as they are known."""
        known: dict[str, float | None] = {model.kind: model.card.accuracy for model in self.models}
        return known | {"gru": view.model.card.accuracy}


def beside(view: View) -> Beside:
    """Who was trained on the same task as the view's model."""
    reference = view.workspace.model
    if reference.startswith("run."):
        return _of_race(reference)
    if not has_baselines(reference):
        return Beside()
    return Beside(_shipped(reference), ("demo", reference))


def _shipped(name: str) -> tuple[BaselineModel, ...]:
    demo = cache.demo_model(name)
    return cache.kept().get(
        ("baselines", name),
        lambda: tuple(load_baseline(demo, kind) for kind in BASELINES),
        lambda made: sum(4 * parameter.numel() for model in made for parameter in model.parameters()),
    )


def _of_race(reference: str) -> Beside:
    """The first RNN and the first LSTM of the run, as they were last kept."""
    key = reference.split(".")[1]
    found: dict[str, tuple[BaselineModel, int]] = {}
    try:
        service = cache.run_service()
        for lane, seen in enumerate(service.look(key).lanes):
            if seen.spec.cell in BASELINES and seen.spec.cell not in found and seen.frames:
                model = service.model(key, lane, seen.frames[-1].update)
                if isinstance(model, BaselineModel):
                    found[seen.spec.cell] = (model, seen.frames[-1].update)
    except GateScopeError:
        # A race whose other models are gone has none to compare with: that is said on the page.
        return Beside()
    pairs = [found[kind] for kind in BASELINES if kind in found]
    return Beside(tuple(model for model, _ in pairs), (key, *(update for _, update in pairs)))
