"""The real server, started as `make run` starts it."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from benchmarks.streamlit_client import visit
from gru_ui.serve import limits
from tests.support.asynchronous import run
from tests.support.server import Server, running

FRONT_END = Path(st.__file__).parent / "static"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def request(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in named.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def test_the_server_is_warm_frozen_and_does_not_collect_after_reruns(server: Server) -> None:
    status, _, body = request(server, "/api/status")
    found = json.loads(body)
    assert status == 200
    assert found["ready"] is True
    assert found["post_script_gc"] is False
    assert found["max_upload_megabytes"] == 50
    # torch alone is some 200,000 objects; a collection would walk them all.
    assert found["frozen_objects"] > 100_000
    assert found["static_packed_bytes"] < found["static_bytes"] / 3


def test_the_server_says_where_it_is_and_nothing_else(server: Server) -> None:
    lines = [line.strip() for line in server.log().splitlines() if line.strip()]
    assert lines[:3] == [
        "GateScope is warming up (the very first time, for up to a minute) ...",
        f"GateScope is ready: {server.url}",
        "Stop it with Ctrl+C.",
    ]
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("path", ["/", "/gates", "/_stcore/health", "/static/js/none.js", "/api/status"])
def test_every_real_answer_has_the_headers(server: Server, path: str) -> None:
    _, headers, _ = request(server, path)
    for name in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
        assert len(headers.get_all(name)) == 1, name


def test_a_link_to_the_first_page_by_its_name_leads_to_the_root(server: Server) -> None:
    status, headers, _ = request(server, "/gates?model=elnino&gates=rnn")
    assert (status, headers["Location"]) == (307, "./?model=elnino&gates=rnn")
    assert request(server, "/?model=elnino&gates=rnn")[0] == 200
    assert request(server, "/extremes?model=elnino")[0] == 200


def test_the_real_front_end_arrives_packed(server: Server) -> None:
    found = re.search(r'src="\.(/static/js/index\.[^"]+\.js)"', (FRONT_END / "index.html").read_text())
    assert found is not None
    script_path = found[1]
    status, headers, body = request(server, script_path, Accept_Encoding="gzip")
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == (FRONT_END / script_path[1:]).read_bytes()


def test_the_real_metrics_and_endless_uploads_are_refused(server: Server) -> None:
    assert request(server, "/_stcore/metrics")[0] == 404
    too_big = str(limits.SESSION_UPLOAD_BYTES + 1)
    path = "/_stcore/upload_file/a-session/a-file"
    status, _, body = request(server, path, method="PUT", Content_Length=too_big)
    assert status == 413
    assert b"150 MB" in body


def test_a_second_server_on_the_same_port_ends_with_a_sentence(server: Server) -> None:
    words = [sys.executable, "-m", "gru_ui.serve", "--port", str(server.port), "--no-browser"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Port {server.port} on localhost cannot be used (")
    assert done.stderr.count("\n") == 1


def test_plain_streamlit_serves_the_same_app() -> None:
    async def look(url: str) -> int:
        async with visit(url) as visitor:
            await visitor.run()
            return (await visitor.choose("gates", 1)).received_bytes

    with running(plain=True) as started:
        assert run(look(started.url)) > 10_000
        assert "Traceback" not in started.log()


def test_a_page_that_fails_shows_a_sentence_and_the_log_has_the_traceback(tmp_path: Path) -> None:
    script = tmp_path / "failing.py"
    script.write_text("import streamlit as st\nst.title('before')\nraise ValueError('secret detail')\n")

    async def look(url: str) -> tuple[str, ...]:
        async with visit(url) as visitor:
            return (await visitor.run()).alerts

    with running(script) as started:
        (sentence,) = run(look(started.url))
        number = re.search(r"the number ([0-9A-F]{6})\.$", sentence)
        assert number is not None
        assert "secret" not in sentence
        assert f"Uncaught error {number[1]} in a page" in started.log()
        assert "ValueError: secret detail" in started.log()


@pytest.mark.parametrize(("told", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_the_server_ends_when_it_is_told_to(told: signal.Signals, code: int) -> None:
    with running() as started:
        started.process.send_signal(told)
        assert started.process.wait(timeout=60) == code
        assert "Traceback" not in started.log()
