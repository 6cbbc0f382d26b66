"""The form for arrays of unknown names in a real browser: drop an output, take the best reading."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage, Serve
from tests.support.pages import settled
from tests.support.renamed import RENAMED

APP = Path(__file__).parent / "apps" / "own_reading_app.py"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model of arrays a and b, and an input with the output of the framework it comes from."""
    case, folder = RENAMED["paddle legacy"](), tmp_path_factory.mktemp("own")
    np.savez(folder / "own.npz", **{name: value.numpy() for name, value in case.arrays.items()})
    np.savez(folder / "pair.npz", X=case.x, H=case.output)
    return folder / "own.npz", folder / "pair.npz"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 390)])
def test_an_output_finds_the_reading_and_nothing_is_cut_off(
    serve: Serve, new_page: NewPage, files: tuple[Path, Path], scheme: str, width: int
) -> None:
    model, pair = files
    page = new_page(serve(APP, ARRAYS=str(model)), scheme=scheme, width=width)
    expect(page.get_by_text("How is it packed?")).to_be_visible()
    page.locator("input[type=file]").set_input_files(pair)
    expect(page.get_by_text("One of 288 readings gives this output")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Take the best one").click()
    expect(page.get_by_role("button", name="The form says the best one")).to_be_disabled()
    settled(page)
    expect(page.get_by_text("This reads 18 inputs and has 6 units.")).to_be_visible()
    expect(page.get_by_role("radio", name="writes the new")).to_be_checked()
    # Neither the page nor a row of buttons is wider than the screen.
    wide = page.evaluate(
        "() => [document.querySelector('[data-testid=stMain]'), "
        "...document.querySelectorAll('[data-testid=stButtonGroup], [data-testid=stButtonGroup] *')]"
        ".filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 "
        "&& getComputedStyle(e).overflowX !== 'visible').length"
    )
    assert wide == 0
