"""A link as a QR code that a telephone reads from the back row.

How far a code can be read goes by the size of its squares: a telephone needs about two millimetres of
square for every metre (three pixels of a picture that is 1920 pixels wide and sees 65 degrees). On a
projector's picture that is one metre high there is room for a code of 0.85 m: 65 squares across, version 10
with its quiet zone, are 13 mm each and are read from six to seven metres. More squares are not drawn.
"""

import io

import segno

MOST_VERSION = 10
"""The largest code that is drawn: 57 squares across, and 271 characters (ISO/IEC 18004, table 7)."""

QUIET = 4
"""White squares around a code: what its standard asks for."""


def qr_svg(link: str) -> str | None:
    """The code as an SVG drawing, black on white with its quiet zone; None for a link that is too long.

    >>> qr_svg("https://example.org/?t=3")[:4], qr_svg("https://example.org/?seq=" + "A" * 300)
    ('<svg', None)
    """
    try:
        # The strongest error correction that costs no more squares.
        code = segno.make_qr(link, error="l", boost_error=True, version=None)
    except segno.DataOverflowError:
        return None
    if int(code.version) > MOST_VERSION:
        return None
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", scale=8, border=QUIET, dark="#000", light="#fff", xmldecl=False)
    return drawn.getvalue().decode()
