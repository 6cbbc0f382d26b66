"""What visitors cannot ask for: the server's own metrics, and more uploads than it has memory for.

Streamlit bounds the size of one file (`server.maxUploadSize`, HTTP 413) but keeps every uploaded file in
memory until its session ends, however many there are. Here a session and the whole server have a bound too.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime

MEGABYTE: Final = 1024 * 1024
SESSION_UPLOAD_BYTES: Final = 150 * MEGABYTE
SERVER_UPLOAD_BYTES: Final = 1024 * MEGABYTE

_METRICS: Final = "/_stcore/metrics"
_UPLOAD: Final = "/_stcore/upload_file/"


class Limits:
    """Middleware: 404 for the metrics unless they are public, 413 for an upload beyond the bounds."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_metrics: bool = False,
        session_bytes: int = SESSION_UPLOAD_BYTES,
        server_bytes: int = SERVER_UPLOAD_BYTES,
    ) -> None:
        self._app = app
        self._public_metrics = public_metrics
        self._session_bytes = session_bytes
        self._server_bytes = server_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if path.rstrip("/").endswith(_METRICS) and not self._public_metrics:
            return PlainTextResponse("Not Found", status_code=404)
        _, found, rest = path.partition(_UPLOAD)
        if found and scope["method"] in {"PUT", "POST"}:
            return self._upload_refusal(rest.partition("/")[0], Headers(scope=scope))
        return None

    def _upload_refusal(self, session_id: str, headers: Headers) -> Response | None:
        """413 where the announced size would exceed a bound; 411 where no size is announced."""
        announced = headers.get("content-length", "")
        if not announced.isdigit():
            return PlainTextResponse("An upload must announce its size.", status_code=411)
        held = uploaded_bytes()
        size = int(announced)
        if held.get(session_id, 0) + size > self._session_bytes:
            limit = self._session_bytes // MEGABYTE
            text = f"One visitor may keep {limit} MB of uploads: remove a file first."
        elif sum(held.values()) + size > self._server_bytes:
            text = "The server holds all the uploads it has memory for: try again later."
        else:
            return None
        return PlainTextResponse(text, status_code=413)


def uploaded_bytes() -> dict[str, int]:
    """Bytes of uploads held in memory, by session."""
    if not Runtime.exists():
        return {}
    storage = getattr(Runtime.instance().uploaded_file_mgr, "file_storage", {})
    return {
        session: sum(len(record.data) for record in list(files.values()))
        for session, files in list(storage.items())
    }
