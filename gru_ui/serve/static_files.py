"""Streamlit's own scripts and styles, compressed once and kept in memory.

Streamlit sends its static files uncompressed, because compressing them again for every visitor would cost
more than it saves. Compressed once they cost only memory, and a third of the bytes go over the wire.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

COMPRESSIBLE: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
# Files below this folder carry a hash of their content in their name.
IMMUTABLE_FOLDER: Final = "static"
INDEX: Final = "index.html"
FOREVER: Final = "public, max-age=31536000, immutable"
REVALIDATE: Final = "no-cache"
SMALLEST: Final = 500
LEVEL: Final = 6
# A page of the app: one plain word. Streamlit answers all of these with the index.
_PAGE: Final = re.compile(r"/[\w-]*")
_TITLE: Final = re.compile(rb"<title>[^<]*</title>")
# The theme uses the fonts that the machine has, so the face that Streamlit preloads would go unused.
_FONT_PRELOAD: Final = re.compile(rb'<link\s+rel="preload"[^>]*as="font"[^>]*/?>\s*')


@dataclass(frozen=True)
class PackedFile:
    """One file as gzip packs it, with the headers it is sent with. `etag` names its content."""

    packed: bytes
    plain_size: int
    media_type: str
    etag: str
    cache_control: str

    def plain(self) -> bytes:
        """The file as it is, for the rare client that does not take gzip."""
        return gzip.decompress(self.packed)


class StaticFiles:
    """The files of Streamlit's front end by the path they are asked for, packed when first needed.

    Only files found when the object is made can be asked for, so no path leads out of `folder`.
    """

    def __init__(self, folder: Path, title: str) -> None:
        self._title = title
        self._files = {
            "/" + file.relative_to(folder).as_posix(): file
            for file in sorted(folder.rglob("*"))
            if file.suffix in COMPRESSIBLE and file.is_file() and file.stat().st_size >= SMALLEST
        }
        self._packed: dict[str, PackedFile] = {}
        self._lock = threading.Lock()

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def paths(self) -> Iterable[str]:
        """Every path that can be asked for, those that every visitor needs first."""
        index = self._files["/" + INDEX].read_text(encoding="utf-8")
        return sorted(self._files, key=lambda path: Path(path).name not in index)

    def index_html(self) -> bytes:
        """The page that every visitor gets, with the app's title."""
        return self.file("/" + INDEX).plain()

    def file(self, path: str) -> PackedFile:
        """The file asked for as `path`.

        Raises:
            KeyError: there is none.
        """
        with self._lock:
            known = self._packed.get(path)
        if known is not None:
            return known
        file = self._files[path]
        plain = file.read_bytes()
        if file.name == INDEX:
            plain = _FONT_PRELOAD.sub(b"", plain)
            plain = _TITLE.sub(f"<title>{self._title}</title>".encode(), plain, count=1)
        packed = PackedFile(
            packed=gzip.compress(plain, LEVEL, mtime=0),
            plain_size=len(plain),
            media_type=COMPRESSIBLE[file.suffix],
            etag=hashlib.sha256(plain).hexdigest()[:32],
            cache_control=FOREVER if path.startswith(f"/{IMMUTABLE_FOLDER}/") else REVALIDATE,
        )
        with self._lock:
            return self._packed.setdefault(path, packed)

    def pack_all(self) -> tuple[int, int]:
        """Pack every file now; return (bytes as they are, bytes packed)."""
        files = [self.file(path) for path in self.paths()]
        return sum(file.plain_size for file in files), sum(len(file.packed) for file in files)


class CompressedStaticFiles:
    """Middleware that answers for `StaticFiles` and leaves everything else to the app."""

    def __init__(self, app: ASGIApp, *, files: StaticFiles, base_path: str = "") -> None:
        self._app = app
        self._files = files
        self._base = "/" + base_path.strip("/") if base_path.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._asked_for(scope)
        if path is None:
            await self._app(scope, receive, send)
            return
        response = answer(self._files.file(path), Headers(scope=scope))
        await response(scope, receive, send)

    def _asked_for(self, scope: Scope) -> str | None:
        """The path of the file to answer with, or None where the request is not ours."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        path: str = scope["path"]
        if self._base:
            if path != self._base and not path.startswith(self._base + "/"):
                return None
            path = path[len(self._base) :] or "/"
        if path in self._files:
            return path
        return "/" + INDEX if _PAGE.fullmatch(path) else None


def answer(file: PackedFile, request: Headers) -> Response:
    """The file, packed where the browser takes that; 304 without a body where it has it already."""
    takes_gzip = accepts_gzip(request.get("accept-encoding", ""))
    # The two forms are different bytes, hence different (strong) tags.
    etag = f'"{file.etag}-gzip"' if takes_gzip else f'"{file.etag}"'
    headers = {"ETag": etag, "Cache-Control": file.cache_control, "Vary": "Accept-Encoding"}
    known = {tag.strip().removeprefix("W/") for tag in request.get("if-none-match", "").split(",")}
    if etag in known:
        return Response(status_code=304, headers=headers)
    if takes_gzip:
        headers["Content-Encoding"] = "gzip"
    return Response(file.packed if takes_gzip else file.plain(), headers=headers, media_type=file.media_type)


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header allows gzip (RFC 9110, section 12.5.3: q=0 forbids)."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            weights[coding.strip().lower()] = float(value) if name.strip().lower() == "q" else 1.0
        except ValueError:
            weights[coding.strip().lower()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0.0
