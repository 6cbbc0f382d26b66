"""What the pages show before anybody has trained: a training and a race, made once, shipped without weights.

python -m gru_core.runs.example        trains them again and writes assets/runs/*.bin
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from gru_core.jobs.parcel import Parcel
from gru_core.runs.live import LiveRun
from gru_core.runs.spec import RunSpec
from gru_core.runs.view import RunView
from gru_core.runs.work import job_parcel, train_run
from gru_core.tasks.catalogue import TaskSpec
from gru_core.training_spec import TrainSpec

FOLDER = Path(__file__).resolve().parent.parent.parent / "assets" / "runs"

RACER = TrainSpec(seed=1, steps=1_000, evaluate_every=17)


@dataclass(frozen=True)
class Example:
    """One run that is shipped; a race is shown by its numbers, so its film is left out."""

    spec: RunSpec
    with_film: bool


EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "remember": Example(RunSpec(TaskSpec("remember"), (TrainSpec(seed=1),)), with_film=True),
        "race": Example(
            RunSpec(
                TaskSpec("remember", 50), (RACER, replace(RACER, cell="rnn"), replace(RACER, cell="lstm"))
            ),
            with_film=False,
        ),
    }
)
"""What pressing Train and Race on the untouched pages would train."""


def write_example(name: str, folder: Path = FOLDER) -> Path:
    """Train the example and write what its worker tells, weights and checkpoints left out; gives the file."""
    example = EXAMPLES[name]
    told: list[bytes] = []

    def tell(parcel: Parcel) -> None:
        if parcel.head["kind"] == "updated" or (parcel.head["kind"] == "snapshot" and not example.with_film):
            return
        kept = {name: blob for name, blob in parcel.blobs.items() if name == "frame"}
        told.append(Parcel(parcel.head, kept).to_bytes())

    lanes = dict.fromkeys(range(len(example.spec.lanes)))
    train_run(job_parcel(example.spec, lanes, seconds=300), tell, lambda: None)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.bin"
    path.write_bytes(b"".join(len(data).to_bytes(4, "little") + data for data in told))
    return path


def read_example(name: str, folder: Path = FOLDER) -> RunView:
    """How the example stood at its end."""
    run = LiveRun(f"example {name}", "", "", EXAMPLES[name].spec, 0.0)
    data, at = (folder / f"{name}.bin").read_bytes(), 0
    while at < len(data):
        start = at + 4
        at = start + int.from_bytes(data[at:start], "little")
        parcel = Parcel.from_bytes(data[start:at])
        run.take_in(Parcel(parcel.head, {"weights": b"", **parcel.blobs}))
    run.put("done")
    return run.view("", None)


if __name__ == "__main__":
    for each in EXAMPLES:
        write_example(each)
