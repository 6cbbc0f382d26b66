"""The component's script, colours and words: what can be said about them without a browser."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from gru_core.figures.colours import COLOUR_MAPS, DIFFERENCE_DARK, DIFFERENCE_LIGHT, GATE, STATE_DARK
from gru_core.figures.colours import STATE_LIGHT as STATE
from gru_ui.components.bundle import BundleError, bundle, stylesheet
from gru_ui.components.heatmap_texts import HEATMAP_TEXTS
from gru_ui.components.heatmaps import ASSETS

COMPONENTS = ASSETS.parent
SCRIPTS = sorted(COMPONENTS.rglob("*.js"))
ENTRIES = sorted(file.parent for file in COMPONENTS.glob("*/main.js"))


def write(folder: Path, **modules: str) -> Path:
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source, encoding="utf-8")
    return folder


def test_modules_are_joined_in_the_order_of_their_imports(tmp_path: Path) -> None:
    script = bundle(
        write(
            tmp_path,
            main='import { two } from "./b.js";\nexport default function mount() {\n  return two;\n}\n',
            b='// A remark.\nimport { one } from "./a.js";\nexport const two = one + 1; // stays\n',
            a="export const one = 1;\n",
        )
    )
    assert script == (
        "const one = 1;\n\nconst two = one + 1; // stays\n\n"
        "export default function mount() {\nreturn two;\n}\n"
    )


def test_a_folder_beside_it_is_shared(tmp_path: Path) -> None:
    for name in ("shared", "one"):
        (tmp_path / name).mkdir()
    write(
        tmp_path / "shared", a='import { b } from "./b.js";\nexport const a = b;\n', b="export const b = 1;\n"
    )
    write(
        tmp_path / "one",
        main='import { a } from "../shared/a.js";\nimport { b } from "../shared/b.js";\n'
        'import { c } from "./b.js";\nexport default [a, b, c];\n',
        b="export const c = 2;\n",
    )
    assert bundle(tmp_path / "one") == (
        "const b = 1;\n\nconst a = b;\n\nconst c = 2;\n\nexport default [a, b, c];\n"
    )
    (tmp_path / "one" / "b.js").write_text("export const c = 2;\nconst a = 3;\n", encoding="utf-8")
    with pytest.raises(BundleError, match=r"a is declared in a\.js and in b\.js"):
        bundle.__wrapped__(tmp_path / "one")


def test_a_component_may_overrule_shared_rules(tmp_path: Path) -> None:
    for name, rule in (("shared", "basis"), ("one", "one")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{rule}.css").write_text(f".{rule} {{}}\n", encoding="utf-8")
    assert stylesheet(tmp_path / "one", "basis") == ".basis {}\n\n.one {}\n"


@pytest.mark.parametrize(
    ("modules", "sentence"),
    [
        ({"main": 'import { one } from "./a.js";\n'}, "main.js asks for a.js, which does not exist"),
        (
            {"main": 'import { two } from "./a.js";\n', "a": "export const one = 1;\n"},
            "main.js imports two, which a.js does not declare",
        ),
        (
            {"main": 'import { one } from "./a.js";\nconst one = 2;\n', "a": "export const one = 1;\n"},
            "one is declared in a.js and in main.js",
        ),
        (
            {
                "main": 'import { one } from "./a.js";\nexport const zero = 0;\n',
                "a": 'import { zero } from "./main.js";\nexport const one = 1;\n',
            },
            "main -> a -> main is a circle",
        ),
    ],
)
def test_modules_that_cannot_be_joined(tmp_path: Path, modules: dict[str, str], sentence: str) -> None:
    with pytest.raises(BundleError, match=sentence):
        bundle(write(tmp_path, **modules))


def test_the_component_is_one_script_with_one_export() -> None:
    script = bundle(ASSETS)
    assert script.count("export ") == 1
    assert "export default function mount" in script
    assert not re.search(r"^\s*import ", script, re.MULTILINE)
    # Travels with every update: small beside a payload of 200 kB.
    assert len(script) < 80_000


def test_every_component_is_one_script_and_every_shared_module_is_used() -> None:
    scripts = {folder.name: bundle(folder) for folder in ENTRIES}
    assert {"heatmaps", "save_chart", "film", "race", "feed"} <= set(scripts)
    for name, script in scripts.items():
        assert script.count("export default function") == 1, name
        # The cell computes as well as draws, and is sent again only where model, input or gates change.
        assert len(script) < (160_000 if name == "cell" else 80_000), name
    imported = {name for file in SCRIPTS for name in re.findall(r'shared/([\w-]+)\.js"', file.read_text())}
    imported |= {
        name
        for file in (COMPONENTS / "shared").glob("*.js")
        for name in re.findall(r'from "\./([\w-]+)\.js"', file.read_text())
    }
    assert {file.stem for file in (COMPONENTS / "shared").glob("*.js")} == imported


def test_every_import_is_used() -> None:
    for file in SCRIPTS:
        source = file.read_text(encoding="utf-8")
        imports = re.findall(r"^import \{([^}]*)\}", source, re.MULTILINE)
        for name in (part.strip() for names in imports for part in names.split(",")):
            assert len(re.findall(rf"\b{name}\b", source)) > 1, (file.name, name)


def test_no_label_can_become_markup() -> None:
    for file in SCRIPTS:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", file.read_text()
        )


def test_every_word_is_used_and_every_used_word_exists() -> None:
    script = bundle(ASSETS)
    icons = set(re.findall(r'data-action|"([a-z ]+)"', script))
    used = set(re.findall(r'texts(?:\.(\w+)|\["([^"]+)"\])', script))
    named = {one or two for one, two in used} - {"replace"}
    assert named <= set(HEATMAP_TEXTS)
    # Names that reach the table through a variable: buttons, orders, kinds of places and sentences.
    reached = named | icons | {name for name in HEATMAP_TEXTS if name.startswith("order ")}
    assert set(HEATMAP_TEXTS) <= reached | {"save png", "save svg"}


def lightness(colours: tuple[str, ...]) -> np.ndarray:
    """CIE L*, computed from sRGB without the OKLab that made the tables."""
    rgb = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def test_gates_grow_lighter_in_even_steps() -> None:
    steps = np.diff(lightness(GATE))
    assert (steps > 0).all()
    assert steps.max() < 2.2 * steps.min()


@pytest.mark.parametrize("table", [STATE, DIFFERENCE_LIGHT])
def test_on_paper_zero_is_lightest(table: tuple[str, ...]) -> None:
    light = lightness(table)
    assert light.argmax() == 16
    assert (np.diff(light[:17]) > 0).all()
    assert (np.diff(light[16:]) < 0).all()


@pytest.mark.parametrize("table", [STATE_DARK, DIFFERENCE_DARK])
def test_on_a_dark_page_zero_is_darkest(table: tuple[str, ...]) -> None:
    light = lightness(table)
    assert light.argmin() == 16
    assert (np.diff(light[:17]) < 0).all()
    assert (np.diff(light[16:]) > 0).all()


def test_the_two_ends_stay_apart_for_colour_blind_eyes() -> None:
    # Linear-RGB simulation of deuteranopia and protanopia (Vienot, Brettel and Mollon 1999).
    blind = {
        "deutan": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
        "protan": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    }
    for scale, theme in itertools.product(("state", "difference"), ("light", "dark")):
        table = COLOUR_MAPS[scale][theme]
        for place in (0, 8):
            ends = np.array(
                [[int(table[at][i : i + 2], 16) / 255 for i in (1, 3, 5)] for at in (place, 32 - place)]
            )
            for matrix in blind.values():
                seen = (ends**2.2 @ matrix.T).clip(0, 1) ** (1 / 2.2)
                assert np.abs(seen[0] - seen[1]).max() > 0.15, (scale, theme, place)
