"""Files that cannot be read: one sentence, said again at every click without being read again."""

from __future__ import annotations

from typing import Any

import pytest

from gru_core.errors import GateScopeError, JobError, LimitError, ModelFileError
from gru_core.reading_room import ReadingRoom
from tests.ui.test_pages import opened


@pytest.mark.parametrize(
    ("error", "times"), [(ModelFileError, 2), (LimitError, 2), (JobError, 3)], ids=lambda one: str(one)
)
def test_a_file_that_was_refused_is_not_read_at_every_click(
    error: type[GateScopeError], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def load_models(_room: ReadingRoom, source: Any, *_: Any, **__: Any) -> None:
        read.append(source)
        raise error("The reader broke on *it*.")

    monkeypatch.setattr(ReadingRoom, "load_models", load_models)
    app = opened("your_data")
    app.file_uploader(key="model_file").set_value([("m.pt", b"bytes", "application/octet-stream")]).run()
    for _ in range(2):
        app.run()
    assert not app.exception
    assert [element.value for element in app.error] == [r"The reader broke on \*it\*\."]
    assert len(read) == times
