"""A pickle read as data: what it describes, as plain values and inert notes of what it would build.

Python's own reader calls whatever a pickle names, so that a pickle is a program. Here nothing is looked up,
made or called: numbers, texts, lists and dicts are taken as they are, and every object becomes a `Built`,
which only says by which name and from which arguments it would be made. Readers of formats look at those.
"""

import io
import pickletools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gru_core.errors import ModelFileError
from gru_core.formats.torch.pickle_scan import UNREADABLE
from gru_core.limits import MAX_PLAIN_PICKLE_STEPS

LARGEST_KEY = 2**31
"""Larger whole numbers are no keys: they can be chosen so that a dict of them takes hours to fill."""
DICTS = frozenset({"collections.OrderedDict", "collections.defaultdict", "builtins.dict", "__builtin__.dict"})
"""Objects that are taken as the plain dict they are."""
SLOTS = 2**32
"""Places in the memo that an instruction can name."""


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function as the pickle names it, "numpy.ndarray"."""

    path: str


@dataclass(slots=True, eq=False)
class Built:
    """An object that was not made.

    call     the class or function that would be called, `args` with what
    state    what would be set on it afterwards; None where nothing would be
    members  what would be appended to it, `entries` what would be set in it by key
    """

    call: Any
    args: Any
    state: Any = None
    members: list[Any] | None = None
    entries: dict[Any, Any] | None = None

    @property
    def path(self) -> str:
        """The name of what would be called; "" where that is itself something built."""
        return self.call.path if isinstance(self.call, Name) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Something kept outside the pickle, by what the pickle calls it."""

    value: Any


def read_pickle(data: bytes, name: str, check_name: Callable[[str], None]) -> Any:
    """What a pickle describes: None, numbers, texts, bytes, lists, tuples, dicts, Name, Built and Reference.

    data        all its bytes
    name        of the file, for sentences
    check_name  is called with the dotted name of every class and function in it, and may raise

    Raises ModelFileError when it is damaged or has more than MAX_PLAIN_PICKLE_STEPS instructions.
    """
    machine = _Machine(check_name)
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(io.BytesIO(data))):
            if step >= MAX_PLAIN_PICKLE_STEPS:
                raise ModelFileError(
                    f"A pickle may describe at most {MAX_PLAIN_PICKLE_STEPS:,} small values, and {name!r} "
                    "has more: save the weights alone."
                )
            if opcode.name == "STOP":
                return machine.stack.pop()
            machine.run(opcode.name, argument)
    except ModelFileError:
        raise
    except UNREADABLE as problem:
        raise damaged(name) from problem
    raise damaged(name)


def damaged(name: str) -> ModelFileError:
    """The sentence for a pickle that does not keep its own rules."""
    return ModelFileError(
        f"{name!r} is damaged or cut off: the description of its contents cannot be read. Save or copy it "
        "again."
    )


class _Machine:
    """The stack, the marks on it and the memo: all that a pickle's instructions work on."""

    def __init__(self, check_name: Callable[[str], None]) -> None:
        self.stack: list[Any] = []
        self._outer: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._check_name = check_name

    def run(self, opcode: str, argument: Any) -> None:
        """One instruction. Raises what a wrong one leads to: IndexError, KeyError, TypeError, ValueError."""
        if opcode in _VALUES:
            self.stack.append(argument)
        elif opcode in _CONSTANTS:
            self.stack.append(_CONSTANTS[opcode])
        elif opcode in ("BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"):
            self._memo[len(self._memo) if opcode == "MEMOIZE" else _slot(argument)] = self.stack[-1]
        elif opcode in ("BINGET", "LONG_BINGET", "GET"):
            self.stack.append(self._memo[argument])
        elif opcode == "MARK":
            self._outer.append(self.stack)
            self.stack = []
        elif opcode not in ("PROTO", "FRAME"):
            _STEPS[opcode](self, argument)

    def tuple_of(self, count: int) -> None:
        if len(self.stack) < count:
            raise IndexError("fewer values than the tuple has")
        values = tuple(self.stack[-count:])
        del self.stack[-count:]
        self.stack.append(values)

    def to_mark(self) -> list[Any]:
        """The values since the last mark, taken off."""
        values, self.stack = self.stack, self._outer.pop()
        return values

    def collect(self, make: Callable[[list[Any]], Any]) -> None:
        """One value of all since the last mark; they are taken off before it is put on."""
        values = self.to_mark()
        self.stack.append(make(values))

    def pop(self) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self.to_mark()

    def append(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, Built):
            target.members = [] if target.members is None else target.members
            target.members.extend(values)
        elif isinstance(target, list):
            target.extend(values)
        else:
            raise TypeError("only lists are appended to")

    def set_items(self, values: list[Any]) -> None:
        target: Any = self.stack[-1]
        if isinstance(target, Built):
            target.entries = {} if target.entries is None else target.entries
            target = target.entries
        if not isinstance(target, dict):
            raise TypeError("only dicts have keys")
        target.update(_pairs(zip(values[::2], values[1::2], strict=True)))

    def name(self, path: str) -> None:
        self._check_name(path)
        self.stack.append(Name(path))

    def stack_global(self) -> None:
        last, module = self.stack.pop(), self.stack.pop()
        if not isinstance(last, str) or not isinstance(module, str):
            raise TypeError("names are texts")
        self.name(f"{module}.{last}")

    def make(self, call: Any, args: Any) -> None:
        """What would come of a call: a dict where it is one, else a note of the call."""
        if isinstance(call, Name) and call.path in DICTS:
            given = args[0] if args and isinstance(args[0], list) else []
            self.stack.append(_pairs(given))
        else:
            self.stack.append(Built(call, args))

    def reduce(self) -> None:
        args, call = self.stack.pop(), self.stack.pop()
        self.make(call, args)

    def make_with_names(self) -> None:
        self.stack.pop()
        self.reduce()

    def object(self) -> None:
        call, *args = self.to_mark()
        self.make(call, tuple(args))

    def instance(self, path: str) -> None:
        args = tuple(self.to_mark())
        self.name(path)
        self.make(self.stack.pop(), args)

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, Built):
            target.state = state
        elif not isinstance(target, dict):
            raise TypeError("only objects have a state")


def _pairs(pairs: Iterable[Any]) -> dict[Any, Any]:
    found = {}
    for key, value in pairs:
        if isinstance(key, int) and not -LARGEST_KEY < key < LARGEST_KEY:
            raise ValueError("a key that is too large")
        # Tuples could be nested so deep that asking for their hash ends the process.
        found[key if isinstance(key, str | int | bytes | None) else f"a {type(key).__name__}"] = value
    return found


def _slot(number: int) -> int:
    if not 0 <= number < SLOTS:
        raise ValueError("a memo that no pickle has")
    return number


_VALUES = frozenset(
    {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
    | {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
    | {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
)
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_STEPS: dict[str, Callable[[_Machine, Any], object]] = {
    "EMPTY_LIST": lambda m, _: m.stack.append([]),
    "EMPTY_SET": lambda m, _: m.stack.append([]),
    "EMPTY_DICT": lambda m, _: m.stack.append({}),
    "TUPLE1": lambda m, _: m.tuple_of(1),
    "TUPLE2": lambda m, _: m.tuple_of(2),
    "TUPLE3": lambda m, _: m.tuple_of(3),
    "TUPLE": lambda m, _: m.collect(tuple),
    "LIST": lambda m, _: m.collect(list),
    "FROZENSET": lambda m, _: m.collect(list),
    "DICT": lambda m, _: m.collect(lambda values: _pairs(zip(values[::2], values[1::2], strict=True))),
    "APPEND": lambda m, _: m.append([m.stack.pop()]),
    "APPENDS": lambda m, _: m.append(m.to_mark()),
    "ADDITEMS": lambda m, _: m.append(m.to_mark()),
    "SETITEM": lambda m, _: m.set_items([m.stack.pop(), m.stack.pop()][::-1]),
    "SETITEMS": lambda m, _: m.set_items(m.to_mark()),
    "POP": lambda m, _: m.pop(),
    "POP_MARK": lambda m, _: m.to_mark(),
    "DUP": lambda m, _: m.stack.append(m.stack[-1]),
    "GLOBAL": lambda m, path: m.name(path.replace(" ", ".", 1)),
    "STACK_GLOBAL": lambda m, _: m.stack_global(),
    "REDUCE": lambda m, _: m.reduce(),
    "NEWOBJ": lambda m, _: m.reduce(),
    "NEWOBJ_EX": lambda m, _: m.make_with_names(),
    "OBJ": lambda m, _: m.object(),
    "INST": lambda m, path: m.instance(path.replace(" ", ".", 1)),
    "BUILD": lambda m, _: m.build(),
    "PERSID": lambda m, argument: m.stack.append(Reference(argument)),
    "BINPERSID": lambda m, _: m.stack.append(Reference(m.stack.pop())),
}
"""What each further instruction does. Those that would take objects from elsewhere (EXT1, NEXT_BUFFER, ...)
are not among them."""
