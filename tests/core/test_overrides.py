"""Gate overrides as values: rules, equality, saving, and what they compile to."""

import json

import numpy as np
import pytest

from gru_core.errors import OverrideError
from gru_core.indices import parse_indices
from gru_core.overrides import EXTREMES, GateOverride, compile_overrides


def test_equal_by_content_and_hashable() -> None:
    one = GateOverride("Z", 1, units=[3, 5], steps=slice(2, 9))
    same = GateOverride("Z", 1.0, units=(3, 5), steps=slice(2, 9), blend=1.0)
    assert one == same
    assert len({one, same, GateOverride("Z", 1.0, units=(3, 5), steps=slice(2, 8))}) == 2


@pytest.mark.parametrize("steps", [None, 4, -1, (1, -2), slice(2, 9), slice(None, None, 2), slice(-3, None)])
def test_survives_json(steps: object) -> None:
    override = GateOverride("R", 0.25, units=(1,), steps=steps, blend=0.5, layers=(0,), direction="backward")
    assert GateOverride.from_dict(json.loads(json.dumps(override.to_dict()))) == override


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"gate": "H", "value": 0}, "must be 'R' or 'Z', got 'H'"),
        ({"gate": "Z", "value": 1.5}, r"value .* in \[0, 1\], got 1.5"),
        ({"gate": "Z", "value": float("nan")}, r"got nan"),
        ({"gate": "Z", "value": "much"}, "must be a number"),
        ({"gate": "Z", "value": 1, "blend": -0.1}, "blend"),
        ({"gate": "Z", "value": 1, "units": (0.5,)}, "whole numbers"),
        ({"gate": "Z", "value": 1, "steps": slice(0, 4, 0)}, "stride"),
        ({"gate": "Z", "value": 1, "direction": "up"}, "'forward' or 'backward'"),
    ],
)
def test_rules(wrong: dict, message: str) -> None:
    with pytest.raises(OverrideError, match=message):
        GateOverride(**wrong)


def test_unknown_entries_are_refused() -> None:
    with pytest.raises(OverrideError, match="needs gate and value"):
        GateOverride.from_dict({"gate": "Z", "value": 1, "colour": "red"})


def test_compiles_to_rows_that_follow_python_indexing() -> None:
    overrides = (
        GateOverride("Z", 1.0, units=(0, -1), steps=slice(-3, None)),
        GateOverride("Z", 0.5, units=(0,), steps=4, blend=0.5),
    )
    forced = compile_overrides(overrides, steps=5, units=3)
    assert forced is not None
    assert forced.keep_r is None
    assert forced.force_r is None
    keep, force = forced.keep_z[forced.rows], forced.force_z[forced.rows]
    expected_keep, expected_force = np.ones((5, 3)), np.zeros((5, 3))
    expected_keep[2:, [0, 2]] = 0
    expected_force[2:, [0, 2]] = 1
    expected_force[4, 0] = 0.5 * 1 + 0.5 * 0.5
    np.testing.assert_array_equal(keep, expected_keep)
    np.testing.assert_array_equal(force, expected_force)


def test_memory_of_a_setting_that_always_holds_does_not_grow_with_time() -> None:
    forced = compile_overrides(EXTREMES["rnn"], steps=10_000, units=64)
    assert forced is not None
    assert forced.keep_z.shape == (1, 64)


def test_layers_and_directions_limit_where_it_applies() -> None:
    override = (GateOverride("Z", 1.0, layers=(1,), direction="backward"),)
    sizes = {"steps": 3, "units": 2}
    assert compile_overrides(override, **sizes, layer=0, direction="backward") is None
    assert compile_overrides(override, **sizes, layer=1, direction="forward") is None
    assert compile_overrides(override, **sizes, layer=1, direction="backward") is not None


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            GateOverride("Z", 1.0, units=(3,)),
            "no unit 3: this trace has 3 units, so indices run from -3 to 2",
        ),
        (GateOverride("Z", 1.0, steps=-6), "no step -6: this trace has 5 steps"),
    ],
)
def test_an_index_that_does_not_exist_is_refused(override: GateOverride, message: str) -> None:
    with pytest.raises(OverrideError, match=message):
        compile_overrides((override,), steps=5, units=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("all", None),
        ("7", (7,)),
        ("-1", (-1,)),
        ("0, 3-5", (0, 3, 4, 5)),
        ("1,1,2", (1, 2)),
        ("2:9", slice(2, 9, None)),
        ("::2", slice(None, None, 2)),
        ("-3:", slice(-3, None, None)),
    ],
)
def test_indices_as_typed(text: str, expected: object) -> None:
    assert parse_indices(text) == expected


@pytest.mark.parametrize("text", ["one", "1;2", "::0", "1-", "0-999999999"])
def test_indices_that_cannot_be_read(text: str) -> None:
    with pytest.raises(OverrideError):
        parse_indices(text)
