"""The training that the page shows before anybody has trained: made once, shipped without its weights.

python -m gru_core.runs.example        trains it again and writes assets/runs/remember.bin
"""

from pathlib import Path

from gru_core.jobs.parcel import Parcel
from gru_core.runs.live import LiveRun
from gru_core.runs.spec import RunSpec
from gru_core.runs.view import RunView
from gru_core.runs.work import job_parcel, train_run
from gru_core.tasks.catalogue import TaskSpec
from gru_core.training_spec import TrainSpec

FILE = Path(__file__).resolve().parent.parent.parent / "assets" / "runs" / "remember.bin"
EXAMPLE = RunSpec(TaskSpec("remember"), (TrainSpec(seed=1),))
"""What pressing Train on the untouched page would train."""


def write_example(path: Path = FILE) -> None:
    """Train the example and write what its worker tells, weights and checkpoints left out."""
    told: list[bytes] = []

    def tell(parcel: Parcel) -> None:
        kept = {name: blob for name, blob in parcel.blobs.items() if name == "frame"}
        told.append(Parcel(parcel.head, kept).to_bytes())

    train_run(job_parcel(EXAMPLE, {0: None}, seconds=300), tell, lambda: None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(len(data).to_bytes(4, "little") + data for data in told))


def read_example(path: Path = FILE) -> RunView:
    """How the example stood at its end."""
    run = LiveRun("example", "", "", EXAMPLE, 0.0)
    data, at = path.read_bytes(), 0
    while at < len(data):
        start = at + 4
        at = start + int.from_bytes(data[at:start], "little")
        parcel = Parcel.from_bytes(data[start:at])
        run.take_in(Parcel(parcel.head, {"weights": b"", **parcel.blobs}))
    run.put("done")
    return run.view("", None)


if __name__ == "__main__":
    write_example()
