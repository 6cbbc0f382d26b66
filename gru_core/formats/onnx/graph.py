"""The operators of an ONNX model as one flat list, wherever they stand: in subgraphs and functions too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.onnx.wire import MAX_NODES

MAX_DEPTH = 16
"""Subgraphs and calls of functions inside each other."""
MAX_NAME = 120
"""Characters of a name that is shown."""
MAX_ALIASES = 64
"""Steps from a value to where it is made, through functions' inputs and outputs."""

Attributes = Mapping[str, AttributeProto]


@dataclass(eq=False)
class Scope:
    """Where names of values mean something: a graph, a subgraph, or one call of a function.

    parent      the graph around a subgraph, whose values it sees; a function has none and sees its own alone
    constants   values stored in the file
    sparse      names of values stored as sparse tensors
    made_by     the operator that makes a value
    aliases     values that are another scope's: a function's inputs, and what a call of it gives
    attributes  of a function's call, which operators in it may refer to
    """

    parent: "Scope | None" = None
    constants: dict[str, TensorProto] = field(default_factory=dict)
    sparse: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    made_by: dict[str, "Operator"] = field(default_factory=dict)
    aliases: dict[str, "Value"] = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        """Whether the name is this scope's own."""
        return (
            name in self.constants
            or name in self.made_by
            or name in self.aliases
            or name in self.given
            or name in self.sparse
        )


@dataclass(frozen=True)
class Value:
    """One value: its name, in the scope that has it."""

    scope: Scope
    name: str


@dataclass(frozen=True, eq=False)
class Operator:
    """One operator: its node, where it stands, and its path for people (not unique)."""

    node: NodeProto
    scope: Scope
    path: str

    @property
    def kind(self) -> str:
        """The operator's type; those of other domains are written with it, "com.microsoft.Attention"."""
        domain = self.node.domain
        return self.node.op_type if domain in ("", "ai.onnx") else f"{domain}.{self.node.op_type}"

    @property
    def attributes(self) -> Attributes:
        """By name; a reference to an attribute of the function around it is followed."""
        found = {}
        for attribute in self.node.attribute:
            if not attribute.ref_attr_name:
                found[attribute.name] = attribute
            elif attribute.ref_attr_name in self.scope.attributes:
                found[attribute.name] = self.scope.attributes[attribute.ref_attr_name]
        return found

    def integer(self, name: str, otherwise: int = 0) -> int:
        """An attribute that is a whole number."""
        attributes = self.attributes
        return attributes[name].i if name in attributes else otherwise

    def number(self, name: str, otherwise: float) -> float:
        """An attribute that is a number."""
        attributes = self.attributes
        return attributes[name].f if name in attributes else otherwise

    def text(self, name: str, otherwise: str) -> str:
        """An attribute that is text."""
        attributes = self.attributes
        return attributes[name].s.decode("utf-8", errors="replace") if name in attributes else otherwise

    def integers(self, name: str) -> list[int] | None:
        """An attribute that is a list of whole numbers; None where it is not given."""
        attributes = self.attributes
        return list(attributes[name].ints) if name in attributes else None

    def input(self, index: int) -> Value | None:
        """One of its inputs, where it is made; None where it is left out."""
        names = self.node.input
        return resolve(self.scope, names[index]) if index < len(names) and names[index] else None

    @property
    def inputs(self) -> Iterator[Value]:
        """Those that are there."""
        for index in range(len(self.node.input)):
            value = self.input(index)
            if value is not None:
                yield value


class Graph:
    """All operators of a model in their order, and who reads what they make.

    Raises LimitError when functions and subgraphs unfold to more operators than a file may have.
    """

    def __init__(self, model: ModelProto) -> None:
        self.operators: list[Operator] = []
        self.scopes: list[Scope] = []
        self._functions = {(f.domain, f.name): f for f in model.functions}
        self._add_graph(model.graph, None, "", 0)
        self._readers: dict[Value, list[Operator]] = {}
        for operator in self.operators:
            for value in operator.inputs:
                self._readers.setdefault(value, []).append(operator)

    def readers(self, operator: Operator, output: int = 0) -> Sequence[Operator]:
        """The operators that read one of an operator's outputs."""
        names = operator.node.output
        if output >= len(names) or not names[output]:
            return ()
        return self._readers.get(resolve(operator.scope, names[output]), ())

    def _add_graph(self, graph: GraphProto, parent: Scope | None, path: str, depth: int) -> None:
        scope = Scope(parent, attributes=parent.attributes if parent is not None else {})
        scope.given.update(entry.name for entry in graph.input)
        scope.constants.update((tensor.name, tensor) for tensor in graph.initializer)
        scope.sparse.update(tensor.values.name for tensor in graph.sparse_initializer)
        self.scopes.append(scope)
        self._add_nodes(graph.node, scope, path, depth)

    def _add_nodes(self, nodes: Sequence[NodeProto], scope: Scope, path: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ModelFileError(
                f"Its subgraphs and functions are nested more than {MAX_DEPTH} deep, as no model's are."
            )
        for node in nodes:
            if len(self.operators) >= MAX_NODES:
                raise LimitError(
                    f"An ONNX graph may have at most {MAX_NODES:,} nodes, and its functions unfold to more."
                )
            operator = Operator(node, scope, path + name_of(node))
            self.operators.append(operator)
            function = self._functions.get((node.domain, node.op_type))
            if function is not None:
                self._add_call(operator, function, depth + 1)
                continue
            scope.made_by.update((name, operator) for name in node.output if name)
            for attribute in node.attribute:
                graphs = [attribute.g] if attribute.type == AttributeProto.GRAPH else list(attribute.graphs)
                for graph in graphs:
                    self._add_graph(graph, scope, path, depth + 1)

    def _add_call(self, call: Operator, function: FunctionProto, depth: int) -> None:
        defaults = {attribute.name: attribute for attribute in function.attribute_proto}
        scope = Scope(attributes=defaults | dict(call.attributes))
        scope.given.update(function.input)
        for name, outside in zip(function.input, call.node.input, strict=False):
            if name and outside:
                scope.aliases[name] = Value(call.scope, outside)
        for name, inside in zip(call.node.output, function.output, strict=False):
            if name and inside:
                call.scope.aliases[name] = Value(scope, inside)
        self.scopes.append(scope)
        self._add_nodes(function.node, scope, call.path + "/", depth)


def resolve(scope: Scope, name: str) -> Value:
    """The value that a name means in a scope, in the scope that makes it."""
    for _ in range(MAX_ALIASES):
        owner: Scope | None = scope
        while owner is not None and not owner.knows(name):
            owner = owner.parent
        if owner is None:
            return Value(scope, name)
        if name not in owner.aliases:
            return Value(owner, name)
        scope, name = owner.aliases[name].scope, owner.aliases[name].name
    return Value(scope, name)


def name_of(node: NodeProto) -> str:
    """What a node is called: by its own name, else by what it makes or reads."""
    named = node.name or next((name for name in (*node.output, *node.input[1:]) if name), "") or node.op_type
    return readable(named)


def readable(name: str) -> str:
    """A name that can be shown: no control characters, not too long."""
    plain = "".join(character if character.isprintable() else "?" for character in name)
    return plain if len(plain) <= MAX_NAME else plain[: MAX_NAME - 1] + "…"
