"""A search for readings in the reading room gives what it gives here."""

from collections.abc import Iterator

import numpy as np
import pytest
from safetensors.torch import save

from gru_core.errors import InputError, ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.readings.agreement import agreeing_readings
from gru_core.reading_room import ReadingRoom
from tests.support.renamed import RENAMED


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    room = ReadingRoom()
    yield room
    room.close()


@pytest.mark.slow
def test_a_search_there_is_the_search_here_and_its_best_reading_loads_there(room: ReadingRoom) -> None:
    case = RENAMED["torch"]()
    data = save(case.arrays)
    there = room.agreeing_readings({"own.safetensors": data}, case.x, case.output)
    here = agreeing_readings(case.arrays, case.x, case.output)
    assert there == here
    best = there.agreeing[0].reading
    inspection, models = room.load_models({"own.safetensors": data}, Choices(readings=(best,)))
    assert [gru.convention for gru in inspection.grus] == ["own"]
    assert models["gru"].gru.notes[0].startswith("Read as said: ")
    with pytest.raises(InputError, match="The output must have the states of every step"):
        room.agreeing_readings({"own.safetensors": data}, case.x, np.zeros((3, 3, 7)))
    with pytest.raises(ModelFileError, match="is text, not a model"):
        room.agreeing_readings({"own.txt": b"some words here"}, case.x, case.output)
