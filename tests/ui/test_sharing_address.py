"""The link that is handed out is under the address by which others reach the server."""

import pytest

from gru_ui.sharing.address import address_of
from gru_ui.sharing.qr import MOST_VERSION, qr_svg

HERE = "http://localhost:8501"


@pytest.mark.parametrize(
    ("url", "page", "asked", "base", "is_private"),
    [
        (f"{HERE}/", "", {}, HERE, True),
        (f"{HERE}/extremes", "extremes", {}, HERE, True),
        ("https://school.example/gru/train", "train", {}, "https://school.example/gru", False),
        # A page's name is taken off the end only.
        ("https://train.example/train/train", "train", {}, "https://train.example/train", False),
        (f"{HERE}/", "", {"listens": "0.0.0.0", "network": "192.168.1.5"}, "http://192.168.1.5:8501", False),
        (f"{HERE}/", "", {"listens": "::", "network": "fd00::5"}, "http://[fd00::5]:8501", False),
        # The server lets nobody in: the address in the network would not answer.
        (f"{HERE}/", "", {"listens": "localhost", "network": "192.168.1.5"}, HERE, True),
        (f"{HERE}/", "", {"listens": "0.0.0.0", "network": None}, HERE, True),
        ("http://10.0.0.7/", "", {"listens": "0.0.0.0", "network": "172.17.0.2"}, "http://10.0.0.7", False),
        (f"{HERE}/race", "race", {"said": "https://gru.example/a/"}, "https://gru.example/a", False),
    ],
)
def test_the_address_is_what_others_type(
    url: str, page: str, asked: dict[str, str], base: str, is_private: bool
) -> None:
    found = address_of(url, page, **asked)
    assert (found.base, found.is_private) == (base, is_private)
    assert found.link(page, {}) == f"{base}/{page}"


def test_a_code_is_drawn_up_to_the_length_that_can_be_read_from_afar() -> None:
    """271 bytes are what a code of version 10 holds with the least error correction (ISO/IEC 18004)."""
    assert MOST_VERSION == 10
    start = "https://example.org/?seq="
    assert qr_svg(start + "a" * (271 - len(start))) is not None
    assert qr_svg(start + "a" * (272 - len(start))) is None
    assert qr_svg("a" * 100_000) is None
