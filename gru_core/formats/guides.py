"""Every framework's guide, from the containers and the namings that know it: what docs and app tell of."""

from gru_core.formats.guide import Guide
from gru_core.formats.loading import FORMATS
from gru_core.formats.namings import NAMINGS


def all_guides() -> tuple[Guide, ...]:
    """In the order in which files and names are tried, each title once."""
    found: dict[str, Guide] = {}
    for guide in (*(g for f in FORMATS for g in f.guides), *(g for n in NAMINGS for g in n.guides)):
        found.setdefault(guide.title, guide)
    return tuple(found.values())
