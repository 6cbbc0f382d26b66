"""The sentences that the code itself says to people, read out of the source as templates.

`gru_core` speaks English and knows of no other language: an error, a note or a title is an f-string or a
plain string where it is needed. Here they are found without running anything. An f-string becomes a template
with a name in braces for each value, made from the expression that stands there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SILENT = (
    "gru_core/__main__.py",
    "gru_core/cli.py",
    "gru_core/cli_baselines.py",
    "gru_core/cli_survey.py",
    "gru_core/demo_report.py",
    "gru_core/export/",
    "gru_core/figures/texts.py",
    "gru_core/analysis/facts.py",
    "gru_core/jobs/",
    "gru_core/kernels/",
    "gru_core/reading_options.py",
    "gru_core/runs/tables.py",
    "gru_core/sequence_options.py",
    "gru_core/symbols.py",
    "gru_core/train_demos.py",
    "gru_ui/components/",
    "gru_ui/gradients/code.py",
    "gru_ui/language/",
    "gru_ui/look.py",
    "gru_ui/serve/",
)
"""Files that say nothing on the screen, or whose words are tables with keys of their own."""

UNHEARD = {
    *("Guide", "Piece", "TypeVar", "fact", "getattr", "say", "text"),
    *("compile", "fullmatch", "match", "search", "sub"),
    *(".error", ".exception", ".info", ".warning"),
}
"""Calls whose words are for a page of documentation, a pattern, or a key; and never for the screen."""

SURE = 5
"""A template with fewer fixed letters than this fits too much to be recognised."""

WORDS = (
    *("unit", "step", "input", "symbol", "row", "column", "layer"),
    *("units", "steps", "inputs", "layers", "list", "number", "text", "dict", "pulse"),
)
"""Single words that the core puts into its sentences as values."""

ALWAYS = {"Length"}
"""Calls whose words are said even where they are single ones."""

ON_CARDS = {"guess", "metric", "outputs", "title"}
"""Names to which the words of a model's or a task's card are given: single words among them are said too."""

TABLE = re.compile(r"[A-Z][A-Z_]*_TEXTS")
"""The names of tables of words: these have keys of their own in the catalogues."""

_PHRASE = re.compile(
    r"[A-Za-z]{2,}[,;:.']{0,2} +[(‘'\"]?[A-Za-z{]{2,}|[A-Za-z\d{}]+,? [a-z]{2,}|^[A-Z][a-z]+ [a-z0-9]"
)
_TABLE = re.compile(r"[A-Z][A-Z_]*_TEXTS")
_WORD = re.compile(r"[A-Za-z]{2,}")
_CODE = re.compile(
    r"\n|</|^\s*(import|from|def|for|if) |^[a-z_]+ = |--[a-z]|\w\(\w*\)$|^[^a-zA-Z]*$|^<"
    r"|^ ?(and|or) ?$|sans-serif|\bodot\b|^@|^data:|^(PRAGMA|BEGIN) |^[A-Z0-9 ]+$|^\w+ = |^[\w.]+\.\{"
    r"|^[a-z]+ (title|subtitle|how|text|none|axis|proof|scale|model|measure|stage|gradients)$"
    r"|^(top|middle|bottom) (left|center|right)$"
)


@dataclass(frozen=True)
class Template:
    """A sentence with names in braces for its values, and where it stands."""

    text: str
    file: str
    line: int


def templates(root: Path = ROOT) -> list[Template]:
    """Every sentence of the code, by file and line; the same words twice are two templates."""
    found: list[Template] = []
    for folder in ("gru_core", "gru_ui"):
        for file in sorted((root / folder).rglob("*.py")):
            name = file.relative_to(root).as_posix()
            if not name.startswith(SILENT):
                tree = ast.parse(file.read_text(encoding="utf-8"))
                found += (Template(text, name, line) for text, line in sentences_of(tree))
    return [*found, *(Template(word, "gru_core", 0) for word in WORDS)]


def sentences_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The sentences of one module, each with its line."""
    silent = set(_silent(tree))
    raised = {
        id(node)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Raise) and statement.exc is not None
        for node in ast.walk(statement.exc)
    }
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if {getattr(target, "id", "").lower() for target in targets} & ON_CARDS:
                raised |= {id(node) for node in ast.walk(statement.value)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _called(call) in ALWAYS:
            raised |= {id(node) for node in ast.walk(call)}
    for node in ast.walk(tree):
        if id(node) in silent or not isinstance(node, ast.JoinedStr | ast.Constant | ast.BinOp):
            continue
        text = template_of(node)
        if text is None:
            continue
        words = re.sub(r"\{\w+\}", "{}", text)
        wanted = _WORD if id(node) in raised else _PHRASE
        sure = text == words or len(re.sub(r"\{\}|\W", "", words)) >= SURE
        if sure and wanted.search(words) and not _CODE.search(text):
            yield text, node.lineno


def template_of(node: ast.expr) -> str | None:
    """A string or f-string, or a sum of them, as a template; None for anything else."""
    parts = _parts(node)
    if parts is None:
        return None
    names: dict[str, str] = {}
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        else:
            text += "{" + _name(part, names) + "}"
    return text


def _parts(node: ast.expr) -> list[str | ast.expr] | None:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return [
            part.value if isinstance(part, ast.FormattedValue) else ast.literal_eval(part)
            for part in node.values
        ]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _parts(node.left), _parts(node.right)
        if left is None and right is None:
            return None
        return [*(left or [node.left]), *(right or [node.right])]
    return None


def _name(value: ast.expr, names: dict[str, str]) -> str:
    """A name for a value, the same for the same expression, and no other value's."""
    said = ast.unparse(value)
    if said not in names:
        name = plain = _plain_name(value)
        number = 2
        while name in names.values():
            name, number = f"{plain}_{number}", number + 1
        names[said] = name
    return names[said]


def _plain_name(value: ast.expr) -> str:
    if isinstance(value, ast.Name):
        return value.id.strip("_").lower() or "value"
    if isinstance(value, ast.Attribute):
        return value.attr.strip("_").lower()
    if isinstance(value, ast.Call) and value.args and not isinstance(value.args[0], ast.Constant):
        return _plain_name(value.args[0])
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return _plain_name(value.func.value)
    if isinstance(value, ast.Subscript):
        return _plain_name(value.value)
    if isinstance(value, ast.GeneratorExp | ast.ListComp):
        return _plain_name(value.generators[0].iter)
    return "value"


def _silent(tree: ast.Module) -> Iterator[int]:
    """What is no sentence: docstrings, keys, patterns, names of types, tables of words, and parts of one."""
    for node in ast.walk(tree):
        heard: Iterable[ast.AST] = ()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            heard = (node.value,)
        elif isinstance(node, ast.Dict):
            heard = (key for key in node.keys if key is not None)
        elif isinstance(node, ast.Subscript):
            heard = ast.walk(node.slice)
        elif isinstance(node, ast.Compare) or (
            isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node)
        ):
            heard = ast.walk(node)
        elif isinstance(node, ast.AnnAssign):
            is_table = isinstance(node.target, ast.Name) and TABLE.fullmatch(node.target.id)
            heard = ast.walk(node if is_table else node.annotation)
        elif isinstance(node, ast.JoinedStr):
            heard = (part for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            heard = ast.walk(node.format_spec)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and template_of(node) is not None:
            heard = (node.left, node.right)
        elif isinstance(node, ast.Call) and _called(node) in UNHEARD:
            heard = (inner for argument in (*node.args, *node.keywords) for inner in ast.walk(argument))
        yield from (id(inner) for inner in heard)


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether it is a table of words, such as LEDGER_TEXTS, whose entries have keys of their own."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(_TABLE.fullmatch(getattr(target, "id", "")) for target in targets)


def _called(node: ast.Call) -> str:
    function = node.func
    if not isinstance(function, ast.Attribute):
        return getattr(function, "id", "")
    return f".{function.attr}" if f".{function.attr}" in UNHEARD else function.attr
