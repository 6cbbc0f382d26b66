"""Options of `inspect` and `trace`: what a model's file does not say, and the search for what agrees."""

import argparse
from typing import TYPE_CHECKING

from gru_core.equations import GATE_ACTIVATIONS, RESET_MODES
from gru_core.errors import InputError
from gru_core.formats.readings.reading import LAYOUTS, ORDERS, Z_SENSES, Reading
from gru_core.formats.readings.typed import options_of

if TYPE_CHECKING:
    from gru_core.formats.choices import Choices

SHOWN = 5
"""Readings that a search prints."""

NEEDED = ("order", "z", "reset", "layout")
"""What has to be said of arrays with names of their own: a wrong one costs 0.4 to 2.0 in H."""

HELP = """\
For a file whose arrays have names of their own, say which arrays are the GRU (each option may be given
several times, for one array per gate in the order of --order) and how they are packed. "W[1]" is entry 1
of W's first axis. The same name as --weight-x and --weight-h is one matrix of both, as --bias-x and --bias-h
one array of both.
"""


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Everything that makes `Choices`."""
    said = parser.add_argument_group("what the file does not say", HELP)
    for part, whose in (("x", "input's"), ("h", "state's")):
        for kind in ("weight", "bias"):
            said.add_argument(
                f"--{kind}-{part}",
                metavar="NAME",
                action="append",
                default=[],
                help=f"an array with the {whose} {'weights' if kind == 'weight' else 'bias'}",
            )
    said.add_argument("--order", choices=ORDERS, help="the order of the gates' blocks")
    said.add_argument(
        "--z",
        choices=Z_SENSES,
        help="what z = 1 does: keep the old state, or update it; also for legacy PaddlePaddle files",
    )
    said.add_argument("--reset", choices=RESET_MODES, help="where the reset gate multiplies")
    said.add_argument("--layout", choices=LAYOUTS, help="rows: gates x inputs; columns: inputs x gates")
    said.add_argument(
        "--gates", choices=tuple(GATE_ACTIVATIONS), help="the gates' activation, for any file that names none"
    )
    said.add_argument(
        "--backwards",
        action="store_true",
        help="it reads from the last step to the first; also of a GRU named with --gru",
    )
    said.add_argument("--initial-state", metavar="NAME", help="an array with the state before the first step")
    said.add_argument(
        "--state-first", action="store_true", help="in one matrix of both, the state's part is the first"
    )
    said.add_argument(
        "--state-in-two",
        action="store_true",
        help="the state's array is a buffer of gates and candidate, as PaddlePaddle 1 stores it",
    )


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """The search for readings that give an output."""
    search = parser.add_argument_group(
        "search", "Try every reading that the arrays' shapes allow and print those that give an output."
    )
    search.add_argument(
        "--agree-with",
        metavar="OUTPUT",
        help="a .npy file, or FILE.npz:NAME: the states of every step, or the last",
    )
    search.add_argument("--input", metavar="INPUT", help="the input that gave it, likewise")
    search.add_argument("--from-state", metavar="STATE", help="the state before the first step, likewise")
    search.add_argument(
        "--tolerance", type=float, metavar="T", help="the largest difference that agrees (default: 1e-4)"
    )


def choices_of(options: argparse.Namespace) -> "Choices":
    """What the person says of the file. Raises InputError when something is missing or makes no sense."""
    from gru_core.formats.choices import Choices

    if not options.weight_h:
        packed = ("weight_x", "bias_x", "bias_h", "order", "reset", "layout", "initial_state")
        given = [name for name in (*packed, "state_first", "state_in_two") if getattr(options, name)]
        if given:
            raise InputError(
                f"--{given[0].replace('_', '-')} is said of arrays with names of their own: name the state's "
                "weights too, --weight-h NAME."
            )
        name: str | None = getattr(options, "gru", None)
        if options.backwards and name is None:
            raise InputError("--backwards is said of one GRU of the file: name it too, --gru NAME.")
        backwards = (name,) if options.backwards and name is not None else ()
        return Choices(gate_activation=options.gates, z_sense=options.z, backwards=backwards)
    missing = [f"--{name}" for name in NEEDED if getattr(options, name) is None]
    if missing:
        raise InputError(
            f"How {options.weight_h[0]!r} is packed is never guessed: give {' and '.join(missing)} too, or "
            "find out with inspect MODEL --agree-with OUTPUT --input INPUT."
        )
    reading = Reading(
        weight_x=tuple(options.weight_x),
        weight_h=tuple(options.weight_h),
        bias_x=tuple(options.bias_x),
        bias_h=tuple(options.bias_h),
        order=options.order,
        z_sense=options.z,
        reset_mode=options.reset,
        layout=options.layout,
        gate_activation=options.gates or "sigmoid",
        state_first=options.state_first,
        state_in_two=options.state_in_two,
        backwards=options.backwards,
        initial_state=options.initial_state,
    )
    return Choices(readings=(reading,))


def wants_search(options: argparse.Namespace) -> bool:
    """Whether readings are to be searched for. Raises InputError for half of what that needs."""
    given = [name for name in ("agree_with", "input") if getattr(options, name) is not None]
    extra = [name for name in ("from_state", "tolerance") if getattr(options, name) is not None]
    if len(given) == 2:
        return True
    if given or extra:
        raise InputError(
            "A search for readings needs an output and the input that gave it: "
            "--agree-with OUTPUT.npy --input INPUT.npy."
        )
    return False


def search_text(options: argparse.Namespace) -> str:
    """Which readings of a model's file give the output, in lines: the best ones as options to copy."""
    from gru_core.formats.loading import named_arrays
    from gru_core.formats.readings.agreement import TOLERANCE, agreeing_readings

    tensors = named_arrays(options.model)
    start = options.from_state
    found = agreeing_readings(
        tensors,
        _array(options.input, "The input"),
        _array(options.agree_with, "The output"),
        h0=None if start is None else _array(start, "The state"),
        tolerance=TOLERANCE if options.tolerance is None else options.tolerance,
    )
    lines = [found.sentence()]
    for one in found.found[: max(SHOWN, len(found.agreeing))]:
        mark = "agrees" if one.agrees else "off by"
        lines.append(f"{mark} {one.difference:.1e}  {options_of(one.reading)}")
    return "\n".join(lines)


def _array(text: str, what: str) -> object:
    """The array in FILE.npy, or in FILE.npz:NAME."""
    from gru_core.formats.readings.given_arrays import given_array

    path, colon, name = text.rpartition(".npz:")
    return given_array(f"{path}.npz", name, what) if colon else given_array(text, None, what)
