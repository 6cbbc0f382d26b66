"""The pieces that serve the app, each by itself."""

from __future__ import annotations

import asyncio
import base64
import gc
import gzip
import hashlib
import logging
import math
import re
import socket
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.types import Receive, Scope, Send

from gru_ui.serve import limits
from gru_ui.serve.__main__ import announcement
from gru_ui.serve.first_page import FirstPage
from gru_ui.serve.garbage import Activity, WatchActivity, collect_when_quiet
from gru_ui.serve.headers import SecurityHeaders, content_security_policy, inline_script_hashes
from gru_ui.serve.limits import Limits
from gru_ui.serve.script_errors import SENTENCES, show_script_error
from gru_ui.serve.sockets import CannotListenError, listen
from gru_ui.serve.static_files import CompressedStaticFiles, StaticFiles, accepts_gzip
from tests.support.asynchronous import run
from tests.support.server import free_port

FRONT_END = Path(st.__file__).parent / "static"


class Answer:
    """What an ASGI application sent."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            pairs = [(name.decode().lower(), value.decode()) for name, value in message["headers"]]
            self.headers = dict(pairs)
            assert len(self.headers) == len(pairs), "a header was sent twice"
        else:
            self.body += message.get("body", b"")


def ask(app: Any, path: str, method: str = "GET", query: str = "", **headers: str) -> Answer:
    """One request, straight into an ASGI application; underscores in header names stand for hyphens."""
    answer = Answer()
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").lower().encode(), v.encode()) for name, v in headers.items()],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    run(app(scope, receive, answer.send))
    return answer


async def elsewhere(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The app behind the middleware: answers 299, with a header that the middleware must replace."""
    await send(
        {
            "type": "http.response.start",
            "status": 299,
            "headers": [(b"x-frame-options", b"ALLOWALL"), (b"content-type", b"text/plain")],
        }
    )
    await send({"type": "http.response.body", "body": b"behind"})


@pytest.fixture(scope="module")
def files() -> StaticFiles:
    return StaticFiles(FRONT_END, "GateScope")


@pytest.fixture(scope="module")
def static_app(files: StaticFiles) -> CompressedStaticFiles:
    return CompressedStaticFiles(elsewhere, files=files)


@pytest.fixture(scope="module")
def script_path() -> str:
    """The front end's main script, as its index names it."""
    found = re.search(r'src="\.(/static/js/index\.[^"]+\.js)"', (FRONT_END / "index.html").read_text())
    assert found is not None
    return found[1]


def test_a_packed_file_unpacks_to_the_file_on_disk(
    static_app: CompressedStaticFiles, script_path: str
) -> None:
    on_disk = (FRONT_END / script_path[1:]).read_bytes()
    packed = ask(static_app, script_path, accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == on_disk
    assert int(packed.headers["content-length"]) == len(packed.body) < len(on_disk) / 2
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert "immutable" in packed.headers["cache-control"]

    plain = ask(static_app, script_path)
    assert plain.body == on_disk
    assert "content-encoding" not in plain.headers
    assert plain.headers["etag"] != packed.headers["etag"]


def test_a_browser_that_has_the_file_is_sent_nothing(
    static_app: CompressedStaticFiles, script_path: str
) -> None:
    etag = ask(static_app, script_path, accept_encoding="gzip").headers["etag"]
    again = ask(static_app, script_path, accept_encoding="gzip", if_none_match=f'"other", W/{etag}')
    assert (again.status, again.body) == (304, b"")
    assert ask(static_app, script_path, if_none_match=etag).status == 200


def test_the_index_is_asked_for_anew_and_bears_our_name(static_app: CompressedStaticFiles) -> None:
    for path in ("/", "/index.html", "/gates"):
        index = ask(static_app, path)
        assert index.headers["cache-control"] == "no-cache"
        assert b"<title>GateScope</title>" in index.body
        assert b'as="font"' not in index.body
        assert index.body.count(b"<script") == (FRONT_END / "index.html").read_bytes().count(b"<script")


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/health",
        "/_stcore/stream",
        "/media/abc.png",
        "/app/static/x.js",
        "/static/js/no-such-file.js",
        "/static/../index.html",
        "/../streamlit/__init__.py",
        "//index.html",
        "/a/b",
        "/static/js/",
    ],
)
def test_what_is_not_a_static_file_is_left_to_the_app(static_app: CompressedStaticFiles, path: str) -> None:
    assert ask(static_app, path, accept_encoding="gzip").status == 299


def test_only_reading_is_answered(static_app: CompressedStaticFiles) -> None:
    assert ask(static_app, "/", method="POST").status == 299
    head = ask(static_app, "/", method="HEAD")
    assert head.status == 200


def test_the_app_may_live_below_a_path(files: StaticFiles, script_path: str) -> None:
    below = CompressedStaticFiles(elsewhere, files=files, base_path="/class/gates/")
    assert ask(below, "/class/gates" + script_path).status == 200
    assert b"GateScope" in ask(below, "/class/gates").body
    assert ask(below, script_path).status == 299
    assert ask(below, "/class/gatesx").status == 299


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("*", True),
        ("*;q=0", False),
        ("identity", False),
        ("gzip;q=much", False),
        ("xgzip", False),
    ],
)
def test_gzip_only_where_it_is_taken(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_the_first_page_by_its_name_is_at_the_root() -> None:
    """Streamlit has no page at the default page's own name."""
    app = FirstPage(elsewhere, name="gates")
    for method in ("GET", "HEAD"):
        answer = ask(app, "/gates", method, query="model=elnino&gates=rnn&t=3&note=%E5%A5%BD%26")
        assert answer.status == 307
        assert answer.headers["location"] == "./?model=elnino&gates=rnn&t=3&note=%E5%A5%BD%26"
    assert ask(app, "/gates/", query="t=3").headers["location"] == "../?t=3"
    assert ask(app, "/gates").headers["location"] == "./"
    for path in ("/", "/gatesx", "/extremes", "/gates/_stcore/health", "/class/gates"):
        assert ask(app, path).status == 299
    assert ask(app, "/gates", "POST").status == 299
    below = FirstPage(elsewhere, name="gates", base_path="/class/gates/")
    assert ask(below, "/class/gates/gates", query="t=3").headers["location"] == "./?t=3"
    assert ask(below, "/class/gates").status == 299


def test_no_query_makes_the_redirect_lead_elsewhere_or_add_a_header() -> None:
    for query in ("//evil.example", "x\r\nSet-Cookie: a=b", "x\n\n<script>"):
        answer = ask(FirstPage(elsewhere, name="gates"), "/gates", query=query)
        assert answer.headers["location"].startswith("./?")
        assert "\n" not in answer.headers["location"]
        assert "\r" not in answer.headers["location"]
        assert "set-cookie" not in answer.headers


def test_the_policy_allows_the_index_its_own_scripts_and_no_others(files: StaticFiles) -> None:
    html = files.index_html()
    inline = re.findall(rb"<script>(.*?)</script>", html, re.DOTALL)
    assert inline, "the index has an inline script"
    expected = [f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in inline]
    assert inline_script_hashes(html) == expected
    directives = dict(
        part.strip().split(" ", 1) for part in content_security_policy(expected).split("; ") if part
    )
    assert directives["script-src"] == " ".join(["'self'", "blob:", *expected])
    assert "unsafe-eval" not in str(directives)
    assert directives["object-src"] == "'none'"
    assert directives["frame-ancestors"] == "'self'"
    everywhere = " ".join(directives.values())
    assert "http" not in everywhere
    assert "*" not in everywhere


def test_headers_are_on_every_answer_once() -> None:
    answer = ask(SecurityHeaders(elsewhere, policy="default-src 'self'"), "/anything")
    assert answer.status == 299
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert "camera=()" in answer.headers["permissions-policy"]


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/gates/_stcore/metrics"])
def test_metrics_are_private_unless_asked_for(path: str) -> None:
    assert ask(Limits(elsewhere), path).status == 404
    assert ask(Limits(elsewhere, public_metrics=True), path).status == 299


def test_uploads_are_bounded_by_visitor_and_in_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "uploaded_bytes", lambda: {"me": 70, "you": 20})
    app = Limits(elsewhere, session_bytes=100, server_bytes=150)

    def put(session: str, size: str) -> int:
        path = f"/_stcore/upload_file/{session}/some-file"
        return ask(app, path, method="PUT", content_length=size).status

    assert put("me", "30") == 299
    assert put("me", "31") == 413
    assert put("you", "60") == 299
    assert put("you", "61") == 413, "what everybody holds together counts too"
    assert ask(app, "/_stcore/upload_file/me/f", method="PUT").status == 411
    assert ask(app, "/_stcore/upload_file/me/f", method="DELETE").status == 299


ENDLESS = 60.0
"""Seconds after which garbage counts as never collected, however slow the machine."""


class Ring:
    """Garbage that only a collection finds: it refers to itself."""

    def __init__(self) -> None:
        self.me = self


def seconds_until_collected(activity: Activity, busy: bool, patience: float) -> float:
    """How long a ring of garbage lives under the timer, with or without visitors; endless if it stays."""

    async def measure() -> float:
        ring = weakref.ref(Ring())
        started = time.monotonic()
        collector = asyncio.create_task(
            collect_when_quiet(activity, interval=0.05, quiet=0.1, patience=patience)
        )
        while ring() is not None and time.monotonic() - started < ENDLESS:
            if busy:
                activity.note()
            await asyncio.sleep(0.005)
        collector.cancel()
        return math.inf if ring() is not None else time.monotonic() - started

    gc.collect()
    gc.disable()
    try:
        return run(measure())
    finally:
        gc.enable()


def test_garbage_is_collected_in_a_quiet_moment() -> None:
    assert 0.05 <= seconds_until_collected(Activity(), busy=False, patience=10 * ENDLESS) < math.inf


def test_garbage_waits_for_visitors_but_not_for_ever() -> None:
    assert 0.5 <= seconds_until_collected(Activity(), busy=True, patience=0.5) < math.inf


def test_every_message_counts_as_activity() -> None:
    activity = Activity()
    time.sleep(0.02)
    assert activity.quiet_seconds() >= 0.02
    before = activity.quiet_seconds()
    ask(WatchActivity(elsewhere, activity=activity), "/")
    assert activity.quiet_seconds() < before


def test_an_error_is_a_sentence_with_the_number_of_the_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(st, "error", shown.append)
    with caplog.at_level(logging.ERROR, logger="gatescope"):
        assert show_script_error(ValueError("secret detail")) is True
    number = re.search(r"the number ([0-9A-F]{6})\.$", shown[0])
    assert number is not None
    assert "secret" not in shown[0]
    assert number[1] in caplog.text
    assert "secret detail" in caplog.text
    assert set(SENTENCES) == {"en", "zh"}


def test_localhost_answers_and_sends_at_once() -> None:
    port = free_port()
    listening = listen("localhost", port)
    try:
        assert {bound.getsockname()[1] for bound in listening} == {port}
        with socket.create_connection(("localhost", port)):
            accepted = next(filter(None, map(accept, listening)))
        # Inherited by every connection: without it a rerun's messages wait 40 ms for each other.
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert accepted.proto == socket.IPPROTO_TCP, "asyncio looks at this before it does the same"
        accepted.close()

        with pytest.raises(CannotListenError) as caught:
            listen("localhost", port)
        assert str(caught.value).startswith(f"Port {port} on localhost cannot be used (")
        assert f"make run PORT={port + 1}" in str(caught.value)
    finally:
        for bound in listening:
            bound.close()


def accept(listening: socket.socket) -> socket.socket | None:
    try:
        return listening.accept()[0]
    except BlockingIOError:
        return None


@pytest.mark.parametrize(
    ("address", "port", "sentence"),
    [
        ("localhost", 0, "A port is a number from 1 to 65535, got 0"),
        ("localhost", 70000, "A port is a number from 1 to 65535, got 70000"),
        ("not an address", 8501, "'not an address' is not an address of this machine"),
    ],
)
def test_where_nobody_can_listen_is_said(address: str, port: int, sentence: str) -> None:
    with pytest.raises(CannotListenError, match=sentence):
        listen(address, port)


def test_the_address_that_is_announced_is_the_one_to_open() -> None:
    assert "GateScope is ready: http://localhost:8501\n" in announcement("localhost", 8501)
    assert "http://localhost:9/gates\n" in announcement("127.0.0.1", 9, "/gates/")
    assert "http://192.0.2.7:80\n" in announcement("192.0.2.7", 80)
