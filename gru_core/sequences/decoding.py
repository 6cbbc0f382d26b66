"""From bytes to text: which encoding it was is found out, said, and never guessed silently."""

import codecs
import re
import unicodedata

from gru_core.errors import InputError
from gru_core.limits import MAX_LABEL

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decode(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text in a file, and a note when its encoding was anything but UTF-8.

    Raises InputError when the bytes are no text at all.
    """
    for mark, encoding, title in _BOMS:
        if raw.startswith(mark):
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError as problem:
                raise InputError(f"{name!r} says it is {title}, and is not: save it as UTF-8.") from problem
            return _checked(text, name), (() if title == "UTF-8" else (f"Read as {title}.",))
    try:
        return _checked(raw.decode("utf-8"), name), ()
    except UnicodeDecodeError:
        pass
    if b"\x00" in raw:
        raise _no_text(name)
    if _looks_chinese(raw):
        try:
            return _checked(raw.decode("gb18030"), name), ("Not UTF-8; read as GB18030 (Chinese).",)
        except UnicodeDecodeError:
            pass
    note = "Not UTF-8; read as Latin-1, so some letters may be wrong: save it as UTF-8 to be sure."
    return _checked(raw.decode("latin-1"), name), (note,)


def clean_label(text: str) -> str:
    """A label as it is shown and stored: at most MAX_LABEL characters, none that no screen can show.

    Nothing else is changed: markup in a label stays the plain text it is.
    """
    shown = _UNSHOWABLE.sub("\ufffd", text)
    return shown if len(shown) <= MAX_LABEL else shown[: MAX_LABEL - 1] + "…"


def normalised(text: str) -> tuple[str, tuple[str, ...]]:
    """Text with one kind of newline and composed letters, and notes on what that changed."""
    notes = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if lines != text:
        notes.append("Line ends were made \\n.")
    composed = unicodedata.normalize("NFC", lines)
    if composed != lines:
        notes.append("Letters written in parts (a letter and its accent) were joined into one.")
    return composed, tuple(notes)


def _checked(text: str, name: str) -> str:
    controls = len(_CONTROL.findall(text[:200_000]))
    high = sum("\x80" <= character <= "\x9f" for character in text[:200_000])
    if "\x00" in text or controls + high > 0.02 * min(len(text), 200_000):
        raise _no_text(name)
    return text


def _no_text(name: str) -> InputError:
    return InputError(
        f"{name!r} is not text: it holds bytes that no table or text has. "
        "Save it as CSV or plain text (UTF-8), or choose a numpy (.npy, .npz) or Parquet file."
    )


def _looks_chinese(raw: bytes) -> bool:
    """Whether the bytes above 127 come in the pairs of GB 2312, which accented Latin letters do not."""
    runs = re.findall(rb"[\x80-\xff]+", raw[:200_000])
    return bool(runs) and all(
        len(run) % 2 == 0 and re.fullmatch(rb"([\xb0-\xf7\xa1-\xa9][\xa1-\xfe])+", run) for run in runs
    )
