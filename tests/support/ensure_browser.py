"""Makes sure that the browser tests have a browser: `python -m tests.support.ensure_browser`."""

from __future__ import annotations

import sys

from tests.support.browser import MISSING, NoBrowserError, find_browser
from tests.support.debian import ensure, may_install

# So that the Chinese pages can be looked at; a machine without it still runs every test.
FONTS = "fonts-noto-cjk"


def main() -> int:
    """Return 0 when a browser is there at the end, else 1 after one sentence on stderr."""
    try:
        return ensure(
            lambda: find_browser() is not None,
            "a browser",
            "chromium",
            MISSING,
            also=(FONTS,),
            prefix=may_install(),
        )
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
