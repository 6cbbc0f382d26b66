"""A real browser against a real server.

    def test_something(app_url, new_page):
        page = new_page(app_url, scheme="dark", width=390, height=844)
        page.get_by_role("radio", name="Copy").click()
        settled(page)

A page that throws, logs an error, is refused something by its security policy or asks another machine for
anything fails its test, whatever else the test looks at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.support.browser import launch_arguments, require_browser
from tests.support.pages import settled, watch_wire
from tests.support.server import running

Serve = Callable[..., str]
NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser, so nobody has to remember the mark."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser's program; fails, rather than skips, where there is none."""
    return require_browser()


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """One browser for all tests; `new_page` gives each its own clean context."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium_path), args=launch_arguments())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """The app, served once for the whole run as `make run` serves it. Sessions do not see each other."""
    with running() as server:
        yield server.url


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """`serve(script, **options) -> url`: a page of the tests' own, out of `apps`, with options in capitals.

    Script and options travel in the address (`apps/any_app.py` and `apps/options.py` read it), so
    that one server, started once for the whole run, shows every page in every variant.
    """
    started: list[str] = []
    with ExitStack() as stack:

        def start(script: Path, **options: str) -> str:
            if not started:
                started.append(stack.enter_context(running(script.with_name("any_app.py"))).url)
            return f"{started[0]}/?{urlencode({'APP': script.name, **options})}"

        yield start


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """`new_page(url=None, *, scheme, width, height, locale, allow) -> Page` in a context of its own.

    With a `url` the page is opened and the script has finished when it is returned. `allow` holds regular
    expressions for complaints that the test provokes on purpose.
    """
    with pages_of(browser) as opened:
        yield opened


@contextmanager
def pages_of(browser: Browser) -> Iterator[NewPage]:
    """What `new_page` is, for fixtures whose pages several tests look at. Complaints are told at the end."""
    complaints: list[str] = []
    allowed: list[re.Pattern[str]] = []
    with ExitStack() as stack:

        def opened(
            url: str | None = None,
            *,
            scheme: str = "light",
            width: int = 1366,
            height: int = 768,
            locale: str = "en-US",
            touch: bool = False,
            motion: str = "no-preference",
            allow: tuple[str, ...] = (),
        ) -> Page:
            allowed.extend(re.compile(pattern) for pattern in allow)
            context = browser.new_context(
                color_scheme=scheme,
                viewport={"width": width, "height": height},
                locale=locale,
                has_touch=touch,
                reduced_motion=motion,
                accept_downloads=True,
            )
            stack.callback(context.close)
            watch_wire(context)
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(f"uncaught in the page: {error}"))
            page.on("console", lambda message: _note_console(complaints, message))
            page.on("request", lambda request: _note_request(complaints, request))
            if url is not None:
                page.goto(url)
                settled(page)
            return page

        yield opened
    unexpected = [text for text in complaints if not any(pattern.search(text) for pattern in allowed)]
    assert not unexpected, "\n".join(["The page complained:", *unexpected])


def _note_console(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type == "error":
        place = message.location.get("url", "")
        complaints.append(f"console error: {message.text} ({place})")


def _note_request(complaints: list[str], request: Request) -> None:
    address = urlsplit(request.url)
    if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in {
        "localhost",
        "127.0.0.1",
    }:
        complaints.append(f"asked another machine for {request.url}")
