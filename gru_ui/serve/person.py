"""Tells one browser from another, so that a person finds their own trainings again, and only their own.

A random number in a cookie: no name, no account, nothing about the person, and no script can read it. Whoever
deletes it keeps the links to their trainings but can no longer delete them.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "gatescope_person"
VALUE: Final = re.compile(r"[A-Za-z0-9_-]{32}")
KEEP_SECONDS: Final = 365 * 24 * 3600


class NamePerson:
    """Middleware: a browser that opens a page without the cookie is given one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = VALUE.fullmatch(HTTPConnection(scope).cookies.get(COOKIE, "")) is not None

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie(scope))
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _cookie(scope: Scope) -> str:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    value = secrets.token_urlsafe(24)
    return f"{COOKIE}={value}; Path=/; Max-Age={KEEP_SECONDS}; HttpOnly; SameSite=Lax{secure}"
