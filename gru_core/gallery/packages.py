"""Where an installed package keeps its files, found without importing it."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from gru_core.errors import ModelFileError

INSTALL = "python -m pip install --no-deps -r requirements-gallery.txt"
"""The one command that brings every package of the gallery."""


def package_version(distribution: str) -> str | None:
    """The installed version, None where the package is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def package_folder(distribution: str, module: str) -> Path:
    """The folder of an installed package; a top-level package is found without running any of it.

    Raises ModelFileError with the one command that brings it when it is not installed.
    """
    if package_version(distribution) is not None:
        spec = find_spec(module)
        if spec is not None and spec.origin is not None:
            return Path(spec.origin).parent
    raise ModelFileError(f"The package {distribution} is not installed. This brings it: {INSTALL}")


def package_file(folder: Path, *parts: str) -> Path:
    """A file inside a package's folder. Raises ModelFileError when this version of it has none."""
    path = folder.joinpath(*parts)
    if not path.exists():
        raise ModelFileError(
            f"The installed {folder.name} has no {'/'.join(parts)}: it is not the version that is read here. "
            f"This brings it: {INSTALL}"
        )
    return path
