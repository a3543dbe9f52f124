"""What the linters cannot say: sizes, names, weights, and what a fresh process has loaded."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for top in ("main.py", "studio", "plugins", "packaging", "tests")
    for path in ([ROOT / top] if top.endswith(".py") else (ROOT / top).rglob("*.py"))
)
MAX_FILE_LINES = 600
MAX_CLASS_LINES = 300
MAX_FUNCTION_LINES = 80
MAX_FILE_MIB = 20
MAX_CHECKOUT_MIB = 120
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "managers"}
TEXT_SUFFIXES = {".py", ".md", ".toml", ".sh", ".ps1", ".json", ".qss"}
HEAVY = ("torch", "numba", "pyqtgraph", "soundfile", "moderngl", "imageio")
# Shows Home, saves its picture, and prints every line of text on it.
READ_HOME = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QLabel
from studio import app

class Studio(app.Studio):
    def end(self):
        print(*(label.text() for label in self.window.findChildren(QLabel)), sep="\\n")
        super().end()

app.Studio = Studio
app.shot("home", {}, (1280, 720), Path(sys.argv[1]))
"""


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _named(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def _too_long(path: Path) -> Iterator[str]:
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    if n_lines > MAX_FILE_LINES:
        yield f"{_named(path)} has {n_lines} lines, more than {MAX_FILE_LINES}"
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ClassDef):
            limit = MAX_CLASS_LINES
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            limit = MAX_FUNCTION_LINES
        else:
            continue
        n_lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if n_lines > limit:
            yield f"{_named(path, node.lineno)} {node.name} has {n_lines} lines, more than {limit}"


def _is_docstring_only(path: Path) -> bool:
    body = _tree(path).body
    return len(body) == 1 and ast.get_docstring(ast.Module(body, [])) is not None


def _tracked() -> list[Path]:
    command = ["git", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


def _run(code_or_file: list[str], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *code_or_file], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_there_is_something_to_check() -> None:
    assert ROOT / "studio" / "cli" / "main.py" in SOURCES


@pytest.mark.long("computes for long")
def test_files_classes_and_functions_stay_small() -> None:
    assert not [complaint for path in SOURCES for complaint in _too_long(path)]


def test_packages_reexport_nothing() -> None:
    packages = [path for path in SOURCES if path.name == "__init__.py"]
    assert not [_named(path) for path in packages if not _is_docstring_only(path)]


def test_modules_are_named_after_their_job() -> None:
    parts = {path: {path.stem, path.parent.name} for path in SOURCES}
    assert not [_named(path) for path, names in parts.items() if names & FORBIDDEN_NAMES]


@pytest.mark.long("computes for long")
def test_every_module_says_what_it_is_for() -> None:
    assert not [_named(path) for path in SOURCES if not ast.get_docstring(_tree(path))]


def test_tips_are_plain_text() -> None:
    """Qt's own would obey marks in foreign text."""
    own = ROOT / "studio/widgets/controls/label.py"
    sources = [path for folder in ("studio", "plugins") for path in (ROOT / folder).rglob("*.py") if path != own]
    assert [path for path in sources if ".setToolTip(" in path.read_text("utf-8")] == []


def test_checkout_stays_light() -> None:
    sizes = {path: path.stat().st_size / 2**20 for path in _tracked()}
    assert not [f"{_named(path)} {size:.1f} MiB" for path, size in sizes.items() if size > MAX_FILE_MIB]
    assert sum(sizes.values()) <= MAX_CHECKOUT_MIB


def test_no_address_is_written_down() -> None:
    texts = [path for path in _tracked() if path.suffix in TEXT_SUFFIXES]
    assert not [_named(path) for path in texts if re.search("https?://", path.read_text(encoding="utf-8"))]


def test_readme_draws_the_layers_that_the_linter_checks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    checked = next(c["layers"] for c in project["tool"]["importlinter"]["contracts"] if c["name"] == "layers")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    picture = re.search("## How it is built\n\n```\n(.*?)```", readme, re.DOTALL)
    assert picture is not None
    drawn = [" | ".join("studio." + half.split()[0] for half in line.split(" | ")) for line in picture[1].splitlines()]
    assert drawn == checked


def test_only_the_plots_know_what_draws_them() -> None:
    others = [path for path in SOURCES if "plots" not in path.relative_to(ROOT).parts]
    drawing = re.compile(r"^\s*(import|from) pyqtgraph", re.MULTILINE)
    assert not [_named(path) for path in others if drawing.search(path.read_text(encoding="utf-8"))]


def test_every_module_of_a_family_falls_under_the_contracts_of_its_folder() -> None:
    """Whatever stands in no folder `panel` may not import Qt, whatever stands in one may not import torch."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = {one["name"]: one for one in project["contracts"]}
    modules = [path.relative_to(ROOT / "plugins").parts for path in SOURCES if path.is_relative_to(ROOT / "plugins")]
    in_panels = [parts for parts in modules if "panel" in parts[:-1]]
    no_qt, no_torch = contracts["no Qt outside of panels"], contracts["no torch in panels"]
    assert no_qt["source_modules"] == ["plugins"]
    assert {rule.partition(" -> ")[0] for rule in no_qt["ignore_imports"]} == {"plugins.**.panel.**"}
    assert "plugins.**.panel" in no_torch["source_modules"]
    assert len(modules) > 500
    assert 150 < len(in_panels) < len(modules) / 2
    assert not project["exclude_type_checking_imports"]


@pytest.mark.long("starts processes of its own")
def test_window_starts_without_heavy_packages() -> None:
    code = f"import studio.app, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = _run(["-c", code])
    assert (result.stdout.strip(), result.returncode) == ("[]", 0), result.stderr


@pytest.fixture(scope="module")
def bare_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program from which the only family was deleted."""
    house = tmp_path_factory.mktemp("house")
    for name in ("studio", "assets", "plugins"):
        shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "main.py", house)
    for family in (house / "plugins").iterdir():
        if family.is_dir():
            shutil.rmtree(family)
    return house


@pytest.mark.long("starts processes of its own")
def test_without_families_the_list_is_empty(bare_house: Path) -> None:
    result = _run(["main.py", "list", "--json"], cwd=bare_house)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == []


@pytest.mark.long("starts processes of its own")
def test_without_families_home_says_so(bare_house: Path, tmp_path: Path) -> None:
    picture = tmp_path / "home.png"
    result = _run(["-c", READ_HOME, os.fspath(picture)], cwd=bare_house)
    assert result.returncode == 0, result.stderr
    assert "No family of models is installed" in result.stdout.splitlines()
    assert picture.stat().st_size > 5_000
