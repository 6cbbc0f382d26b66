"""The list of formats, and how a file's format is told: by what is in it, not by its name.

A new format is one module with a `Format` value, added to `FORMATS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zipfile import BadZipFile

from gru_core.archives import DAMAGED, NPY_MAGIC, ZIP_MAGIC, listed_zip, open_zip
from gru_core.errors import ModelFileError
from gru_core.file_sets import Files, ZipFiles
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.guide import Guide
from gru_core.limits import MAX_MODEL_BYTES
from gru_core.sources import Opened

HEAD_BYTES = 512

READ_HERE = (
    "Weights of PyTorch, Keras, TensorFlow, ONNX, Flax, PaddlePaddle and MXNet are read here, and any named "
    "arrays in .npz or .safetensors."
)
"""What can be given instead, for the sentence about a file of another kind."""


@dataclass(frozen=True)
class Evidence:
    """What is known of a file before it is read.

    head     its first bytes; none for a set of files
    entries  the names in a zip archive, in a folder, or of the files given together
    is_set   whether it is a folder or several files
    name     what it is called, for formats whose parts have no mark of their own
    """

    head: bytes
    size: int
    entries: tuple[str, ...] = ()
    is_set: bool = False
    name: str = ""

    @property
    def is_zip(self) -> bool:
        """Whether it begins as a zip archive does."""
        return self.head.startswith(ZIP_MAGIC)

    @property
    def is_bundle(self) -> bool:
        """Whether it is several files, in whatever wrapping."""
        return self.is_set or self.is_zip


@dataclass(frozen=True)
class Format:
    """One way to store a model.

    name        short, for code and links: "safetensors"
    title       for people: "safetensors"
    suffixes    usual endings, for the file chooser; never used to decide
    recognises  whether the evidence is of this format
    read        the contents, or a ModelFileError or LimitError
    guides      for people: what it may hold and how such a file is made; () for a mere container of arrays
    mark        by what a GRU is known in it, for the sentence that says there is none
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Evidence], bool]
    read: Callable[[Opened, Choices], Contents]
    guides: tuple[Guide, ...] = ()
    mark: str = "names such as weight_ih_l0 and weight_hh_l0 (PyTorch) or W_xr, W_hr and b_r"


def evidence_of(opened: Opened) -> Evidence:
    """The first bytes, and the names in the archive or folder if it is one."""
    if opened.is_set and opened.files is not None:
        return Evidence(b"", opened.size, opened.files.names, is_set=True, name=opened.name)
    head = opened.head(HEAD_BYTES)
    entries: tuple[str, ...] = ()
    if head.startswith(ZIP_MAGIC):
        try:
            entries = tuple(listed_zip(opened.file, "A model file", ModelFileError).namelist())
        except ModelFileError:
            raise
        except (BadZipFile, *DAMAGED):
            entries = ()
        opened.file.seek(0)
    return Evidence(head, opened.size, entries, name=opened.name)


def bundle_of(opened: Opened) -> Files:
    """The files of a set, or of a zip archive after its sizes were checked.

    Raises ModelFileError and LimitError as `open_zip` does.
    """
    if opened.is_set and opened.files is not None:
        return opened.files
    return ZipFiles(open_zip(opened.file, "A model file", MAX_MODEL_BYTES, ModelFileError))


def identify(opened: Opened, formats: tuple[Format, ...]) -> Format:
    """The format of an open file. Raises ModelFileError that says what the file seems to be instead."""
    evidence = evidence_of(opened)
    for candidate in formats:
        if candidate.recognises(evidence):
            return candidate
    raise ModelFileError(f"{opened.name!r} {_guess(evidence)}. {READ_HERE}")


def _guess(evidence: Evidence) -> str:
    """What the first bytes of an unknown file tell a person."""
    head = evidence.head
    if evidence.is_set:
        return "holds no set of files that make a model this app knows"
    if evidence.is_zip and not evidence.entries:
        return "is a damaged zip archive; save or copy it again"
    if evidence.is_zip and "config.json" in evidence.entries:
        return "is a Keras model without its weights (model.weights.h5): save it again"
    if evidence.is_zip:
        return "is a zip archive without a model this app knows"
    if head.startswith(b"\x89HDF"):
        return "is a damaged HDF5 file (Keras?): save or copy it again"
    if head[4:8] == b"TFL3":
        return "is a TensorFlow Lite model, which is not read here"
    if head.startswith(NPY_MAGIC):
        return "is a single array; a GRU needs several named ones: save them with np.savez"
    if head.startswith(b"\x80") or head[:1] in (b"c", b"("):
        return "is a Python pickle, which can run code when read, so it is refused: save the weights alone"
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")):
        return "is a compressed file: unpack it first"
    if _is_text(head):
        return "is text, not a model: if it is a sequence, choose it as a sequence"
    return "is not a model file this app knows: save the model's weights again, or its arrays with np.savez"


def _is_text(head: bytes) -> bool:
    printable = sum(byte in b"\t\r\n" or 32 <= byte < 127 for byte in head)
    return printable >= 0.95 * len(head)
