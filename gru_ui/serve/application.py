"""Puts the pieces together into one ASGI application around app.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gru_ui.navigation import PAGES
from gru_ui.serve.first_page import FirstPage
from gru_ui.serve.garbage import Activity, WatchActivity
from gru_ui.serve.headers import SecurityHeaders, content_security_policy, inline_script_hashes
from gru_ui.serve.limits import Limits
from gru_ui.serve.person import NamePerson
from gru_ui.serve.script_errors import show_script_error
from gru_ui.serve.static_files import CompressedStaticFiles, StaticFiles
from gru_ui.serve.warm_up import STATE_KEY, lifespan

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SCRIPT: Final = ROOT / "app.py"
TITLE: Final = "GateScope"
# Where an operator's monitor asks whether the server is warm.
STATUS_PATH: Final = "/api/status"


def create_app(
    *,
    script: Path = SCRIPT,
    public_metrics: bool = False,
    base_path: str = "",
    announce: Callable[[], None] = lambda: None,
) -> st.App:
    """The app, ready to be served.

    Args:
        script: the Streamlit script to serve.
        public_metrics: whether anyone may read `/_stcore/metrics`.
        base_path: the path the app lives under behind a proxy (`server.baseUrlPath`).
        announce: called once when the server is warm.
    """
    files = StaticFiles(Path(st.__file__).parent / "static", TITLE)
    activity = Activity()

    async def status(_request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "ready": True,
                "post_script_gc": bool(st.get_option("runner.postScriptGC")),
                "max_upload_megabytes": st.get_option("server.maxUploadSize"),
                **asdict(app.state[STATE_KEY]),
            }
        )

    app = st.App(
        script,
        lifespan=lifespan(files, activity, announce),
        routes=[Route(STATUS_PATH, status)],
        middleware=[
            Middleware(WatchActivity, activity=activity),
            Middleware(NamePerson),
            Middleware(
                SecurityHeaders, policy=content_security_policy(inline_script_hashes(files.index_html()))
            ),
            Middleware(Limits, public_metrics=public_metrics),
            Middleware(FirstPage, name=PAGES[0].name, base_path=base_path),
            Middleware(CompressedStaticFiles, files=files, base_path=base_path),
        ],
        on_script_error=show_script_error,
    )
    return app
