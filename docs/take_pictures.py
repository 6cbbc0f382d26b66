"""Takes the pictures of README and docs from the app as it is: `make pictures` writes docs/images/*.png."""

from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import launch_arguments, require_browser
from tests.support.server import running

IMAGES = Path(__file__).resolve().parent / "images"

PICTURES = (
    ("gates", "/", 1366, 768, "light"),
    ("extremes", "/extremes", 1366, 1130, "light"),
    ("copy-dark", "/?gates=copy", 1366, 768, "dark"),
    ("parity", "/?model=parity&unit=0", 1366, 900, "light"),
    ("phone", "/?gates=rnn", 390, 844, "light"),
    ("gallery", "/gallery", 1366, 768, "light"),
    ("cell", "/cell?t=5&unit=3", 1366, 768, "light"),
    ("square", "/square?model=brackets&t=6", 1366, 768, "light"),
    ("space", "/space?model=flipflop", 1366, 768, "light"),
    ("memory", "/memory", 1366, 768, "light"),
    ("gradients", "/gradients", 1366, 768, "light"),
    ("lesson", "/lessons?lesson=3-the-update-gate&step=3&lang=zh", 1366, 768, "light"),
)
"""Name, address, width and height of the window, colour scheme."""


def shoot(browser: Browser, url: str, name: str, width: int, height: int, scheme: str) -> None:
    """One picture, taken when the script has run and the heatmaps are painted."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page: Page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("canvas, .js-plotly-plot .main-svg")
    page.wait_for_timeout(1_000)
    # What is worked out meanwhile belongs to the picture.
    page.wait_for_selector("[class*='_under_way']", state="detached", timeout=120_000)
    page.wait_for_timeout(1_000)
    page.screenshot(path=str(IMAGES / f"{name}.png"))
    context.close()


def shoot_a_run(browser: Browser, url: str, name: str, address: str, start: str, height: int) -> None:
    """A picture of a training or a race that has just ended."""
    context = browser.new_context(viewport={"width": 1366, "height": height}, color_scheme="light")
    page: Page = context.new_page()
    page.goto(url + address)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.get_by_role("button", name=start, exact=True).click()
    page.get_by_role("button", name="again").wait_for(timeout=300_000)
    page.wait_for_timeout(2_000)
    page.screenshot(path=str(IMAGES / f"{name}.png"))
    context.close()


def main() -> None:
    """Serve the app and take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(require_browser()), args=launch_arguments())
        for name, address, width, height, scheme in PICTURES:
            shoot(browser, server.url + address, name, width, height, scheme)
        shoot_a_run(browser, server.url, "train", "/train", "Train", 800)
        shoot_a_run(browser, server.url, "race", "/race", "Race", 900)
        browser.close()


if __name__ == "__main__":
    main()
