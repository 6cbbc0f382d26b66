"""Everything that is said on the screen, as a gettext template, and what a catalogue lacks of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from gru_ui.language.catalogue import LOCALE, Language, is_said, read_catalogue
from gru_ui.language.source import ROOT, TABLE, templates
from gru_ui.texts import catalogue

TEMPLATE = LOCALE / "gatescope.pot"
NAMES = {"TEMPLATES": "fact_texts"}
"""Tables whose names in small letters are not those of the catalogues."""

_PLACE = re.compile(r"\{(\w+)[^{}]*\}")


@dataclass(frozen=True)
class Said:
    """One text: its context (its key, or "" for a sentence of the core), its English, and its files."""

    context: str
    english: str
    files: tuple[str, ...]


def messages(root: Path = ROOT) -> list[Said]:
    """Every text there is, each once."""
    files: dict[tuple[str, str], dict[str, None]] = {}
    for key, text in catalogue().items():
        files.setdefault((key, text), {})["assets/locale/en.toml"] = None
    for file in sorted([*(root / "gru_core").rglob("*.py"), *(root / "gru_ui").rglob("*.py")]):
        name = file.relative_to(root).as_posix()
        for table, key, text in tables_of(ast.parse(file.read_text(encoding="utf-8")), name):
            files.setdefault((f"{table}.{key}", text), {})[name] = None
    for template in templates(root):
        files.setdefault(("", template.text), {})[template.file] = None
    return [Said(context, text, tuple(where)) for (context, text), where in files.items()]


def tables_of(tree: ast.Module, file: str) -> Iterator[tuple[str, str, str]]:
    """The words of tables such as HEATMAP_TEXTS: name of the table in small letters, key, English."""
    for node in tree.body:
        target: ast.expr | None = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        if not isinstance(target, ast.Name) or not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        is_table = TABLE.fullmatch(target.id) or (target.id in NAMES and file.endswith("analysis/facts.py"))
        if not is_table or not node.value:
            continue
        table = NAMES.get(target.id, target.id.lower())
        for inner in ast.walk(node.value):
            if isinstance(inner, ast.Dict):
                pairs = ast.literal_eval(inner)
                yield from ((table, key, text) for key, text in pairs.items())


def new_catalogue(language: Language | None = None) -> Catalog:
    """An empty catalogue of this project, without dates: they would differ in every copy."""
    found = Catalog(
        locale=language.folder if language else None, project="GateScope", version="", charset="utf-8"
    )
    found.fuzzy = False
    return found


def updated(language: Language) -> Catalog:
    """A language's catalogue with every text there is now.

    What is new is empty. Where the English of a key has changed, what was said is kept but marked as fuzzy:
    it is not shown until somebody has looked at it and taken the mark away. What is no longer said goes.
    """
    old = list(read_catalogue(language)) if language.file.exists() else []
    known = {(message.context or "", message.id): message for message in old if message.id}
    by_key = {message.context: message for message in old if message.id and message.context}
    new = new_catalogue(language)
    for said in messages():
        before = known.get((said.context, said.english))
        changed = None if before or not said.context else by_key.get(said.context)
        source = before or changed
        new.add(
            said.english,
            source.string if source else "",
            locations=[(file, 0) for file in said.files],
            flags=("fuzzy",) if (changed and changed.string) or (before and before.fuzzy) else (),
            user_comments=source.user_comments if source else (),
            previous_id=changed.id if changed else (),
            context=said.context or None,
        )
    return new


def template() -> Catalog:
    """The same with nothing said: what a new language begins with."""
    found = new_catalogue()
    for said in messages():
        found.add(
            said.english, "", locations=[(file, 0) for file in said.files], context=said.context or None
        )
    return found


def write(catalogue: Catalog, file: Path) -> None:
    """Write a catalogue, the same bytes on every machine and day."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue, width=100, omit_header=True, include_lineno=False, include_previous=True)
    body = file.read_bytes()
    file.write_bytes(_HEADER.encode() + body.replace(b"\r\n", b"\n"))


_HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: GateScope\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def faults(language: Language) -> list[str]:
    """What is wrong with a language's catalogue, a line each: what is missing, stale or badly filled."""
    wanted = {(said.context, said.english): said for said in messages()}
    found = {
        (message.context or "", message.id): message for message in read_catalogue(language) if message.id
    }
    lines = []
    for key, said in wanted.items():
        message = found.get(key)
        name = f"{said.context or said.files[0]}: {said.english[:70]!r}"
        if message is None:
            lines.append(f"missing  {name}")
        elif message.fuzzy:
            lines.append(f"stale    {name}: its English has changed")
        elif not is_said(message):
            lines.append(f"empty    {name}")
        elif places(said.english) != places(str(message.string)):
            lines.append(f"values   {name}: {sorted(places(said.english) ^ places(str(message.string)))}")
    lines += [
        f"stale    {context or 'core'}: {text[:70]!r}"
        for context, text in found
        if (context, text) not in wanted
    ]
    return lines


def places(text: str) -> set[str]:
    """The names in braces of a text; the braces of a formula are its own."""
    return set(_PLACE.findall(re.sub(r"\$[^$]*\$|\{\{|\}\}", "", text)))
