"""One framework's files for people: the docs and the app are written from these."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guide:
    """How a model comes out of one framework and into GateScope.

    title        the framework and its layers, such as "Keras 3 GRU"
    files        endings and names of the files, such as ".keras, .weights.h5"
    holds        one or two sentences: what is read, what is not, what the file does not say
    conventions  the rows of conventions.py that its GRUs may have
    example      two lines of Python: how the file is made there, and how it is read here
    """

    title: str
    files: str
    holds: str
    conventions: tuple[str, ...]
    example: str
