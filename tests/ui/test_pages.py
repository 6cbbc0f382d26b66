"""Every page with every model and setting, run by Streamlit itself."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from gru_core import EXTREMES, load_model, trace
from gru_core.demos import DEMOS, demo_path
from gru_core.sequences.examples import demo_sequence
from gru_core.sequences.symbols import sequence_from_symbols
from gru_ui.gallery.as_model import reference_of
from gru_ui.gallery.shown import show
from gru_ui.navigation import PAGES, VIEWS
from gru_ui.store import pack_sequence
from gru_ui.workspace import to_link

ROOT = Path(__file__).resolve().parents[2]
UNFRAMED = ("train", "race", "gallery", "lessons", "puzzles", "report")
FRAMED = [page.name for page in PAGES if page.name not in UNFRAMED]
"""The pages that show the chosen model on the chosen sequence."""


def opened(page: str = "gates", **query: str) -> AppTest:
    """The app at a page with a link, run once."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page != PAGES[0].name:
        app.switch_page(f"pages/{page}.py").run()
    return app


def payloads(app: AppTest) -> Iterator[tuple[dict, bytes]]:
    """Header and bytes of each live picture on the page, as they are sent."""
    for component in app.get("bidi_component"):
        data = component.proto.bytes
        if not data:
            # Not a picture: what tells the browser the page's language.
            continue
        (length,) = struct.unpack_from("<I", data)
        header = json.loads(data[4 : 4 + length])
        yield header, data


def link(app: AppTest) -> dict[str, str]:
    """What the link of this page says; the test of the address itself is the browser's."""
    return to_link(app.session_state["workspace"])


def badge(app: AppTest) -> str:
    """The word on whether the answer is right."""
    return next(element.value for element in app.markdown if "badge" in element.value)


def words(app: AppTest) -> str:
    """All text on the page."""
    kinds = ("text", "markdown", "caption", "error", "warning", "success", "info", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


SETTINGS = [*EXTREMES, "custom", "painted"]
# Every page with every model and with every setting; all three at once would be a thousand runs.
SHOWN = [(model, SETTINGS[number % len(SETTINGS)]) for number, model in enumerate(DEMOS)]
SHOWN += [(DEMOS[number % len(DEMOS)], gates) for number, gates in enumerate(SETTINGS)]


@pytest.mark.parametrize("page", [page.name for page in PAGES])
@pytest.mark.parametrize(("model", "gates"), dict.fromkeys(SHOWN))
def test_every_page_with_every_model_and_setting(page: str, model: str, gates: str) -> None:
    app = opened(page, model=model, gates=gates, zmix="0.5", paintz="1x3_0")
    assert not app.exception
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_of_a_single_step_and_of_a_model_of_the_gallery(name: str) -> None:
    single = pack_sequence(sequence_from_symbols(["C"], "mine"))
    found = opened("gallery", real="reactionrnn").session_state["workspace"].gallery
    for query in ({"model": "remember", "seq": f"text.{single}"}, {"model": reference_of(show(found))}):
        app = opened(name, **query)
        assert not app.exception
        assert not app.error
        assert not app.warning


def test_the_answer_is_right_when_learned_and_wrong_at_each_extreme() -> None:
    app = opened()
    assert "right" in badge(app)
    for gates in ("rnn", "input_only", "copy"):
        app.segmented_control(key="gates").set_value(gates).run()
        assert "wrong" in badge(app)


def test_an_answer_that_leaves_no_ink_gets_a_sign() -> None:
    model = load_model(demo_path("letters"))
    x = model.encoder.encode(demo_sequence(model, 0))
    with torch.no_grad():
        best = model.card.outputs[int(model(torch.tensor(x[None]))[0, -1].argmax())]
    assert best == " "
    assert "it says ␣ (" in words(opened(model="letters"))
    hangs = opened("ripple", model="letters", ripple="connectivity")
    assert any("␣" in option for box in hangs.selectbox for option in box.options)


def test_the_link_follows_what_is_chosen() -> None:
    app = opened()
    app.selectbox(key="model").set_value("parity").run()
    app.segmented_control(key="gates").set_value("copy").run()
    assert link(app) == {"model": "parity", "gates": "copy"}
    again = opened(model="parity", gates="copy")
    assert again.selectbox(key="model").value == "parity"
    assert again.segmented_control(key="gates").value == "copy"


def test_free_starts_where_the_gates_are() -> None:
    app = opened(gates="rnn")
    app.segmented_control(key="gates").set_value("custom").run()
    assert (app.slider(key="z").value, app.slider(key="r").value) == (0.0, 1.0)
    app.slider(key="z_blend").set_value(0.0).run()
    assert link(app) == {"gates": "custom", "z": "0", "r": "1", "rmix": "1"}


def test_what_is_not_known_in_a_link_is_said_once() -> None:
    app = opened(gates="sideways", nonsense="1")
    assert app.warning[0].value.replace("\\", "").startswith("In this link gates is 'sideways'")
    app.segmented_control(key="gates").set_value("copy").run()
    assert not app.warning


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"seq": "example.77"}, "names example 77, and this model has"),
        ({"seq": "data.abcdefghijklmnopqrstuv"}, "no longer has"),
        ({"model": "file.abcdefghijklmnopqrstuv.0"}, "no longer has"),
        ({"seq": "text.eJw"}, "damaged"),
        ({"gates": "custom", "zmix": "1", "units": "999"}, "There is no unit 999"),
        ({"gates": "custom", "zmix": "1", "steps": "999"}, "There is no step 999"),
        ({"seq": "probe.noise"}, "reads symbols"),
        ({"layer": "7", "unit": "999", "t": "9999"}, ""),
    ],
)
@pytest.mark.parametrize("page", FRAMED)
def test_a_link_to_what_is_not_there_says_so_and_the_page_stays_usable(
    page: str, query: dict, says: str
) -> None:
    app = opened(**query)
    said = words(app)
    app = opened(page, **query)
    assert not app.exception
    assert says in (said + words(app)).replace("\\", "")
    app.selectbox(key="model").set_value("parity").run()
    app.segmented_control(key="gates").set_value("learned").run()
    assert not app.exception
    assert not app.error


def test_pasted_text_is_used_on_every_page() -> None:
    app = opened("your_data")
    app.text_area(key="pasted").set_value("B C A A").run()
    app.button(key="pasted_use").click().run()
    assert not app.exception
    app.switch_page("pages/gates.py").run()
    header, _ = next(payloads(app))
    assert header["levels"][0]["ticks"] == ["B", "C", "A", "A"]


def test_text_that_does_not_fit_says_what_would() -> None:
    app = opened("your_data")
    app.text_area(key="pasted").set_value("0110").run()
    assert "also has '0', '1'" in words(app).replace("\\", "")
    assert "Running parity" in words(app)


def test_the_default_picture_has_the_four_panels_of_the_core() -> None:
    header, _ = next(payloads(opened()))
    assert [panel["symbol"] for panel in header["panels"]] == ["R", "Z", "H_tilde", "H"]
    model = load_model(demo_path(DEMOS[0]))
    t = trace(model.gru, demo_sequence(model, 0).values)[0]
    assert (header["units"], header["steps"]) == (t.units, t.steps)


@pytest.mark.parametrize(("name", "said"), [("layer", "layer is 9"), ("unit", "unit is 99")])
def test_a_layer_or_unit_that_the_model_does_not_have(name: str, said: str) -> None:
    app = opened(**{name: said.split()[-1]})
    assert not app.exception
    assert said in words(app)
    assert link(app) == {}


def test_a_model_that_cannot_read_your_sequence_says_that_it_is_put_aside() -> None:
    app = opened("your_data")
    app.text_area(key="pasted").set_value("CABBAGE").run()
    app.button(key="pasted_use").click().run()
    app.selectbox(key="model").set_value("elnino").run()
    (warning,) = app.warning
    assert "cannot read your sequence" in warning.value
    assert "Pasted: CABBAGE" in app.selectbox(key="sequence").options
    app.segmented_control(key="gates").set_value("copy").run()
    assert not app.warning


def test_only_the_sequence_that_is_in_use_is_called_so() -> None:
    app = opened("your_data")
    used = "In use on every page"
    app.text_area(key="pasted").set_value("CABBAGE").run()
    assert used not in words(app)
    app.button(key="pasted_use").click().run()
    assert used in words(app)
    app.text_area(key="pasted").set_value("CABBAGED").run()
    assert used not in words(app)
    app.text_area(key="pasted").set_value("CABBAGE").run()
    app.selectbox(key="sequence").set_value("example.1").run()
    assert used not in words(app)


def test_the_answers_on_extremes_say_under_which_setting() -> None:
    for gates, name in (("copy", "Pure copy"), ("custom", "the sliders")):
        ((header, _),) = payloads(opened("extremes", gates=gates))
        assert header["outputs"]["note"].startswith(f"Under {name}: probability")


@pytest.mark.parametrize("units", ["-5", "0, -1", "-3:", "99"])
def test_a_unit_that_cannot_be_is_refused_also_where_no_gate_is_held(units: str) -> None:
    app = opened(gates="custom")
    assert not app.error
    app.text_input(key="units").set_value(units).run()
    assert "There is no unit" in app.error[0].value.replace("\\", "")
    app.text_input(key="units").set_value("0-2").run()
    assert not app.error


def test_a_unit_that_is_not_there_leaves_the_picture_as_it_was() -> None:
    app = opened(gates="custom", z="1", zmix="1", units="0-3")
    before = next(payloads(app))[1]
    app.text_input(key="units").set_value("0-3, 99").run()
    assert "no unit 99" in app.error[0].value.replace("\\", "")
    assert next(payloads(app))[1] == before
    app.text_input(key="units").set_value("0-2").run()
    assert not app.error
    assert next(payloads(app))[1] != before
