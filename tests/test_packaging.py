"""What pyproject.toml promises: packages, dependencies, and a wheel with all that the program reads."""

import ast
import configparser
import importlib.util
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path
from types import ModuleType

import imageio_ffmpeg
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
IMPORT_NAMES = {
    "pillow": "PIL",
    "pyside6-essentials": "PySide6",
    "fonttools": "fontTools",
    "imageio-ffmpeg": "imageio_ffmpeg",
    "dicebear-core": "dicebear",
    "resvg-py": "resvg_py",
    "scikit-image": "skimage",
    "umap-learn": "umap",
    "scikit-learn": "sklearn",
    "charset-normalizer": "charset_normalizer",
    "pyfluidsynth": "fluidsynth",
    "python-osc": "pythonosc",
    "backports.zstd": "backports",
}
BROUGHT_ALONG = {"llvmlite", "compression", "shiboken6"}  # numba's and PySide6's own; Python's from 3.14 on
READ_AS_FILES = {"dicebear-styles", "onnxscript"}  # no module of theirs is imported here


def _load_plan() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plan", ROOT / "packaging" / "plan.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plan = _load_plan()


def _distribution(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0].lower()


def _declared() -> list[str]:
    extras: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
    names = (
        "data",
        "diffusers",
        "excel",
        "fonts",
        "forecast",
        "forest",
        "hub",
        "keyring",
        "live",
        "mesh",
        "molecules",
        "onnx",
        "parquet",
        "photos",
        "splats",
        "umap",
    )
    chosen = (line for name in names for line in extras[name])
    lines = [*PROJECT["project"]["dependencies"], *chosen]
    return [name for line in lines if (name := _distribution(line)) != "manifold-studio"]


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


def test_every_import_is_declared_and_every_dependency_imported() -> None:
    foreign = _imported() - set(sys.stdlib_module_names) - {"studio", "plugins"} - BROUGHT_ALONG
    assert foreign == {IMPORT_NAMES.get(name, name) for name in _declared() if name not in READ_AS_FILES}


def test_each_dependency_is_named_once_with_a_range_or_pinned() -> None:
    lines = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["data"]]
    others = [line for line in lines if not line.startswith("manifold-studio[")]  # but for another extra of ours
    assert not [line for line in others if not re.fullmatch(r"[\w-]+(>=[\d.]+,<|==)[\d.]+", line)]
    assert len(set(_declared())) == len(_declared())


def test_set_up_looks_for_the_python_that_the_project_asks_for() -> None:
    lowest, highest = re.findall(r"3, (\d+)", (ROOT / "packaging" / "setup.sh").read_text(encoding="utf-8"))
    assert PROJECT["project"]["requires-python"] == f">=3.{lowest},<3.{int(highest) + 1}"


def test_one_commit_installs_the_same_versions_everywhere() -> None:
    """Every dependency is pinned once, for all Pythons and systems, within its range; no address stands there."""
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}
    assert len(pins) == len(lines)
    assert not [pin for pin in pins.values() if pin.url or len(pin.specifier) != 1]
    extras = PROJECT["project"]["optional-dependencies"].values()
    declared = [Requirement(line) for lines in (PROJECT["project"]["dependencies"], *extras) for line in lines]
    for wanted in declared:
        if wanted.name != PROJECT["project"]["name"]:
            (pin,) = pins[canonicalize_name(wanted.name)].specifier
            assert pin.operator == "=="
            assert wanted.specifier.contains(pin.version), wanted


def test_uv_is_told_where_pip_finds_packages() -> None:
    settings = (
        ":env:.find-links='/opt/some wheels'\nglobal.index-url='one'\nglobal.extra-index-url='\\ntwo\\nthree'\n"
        "global.cert='/a.pem'\nglobal.timeout='5'\nbroken\n"
    )
    assert plan.uv_settings(settings, {"SSL_CERT_FILE": "/mine.pem"}) == [
        "export UV_FIND_LINKS='/opt/some wheels'",
        "export UV_DEFAULT_INDEX=one",
        "export UV_INDEX='two three'",
    ]


def test_what_is_to_be_downloaded_is_said_before_it_is() -> None:
    lock = """
lock-version = "1.0"
[[packages]]
name = "torch"
wheels = [{ url = "file:///wheels/torch.whl" }]
[[packages]]
name = "numpy"
sdist = { size = 1 }
wheels = [{ size = 700_000_000 }]
[[packages]]
name = "old"
sdist = { size = 200_000_000 }
"""
    assert plan.download(lock) == (3, 900)
    assert plan.sentence(lock) == "3 packages, at most 900 MB: about 3 minutes at 40 Mbit/s"


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


@pytest.mark.long("starts processes of its own")
def test_wheel_takes_no_name_that_belongs_to_nobody(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    packages = {name for name in tops if not name.endswith((".dist-info", ".data"))}
    assert packages == {"studio", "studio_assets", "studio_docs", "studio_plugins"}


@pytest.mark.long("builds and installs a wheel")
def test_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    names = _tracked("studio", "plugins", "assets")
    expected = {re.sub(r"^(plugins|assets)/", r"studio_\1/", name) for name in names}
    assert expected - held == set()


@pytest.mark.long("builds and installs a wheel")
def test_wheel_brings_the_menu_entry_and_its_icon(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name.partition(".data/data/")[2]: name for name in archive.namelist() if ".data/data/" in name}
        assert set(held) == {
            "share/applications/manifold-studio.desktop",
            "share/icons/hicolor/scalable/apps/manifold-studio.svg",
        }
        entry = configparser.ConfigParser(interpolation=None)
        entry.read_string(archive.read(held["share/applications/manifold-studio.desktop"]).decode())
    values = entry["Desktop Entry"]
    assert values["Type"] == "Application"
    assert values["Exec"].partition(" ")[0] in PROJECT["project"]["scripts"]
    assert f"share/icons/hicolor/scalable/apps/{values['Icon']}.svg" in held
    assert values["Categories"].endswith(";")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it, which also sees the packages of this one, torch among them."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", os.fspath(python), "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", os.fspath(wheel)]
    subprocess.run(install, capture_output=True, check=True)
    site = [os.fspath(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    folder = Path(subprocess.run(site, capture_output=True, text=True, check=True).stdout.strip())
    others = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (folder / "others.pth").write_text("\n".join(sorted(others)), encoding="utf-8")
    return python


def _run_installed(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the installed command, away from the source tree."""
    command = [os.fspath(python.with_name("manifold-studio")), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.long("starts processes of its own")
def test_an_installed_wheel_reads_only_its_own_files(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json, studio; from studio.core.place import asset; from studio.registry.catalog import Catalog;"
        "catalog = Catalog(); models = [str(model.path) for model in catalog.list_models()];"
        "print(json.dumps([studio.__file__, str(asset('theme/tokens.json')), *models]))"
    )
    result = subprocess.run([installed, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    paths = json.loads(result.stdout)
    assert len(paths) > 2
    assert [path for path in paths if not Path(path).is_relative_to(installed.parents[1])] == []


# Where the pages of each family lie, guides in all languages and references, and what they link to or show.
PAGES = """
import json, re
from studio.registry.catalog import Catalog

pages = {}
for found in Catalog().families:
    for page in (*found.folder.glob("guide*.md"), found.folder / found.manifest.reference):
        links = re.findall(r"\\]\\(([^):]+\\.(?:md|webp))\\)", page.read_text("utf-8"))
        pages[str(page.resolve())] = [str((page.parent / link).resolve()) for link in links]
print(json.dumps(pages))
"""


@pytest.mark.long("builds and installs a wheel")
def test_the_pages_of_an_installed_wheel_find_each_other_and_their_pictures(installed: Path, tmp_path: Path) -> None:
    result = subprocess.run([installed, "-c", PAGES], cwd=tmp_path, capture_output=True, text=True, check=True)
    pages: dict[str, list[str]] = json.loads(result.stdout)
    families = {path.parent.name for path in ROOT.glob("plugins/*/family.py")}
    assert {Path(page).stem for page in pages} == {"guide", "guide.de", *families}
    linked = {Path(link) for links in pages.values() for link in links}
    assert {path.stem for path in linked if path.parent.name == "studio_docs"} == families
    assert {path.suffix for path in linked} == {".md", ".webp"}
    assert [path for path in linked if not (path.is_file() and path.is_relative_to(installed.parents[1]))] == []


@pytest.mark.long("builds and installs a wheel")
def test_an_installed_wheel_lists_every_model(installed: Path, tmp_path: Path) -> None:
    result = _run_installed(installed, tmp_path, "list", "--json")
    assert result.returncode == 0, result.stderr
    cards = [(path, json.loads(path.read_text("utf-8"))) for path in (ROOT / "plugins").glob("*/models/*.json")]
    expected = {
        card["id"] for path, card in cards if path.with_suffix(".safetensors").is_file() or not card["n_params"]
    }
    assert {model["id"] for model in json.loads(result.stdout)} == expected


# Opens a model of every kind that has one, and loads the panel and the parameters of all.
OPEN_KINDS = """
import json
from studio.compute.device import Device
from studio.registry.catalog import Catalog

catalog, opened = Catalog(), {}
for found in catalog.families:
    for name, kind in found.manifest.kinds.items():
        for part in (kind.engine, kind.panel, kind.params):
            found.load(part)
        opened[f"{found.id}.{name}"] = ""
    for model in catalog.list_models(found.id):
        name = found.manifest.kind_name(model.source.card)
        if not opened[f"{found.id}.{name}"]:
            catalog.open_engine(model.source, Device("cpu", "float32", 1)).close()
            opened[f"{found.id}.{name}"] = model.id
print(json.dumps(opened))
"""


@pytest.mark.long("starts processes of its own")
def test_an_installed_wheel_opens_a_model_of_every_kind(installed: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["NUMBA_DISABLE_JIT"] = "1"  # compiling for another place takes a minute, and is tried elsewhere
    command = [os.fspath(installed), "-c", OPEN_KINDS]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    opened = json.loads(done.stdout)
    assert {name.partition(".")[0] for name in opened} == {
        path.parent.name for path in ROOT.glob("plugins/*/family.py")
    }
    without = {name for name, model in opened.items() if not model}
    none_ships = {"autoregressive.quantiles", "transformer.server", "transformer.emoji"}
    assert without <= none_ships


@pytest.mark.long("starts processes of its own")
def test_an_installed_wheel_makes_samples(installed: Path, tmp_path: Path) -> None:
    kinds = {"a.png": "PNG", "a.gif": "GIF"}
    for name in (*kinds, "a.mp4"):
        result = _run_installed(installed, tmp_path, "sample", "vae/digits", "--seed", "5", "-o", name, "--json")
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["seed"] == 5
    for name, kind in kinds.items():
        with Image.open(tmp_path / name) as picture:
            assert (picture.format, picture.height) == (kind, 512)
    reader = imageio_ffmpeg.read_frames(os.fspath(tmp_path / "a.mp4"))
    assert next(reader)["codec"] == "h264"
    assert any(next(reader))
    reader.close()


@pytest.mark.long("starts processes of its own")
def test_installed_wheel_finds_its_assets_and_families(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": os.fspath(tmp_path)}
    code = (
        "import sys; from studio.core.place import asset; from studio.cli.main import main;"
        "print(asset('fonts/Inter-Regular.ttf')); sys.exit(main())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "list", "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    font, _, listing = result.stdout.partition("\n")
    assert Path(font).is_relative_to(tmp_path)
    assert {model["family"] for model in json.loads(listing)} == {
        "autoregressive",
        "diffusion",
        "gan",
        "nerf",
        "transformer",
        "vae",
    }
