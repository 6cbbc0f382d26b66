"""What people take home opens elsewhere and holds the numbers of the screen."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from gru_core import EXTREMES, trace
from gru_core.sequences import sequence_from_symbols
from gru_core.symbols import TRACED
from gru_core.trace import GateTrace
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, Picture, demo, demo_trace, go_to, paste, use

PNG = b"\x89PNG\r\n\x1a\n"


def download(page: Page, button: Locator, folder: Path) -> Path:
    """The file that a button saves."""
    with page.expect_download(timeout=60_000) as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def assert_equal(found: dict[str, np.ndarray], expected: GateTrace) -> None:
    for symbol in TRACED:
        np.testing.assert_array_equal(found[symbol.name], getattr(expected, symbol.name), symbol.name)


def test_numbers_are_saved_in_full(app_url: str, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(f"{app_url}/?gates=rnn")
    expected = demo_trace(overrides=EXTREMES["rnn"])
    numbers = download(page, page.get_by_role("button", name="Numbers (NPZ)"), tmp_path)
    assert numbers.name == "remember-rnn.npz"
    with np.load(numbers, allow_pickle=False) as arrays:
        # The engine is the server's: equal up to rounding, and stored without loss.
        for symbol in TRACED:
            np.testing.assert_allclose(arrays[symbol.name], getattr(expected, symbol.name), atol=1e-6)
        exact = {name: arrays[name] for name in arrays.files}
    table = download(page, page.get_by_role("button", name="Numbers (CSV)"), tmp_path)
    assert table.name == "remember-rnn.csv"
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert len(rows) == 30 * 16
    labels = demo()[1].labels
    for row in rows[::37]:
        step, unit = int(row["step"]), int(row["unit"])
        assert row["symbol"] == labels[step]
        for symbol in TRACED:
            assert np.float32(row[symbol.name]) == exact[symbol.name][0, step, unit]


def test_the_saved_page_opens_without_a_server(app_url: str, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(f"{app_url}/?gates=copy", scheme="dark")
    saved = download(page, page.get_by_role("button", name="Picture (HTML)"), tmp_path)
    assert saved.name == "remember-copy.html"
    alone = new_page(scheme="dark")
    alone.goto(saved.as_uri())
    alone.wait_for_selector(".js-plotly-plot .main-svg")
    panels = alone.evaluate(
        """() => {
            const { _fullData: traces, _fullLayout: layout } = document.querySelector(".js-plotly-plot");
            return traces.filter(({ type }) => type === "heatmap").map(({ z, coloraxis }) => {
                const { cmin, cmax } = layout[coloraxis];
                return { z: Array.from(z, (row) => Array.from(row)), range: [cmin, cmax] };
            });
        }"""
    )
    expected = demo_trace(overrides=EXTREMES["copy"])
    for panel, symbol in zip(panels, TRACED, strict=False):
        assert tuple(panel["range"]) == symbol.range
        np.testing.assert_allclose(np.array(panel["z"]).T, getattr(expected, symbol.name)[0], atol=1e-6)
    assert "Z is 1 at every step" in alone.locator("figcaption").inner_text()


def test_the_picture_is_saved_as_png_and_svg(app_url: str, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(f"{app_url}/?gates=rnn&t=4")
    picture = Picture(page)

    def kind(name: str) -> Path:
        picture.root.locator("summary").click()
        return download(page, page.get_by_role("button", name=name), tmp_path)

    png = kind("PNG image")
    assert png.name == "remember-rnn.png"
    content = png.read_bytes()
    assert content.startswith(PNG)
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    assert width >= 2 * 1200
    assert height >= 2 * 400
    svg = kind("SVG drawing")
    assert svg.name == "remember-rnn.svg"
    root = ElementTree.fromstring(svg.read_text(encoding="utf-8"))
    words = " ".join("".join(node.itertext()) for node in root.iter() if node.tag.endswith("text"))
    for expected in ("reset gate", "update gate", "candidate", "hidden state", "Output"):
        assert expected in words
    description = "".join(next(node for node in root.iter() if node.tag.endswith("desc")).itertext())
    assert description.startswith("Heatmaps of R, Z, H̃ and H for 16 units over 30 steps.")


@pytest.mark.parametrize("kind", ["example", "pasted"])
def test_the_python_lines_give_the_same_numbers(
    kind: str, app_url: str, new_page: NewPage, tmp_path: Path, repository: Path
) -> None:
    if kind == "example":
        free = "gates=custom&z=0.25&zmix=0.5&units=0%2C3-5&steps=2%3A9"
        page = new_page(f"{app_url}/?model=elnino&seq=example.3&{free}")
    else:
        page = new_page(f"{app_url}/your_data?gates=rnn", allow=(PROBED,))
        paste(page, "H A B A D")
        use(page)
        go_to(page, "Gates")
    picture = Picture(page)
    page.get_by_role("button", name="Python").click()
    code = page.locator("[data-testid=stCode] code")
    code.wait_for()
    settled(page)
    lines = code.inner_text()
    out = tmp_path / "out.npz"
    script = f"{lines}\nimport numpy\nnumpy.savez({str(out)!r}, Z=t.Z, H=t.H, answers=answers)\n"
    subprocess.run(
        [sys.executable, "-c", script], cwd=repository, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True
    )
    page.keyboard.press("Escape")
    with np.load(out) as found:
        steps, units = found["H"].shape[1:]
        np.testing.assert_allclose(picture.values(3, steps, units), found["H"][0], atol=2e-5)
        np.testing.assert_allclose(picture.values(1, steps, units), found["Z"][0], atol=1e-5)
        if kind == "pasted":
            model = demo()[0]
            x = model.encoder.encode(sequence_from_symbols(list("HABAD"), "typed"))
            rnn = trace(model.gru, x, overrides=EXTREMES["rnn"])[0]
            np.testing.assert_allclose(found["H"], rnn.H, atol=1e-6)
    assert not re.search(r"/tmp|/home|/root", lines)
