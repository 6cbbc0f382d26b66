"""A reading as the options of `inspect` and `trace` that say it."""

import shlex

from gru_core.formats.readings.reading import Reading


def options_of(reading: Reading) -> str:
    """The options that say a reading, as they are typed."""
    words: list[str] = []
    for part in ("weight_x", "weight_h", "bias_x", "bias_h"):
        for name in getattr(reading, part):
            words += [f"--{part.replace('_', '-')}", name]
    words += ["--order", reading.order, "--z", reading.z_sense, "--reset", reading.reset_mode]
    words += ["--layout", reading.layout]
    if reading.gate_activation != "sigmoid":
        words += ["--gates", reading.gate_activation]
    for entry in ("backwards", "state_first", "state_in_two"):
        words += [f"--{entry.replace('_', '-')}"] if getattr(reading, entry) else []
    if reading.initial_state is not None:
        words += ["--initial-state", reading.initial_state]
    return " ".join(shlex.quote(word) for word in words)
