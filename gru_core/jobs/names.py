"""Work is sent by its name, `module:function`; only functions of packages named beforehand are found."""

import importlib
import inspect
from collections.abc import Callable, Sequence

from gru_core.errors import JobError
from gru_core.jobs.parcel import Parcel

Tell = Callable[[Parcel], None]
Heard = Callable[[], str | None]
Work = Callable[[Parcel, Tell, Heard], Parcel]

PACKAGES = ("gru_core",)
"""Where work is looked for unless one says otherwise."""


def name_of(work: Work) -> str:
    """`module:function`. Raises JobError for anything but a function at the top of an importable module."""
    module, name = getattr(work, "__module__", None), getattr(work, "__qualname__", repr(work))
    if not inspect.isfunction(work) or not name.isidentifier() or module == "__main__":
        raise JobError(f"Work must be a function at the top of a module that can be imported, got {name}.")
    return f"{module}:{name}"


def find(name: str, packages: Sequence[str]) -> Work:
    """The function of that name. Raises JobError outside `packages`, and where there is no such function."""
    module, _, function = name.partition(":")
    if module.partition(".")[0] not in packages:
        raise JobError(f"A worker does work of {' and '.join(packages)} only, not {name!r}.")
    try:
        found = getattr(importlib.import_module(module), function, None)
    except ModuleNotFoundError as error:
        raise JobError(f"A worker does not know the work {name!r}: is it of the same version?") from error
    # What a module has merely imported is not its own.
    if not inspect.isfunction(found) or found.__module__ != module:
        raise JobError(f"A worker does not know the work {name!r}: is it of the same version?")
    return found
