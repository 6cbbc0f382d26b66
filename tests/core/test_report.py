"""The report as a file: everything in it, in order, and nothing of it obeyed as markup."""

import re

import pytest

from gru_core import load_model, trace
from gru_core.demos import demo_path
from gru_core.errors import InputError
from gru_core.export.report import Entry, report_to_html
from gru_core.figures.heatmaps import gate_heatmaps
from gru_core.sequences.examples import demo_sequence

WORDS = {"contents": "Contents", "note": "Note", "again": "Again", "made_with": "Made with"}
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def figure():
    model = load_model(demo_path("remember"))
    x = model.encoder.encode(demo_sequence(model, 0))
    return gate_heatmaps(trace(model.gru, x)[0])


def test_every_view_stands_there_in_its_order_and_plotly_once(figure) -> None:
    entries = [
        Entry(
            f"View {number}",
            ("Model: a", "Gates: b"),
            figure,
            (f"Found {number}.",),
            f"Mine {number}",
            "http://h/x",
        )
        for number in range(3)
    ]
    page = report_to_html("Mine", entries, "en", WORDS).decode()
    found = re.findall(r"<h2>(View \d)</h2>", page)
    assert found == ["View 0", "View 1", "View 2"]
    assert page.count("Plotly.newPlot(") == 3
    alone = report_to_html("Mine", entries[:1], "en", WORDS)
    assert len(page) - len(alone) < 200_000, "Plotly itself is several megabytes, and stands there once"
    for number in range(3):
        assert f"Found {number}." in page
        assert f"Mine {number}" in page


def test_what_people_wrote_is_text(figure) -> None:
    entry = Entry(EVIL, (EVIL,), figure, (EVIL,), EVIL, "javascript:alert(1)")
    page = report_to_html(EVIL, [entry, entry], "en", WORDS).decode()
    assert EVIL not in page
    assert "javascript:" not in page.split("<script")[0] + page.rsplit("</script>", 1)[1]
    assert 'href="javascript' not in page


def test_nothing_is_no_report() -> None:
    with pytest.raises(InputError, match="at least one view"):
        report_to_html("Mine", [], "en", WORDS)
