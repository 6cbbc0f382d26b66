"""The pages, in the order of the menu."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from gru_ui.texts import say


@dataclass(frozen=True)
class PageSpec:
    """One page: its name in the catalogue and in the address, and its icon. The file has the same name."""

    name: str
    icon: str

    @property
    def file(self) -> str:
        """The page's file, from the top of the project."""
        return f"pages/{self.name}.py"


SECTIONS: dict[str, tuple[PageSpec, ...]] = {
    "": (
        PageSpec("gates", ":material/grid_on:"),
        PageSpec("cell", ":material/account_tree:"),
        PageSpec("extremes", ":material/tune:"),
        PageSpec("lessons", ":material/school:"),
        PageSpec("puzzles", ":material/extension:"),
        PageSpec("your_data", ":material/upload_file:"),
    ),
    "meaning": (
        PageSpec("square", ":material/crop_square:"),
        PageSpec("memory", ":material/history:"),
        PageSpec("saturation", ":material/bubble_chart:"),
        PageSpec("gradients", ":material/trending_down:"),
        PageSpec("ripple", ":material/waves:"),
        PageSpec("space", ":material/scatter_plot:"),
        PageSpec("phase", ":material/explore:"),
        PageSpec("find", ":material/search:"),
        PageSpec("compare", ":material/compare:"),
        PageSpec("report", ":material/summarize:"),
    ),
    "models": (
        PageSpec("gallery", ":material/gallery_thumbnail:"),
        PageSpec("train", ":material/model_training:"),
        PageSpec("race", ":material/sports_score:"),
    ),
}
"""The pages by where they stand in the menu: "" in the bar itself, the others in a list that opens there."""

PAGES: tuple[PageSpec, ...] = tuple(page for section in SECTIONS.values() for page in section)

VIEWS: tuple[str, ...] = tuple(page.name for page in SECTIONS["meaning"] if page.name != "report")
"""The pages that say what the gates mean, each by one picture of the chosen model on the chosen sequence."""


def navigate() -> Any:
    """Draw the menu and give the page that the address names, ready to run."""
    # Without an icon of its own the tab would show the page's, which the browser fetches from elsewhere.
    st.set_page_config(page_title=say("app.name"), page_icon="assets/logo.svg", layout="wide")
    return st.navigation(
        {
            say(f"app.section_{name}") if name else "": [_page(page) for page in section]
            for name, section in SECTIONS.items()
        },
        position="top",
    )


def _page(page: PageSpec) -> Any:
    return st.Page(
        page.file,
        title=say(f"app.{page.name}"),
        icon=page.icon,
        help=say(f"app.{page.name}_help"),
        url_path=page.name,
        default=page is PAGES[0],
    )


def page_file(name: str) -> str:
    """The file of a page, for links between pages. Raises StopIteration for a name that is not in PAGES."""
    return next(page.file for page in PAGES if page.name == name)
