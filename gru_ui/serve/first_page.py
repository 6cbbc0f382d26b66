"""Leads a link to the first page by its name to where that page is: the root.

Streamlit's default page has no address of its own: at /gates it would say that there is no such page, and
then show that very page.
"""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class FirstPage:
    """Middleware: the address of the page `name` is answered with the root's, and the query kept."""

    def __init__(self, app: ASGIApp, *, name: str, base_path: str = "") -> None:
        self._app = app
        base = "/" + base_path.strip("/") if base_path.strip("/") else ""
        self._path = f"{base}/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        asked = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if not asked or path not in (self._path, self._path + "/"):
            await self._app(scope, receive, send)
            return
        # Relative, so that it is right behind every proxy, whatever that puts before the path.
        place = "../" if path.endswith("/") else "./"
        query = scope.get("query_string", b"").decode("latin-1")
        response = RedirectResponse(f"{place}?{query}" if query else place, status_code=307)
        await response(scope, receive, send)
