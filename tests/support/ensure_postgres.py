"""Makes sure that the tests of the store have PostgreSQL: `python -m tests.support.ensure_postgres`."""

from __future__ import annotations

import sys

from tests.support.debian import ensure, may_install
from tests.support.postgres import MISSING, find_programs


def main() -> int:
    """Return 0 when PostgreSQL is there at the end, else 1 after one sentence on stderr."""
    return ensure(
        lambda: find_programs() is not None, "PostgreSQL", "postgresql", MISSING, prefix=may_install()
    )


if __name__ == "__main__":
    sys.exit(main())
