"""What every test shares: reproducible examples, one thread, a quiet Streamlit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

from gru_core.scan import warm_kernels

# Small matrices run faster on one thread, and threads that wait for each other crawl on a busy machine.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("STREAMLIT_SERVER_HEADLESS", "true")
torch.set_num_threads(1)

# The same examples every time: a red test is red for everyone. No deadline, since a busy machine is no bug.
settings.register_profile(
    "gatescope",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("gatescope")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Trainings of the tests are not kept among those of whoever runs them."""
    os.environ["GATESCOPE_DATA"] = str(tmp_path_factory.mktemp("data"))
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("GATESCOPE_SCHEDULER", None)


@pytest.fixture(scope="session", autouse=True)
def warm() -> str:
    """The kernels, ready before the first test, so that no comparison mixes numbers of two engines."""
    return warm_kernels()
