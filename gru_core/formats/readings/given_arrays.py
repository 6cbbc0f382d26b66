"""The arrays of a .npy or .npz file that a person gives beside a model: an input, an output."""

from typing import Any

from numpy.typing import NDArray

from gru_core.archives import NPY_MAGIC, ZIP_MAGIC, checked_npy, npz_headers, open_zip, read_npz_array
from gru_core.errors import InputError
from gru_core.limits import MAX_SEQUENCE_BYTES
from gru_core.sources import Source, open_source

ALONE = ""
"""The name of the array in a .npy file."""


def given_arrays(source: Source, what: str = "An array's file") -> dict[str, NDArray[Any]]:
    """Every array of numbers: by name in an .npz file, under ALONE in a .npy file.

    Raises InputError when it is neither, is damaged or holds no numbers, LimitError when it is too large.
    """
    with open_source(
        source, what=what, limit=MAX_SEQUENCE_BYTES, remedy="save fewer steps.", error=InputError
    ) as opened:
        head = opened.head(8)
        if head.startswith(NPY_MAGIC):
            array = checked_npy(opened.file, opened.size, opened.name, MAX_SEQUENCE_BYTES, InputError)
            found = {ALONE: array}
        elif head.startswith(ZIP_MAGIC):
            archive = open_zip(opened.file, what, MAX_SEQUENCE_BYTES, InputError)
            headers = npz_headers(archive, what, MAX_SEQUENCE_BYTES, InputError)
            numbers = [header.name for header in headers if header.dtype.kind in "fiu"]
            found = {name: read_npz_array(archive, name, what, InputError) for name in numbers}
        else:
            raise InputError(f"{opened.name!r} must be a .npy or .npz file: np.save('x.npy', x) makes one.")
        found = {name: array for name, array in found.items() if array.dtype.kind in "fiu"}
        if not found:
            raise InputError(f"There is no array of numbers in {opened.name!r}.")
        return found


def given_array(source: Source, name: str | None = None, what: str = "An array's file") -> NDArray[Any]:
    """The one array of a file, or that of a name. Raises as `given_arrays` does, and when there is none."""
    found = given_arrays(source, what)
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is None or name not in found:
        known = ", ".join(repr(known[:60]) for known in list(found)[:8])
        asked = "several arrays" if name is None else f"no array {name!r}"
        raise InputError(f"{what} holds {asked}: name one of {known}, as in FILE.npz:NAME.")
    return found[name]
