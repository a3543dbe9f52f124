"""What pyproject.toml promises: packages, dependencies, and a wheel with all that the program reads."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
IMPORT_NAMES = {"pillow": "PIL", "pyside6-essentials": "PySide6", "fonttools": "fontTools"}


def _load_plan() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plan", ROOT / "packaging" / "plan.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plan = _load_plan()


def _packages_in(folder: str, installed_as: str) -> set[str]:
    found = (ROOT / folder).rglob("__init__.py")
    return {".".join((installed_as, *path.relative_to(ROOT / folder).parent.parts)) for path in found}


def _distribution(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0].lower()


def _declared() -> list[str]:
    extras: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
    return [_distribution(line) for line in [*PROJECT["project"]["dependencies"], *extras["data"]]]


def _imported() -> set[str]:
    files = [path for top in ("studio", "plugins") for path in (ROOT / top).rglob("*.py")]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in names}


def _tracked(*folders: str) -> list[str]:
    command = ["git", "ls-files", "-z", "--", *folders]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def test_every_package_of_the_tree_is_installed() -> None:
    expected = _packages_in("studio", "studio") | _packages_in("plugins", "studio_plugins")
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == expected | {"studio_assets"}


def test_every_import_is_declared_and_every_dependency_imported() -> None:
    foreign = _imported() - set(sys.stdlib_module_names) - {"studio", "plugins"}
    assert foreign == {IMPORT_NAMES.get(name, name) for name in _declared()}


def test_each_dependency_is_named_once_with_a_range() -> None:
    lines = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["data"]]
    assert not [line for line in lines if not re.fullmatch(r"[\w-]+>=[\d.]+,<[\d.]+", line)]
    assert len(set(_declared())) == len(_declared())


def test_set_up_looks_for_the_python_that_the_project_asks_for() -> None:
    lowest, too_high = re.findall(r"3, (\d+)", (ROOT / "packaging" / "setup.sh").read_text(encoding="utf-8"))
    assert PROJECT["project"]["requires-python"] == f">=3.{lowest},<3.{int(too_high) + 1}"


@pytest.mark.parametrize(("version", "fits"), [
    ("2.4.1", False), ("2.5.0", True), ("2.13.0+cpu", True), ("2.6.0a0+git123", True), ("3.0.0", False),
])
def test_a_torch_of_the_system_counts_only_in_range(
    version: str, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan.importlib.metadata, "version", lambda name: version)
    assert plan.has_torch() is fits


def test_download_tells_cuda_builds_and_counts_no_local_file() -> None:
    def item(name: str) -> dict[str, object]:
        return {"metadata": {"name": name}, "download_info": {"url": f"file:///wheels/{name}.whl"}}

    assert plan.download(json.dumps({"install": [item("torch"), item("numpy")]})) == ("cpu", 0)
    assert plan.download(json.dumps({"install": [item("torch"), item("nvidia-cublas")]})) == ("gpu", 0)


def test_unknown_sizes_count_as_nothing() -> None:
    assert plan.size_bytes("no address at all") == 0


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built from the files that git knows."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in _tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    code = f"from setuptools import build_meta; build_meta.build_wheel({os.fspath(target)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, check=True)
    (built,) = target.glob("*.whl")
    return built


def test_wheel_takes_no_name_that_belongs_to_nobody(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    packages = {name for name in tops if not name.endswith(".dist-info")}
    assert packages == {"studio", "studio_assets", "studio_plugins"}


def test_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    names = _tracked("studio", "plugins", "assets")
    expected = {re.sub(r"^(plugins|assets)/", r"studio_\1/", name) for name in names}
    assert expected - held == set()


def test_installed_wheel_finds_its_assets_and_families(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": os.fspath(tmp_path)}
    code = (
        "import sys; from studio.core.asset import asset; from studio.cli.main import main;"
        "print(asset('fonts/Inter-Regular.ttf')); sys.exit(main())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "list", "--json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )
    assert result.returncode == 0, result.stderr
    font, _, listing = result.stdout.partition("\n")
    assert Path(font).is_relative_to(tmp_path)
    assert {model["family"] for model in json.loads(listing)} == {"vae"}
