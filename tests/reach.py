"""Which tests a change can reach: by imports, by names in strings, and by what no import shows.

`python -m tests.reach [BASE]` prints what pytest has to be given for what was changed since BASE (main where it is left
out), committed or not, and on stderr what it left out and why. A module reaches every test that imports it, however
far away; a family found by discovery reaches the tests that look for families; of files that are no modules each
declares here whom it concerns, and what is not declared concerns all.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import grimp

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("studio", "plugins", "tests")
ALWAYS: Final = ("tests/test_architecture.py", "tests/test_visible_words.py", "tests/test_translations.py")
"""Read the whole tree."""
LOADED_BY_NAME: Final = {"studio.registry.catalog": "studio.metrics.recipe"}
FINDS_FAMILIES: Final = re.compile(
    r"\bCatalog\(\)|builtin_places|find_families|studio\.app\b|cli\.(main|command)\b|main\.py|ALL_FOUND|understand_apart"
)
"""Words of a file of tests, or of what it takes from others, by which it meets families that it does not import."""
HOST: Final = tuple(
    f"studio.{name}." for name in ("api", "widgets", "shell", "registry", "render", "commands", "compute")
)
"""What all families stand on."""
FILES: Final = (
    (r"(docs/(?!example).*|README\.md|CONTRIBUTING\.md|CHANGELOG\.md|LICENSE)", r"tests/(test_|contract/test_tour).*"),
    (r"studio/core/locale/.*", r"tests/(core/test_translation|contract/(test_words_fit|test_tour|test_access)).*"),
    (r"studio/.*\.(qss|json|svg)", r"tests/(widgets|shell|contract)/.*"),
    (r"packaging/(?!constraints).*", r"tests/(test_packaging|test_start|plugins/nerf/.*scene).*"),
    (r"(\.ci/.*|\.gitignore|tests/costs\.py|tests/seeded/.*\.(toml|md))", r"(?!)"),
)
"""What is no module: a pattern of its path, and one of the files of tests that it concerns."""


@dataclass
class Reach:
    """What a change reaches.

    Attributes: files of tests, families whose part of the contract is run (all of it where None), and reasons.
    """

    files: set[str] = field(default_factory=set)
    families: set[str] | None = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)


class Tree:
    """The imports of a checkout."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    @cached_property
    def tests(self) -> set[str]:
        """All files of tests."""
        return {str(path.relative_to(self._root)) for path in self._root.glob("tests/**/test_*.py")}

    @cached_property
    def _graph(self) -> grimp.ImportGraph:
        graph = grimp.build_graph(*PACKAGES, cache_dir=str(self._root / ".import_linter_cache"))
        for importer, imported in LOADED_BY_NAME.items():
            graph.add_import(importer=importer, imported=imported)
        known = frozenset(graph.modules)
        for module in known:
            self._add_strings(graph, module, known)
        for file in self.tests:
            for folder in Path(file).parents:
                if f"{_module(str(folder))}.conftest" in known:
                    graph.add_import(importer=_module(file), imported=f"{_module(str(folder))}.conftest")
        return graph

    def _text(self, module: str) -> str:
        path = self._root / module.replace(".", "/")
        file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        return file.read_text("utf-8") if file.is_file() else ""

    def _add_strings(self, graph: grimp.ImportGraph, module: str, known: frozenset[str]) -> None:
        """What a string names is imported by that name, or replaced in a test."""
        for name in re.findall(r"[\"'\s]((?:studio|plugins|tests)(?:\.\w+)+)", self._text(module)):
            while name and name not in known:
                name = name.rpartition(".")[0]  # noqa: PLW2901
            if name.count(".") > 0 and name != module:
                graph.add_import(importer=module, imported=name)

    @cached_property
    def finders(self) -> set[str]:
        """The files of tests that meet families which they do not import."""
        words = {
            module
            for module in self._graph.modules
            if module.startswith("tests.") and FINDS_FAMILIES.search(self._text(module))
        }
        return {file for file in self.tests if words & {_module(file), *self._helpers_of(file)}}

    def _finders_of(self, families: set[str]) -> set[str]:
        """Those that meet some of these families; the tests of a family meet their own alone."""
        others = tuple(f"tests/plugins/{path.parent.name}/" for path in self._root.glob("plugins/*/family.py"))
        own = tuple(f"tests/plugins/{family}/" for family in families)
        return {file for file in self.finders if families and (file.startswith(own) or not file.startswith(others))}

    def _helpers_of(self, file: str) -> set[str]:
        """The other modules of tests that a file of tests takes something from."""
        found: set[str] = set()
        new = {_module(file)}
        while new:
            new = {one for module in new for one in self._graph.find_modules_directly_imported_by(module)} - found
            new = {one for one in new if one.startswith("tests.") and one != "tests.conftest"}
            found |= new
        return found

    def reached_by(self, changed: Iterable[str]) -> Reach:
        """What changed files, as paths from the root, can reach."""
        reach = Reach(set(ALWAYS) & self.tests)
        for path in sorted(changed):
            files, families = self._reached_by(path)
            reach.reasons.append(f"{path}: {len(files)} files of tests")
            reach.files |= files
            reach.families = None if families is None or reach.families is None else reach.families | families
        return reach

    def _reached_by(self, path: str) -> tuple[set[str], set[str] | None]:
        module = _module(path)
        family = path.split("/")[1] if path.startswith("plugins/") and path.count("/") > 1 else ""
        if path.endswith(".py") and module in self._graph.modules and path != "tests/conftest.py":
            found = {module, *self._graph.find_downstream_modules(module)}
            families = {name.split(".")[1] for name in found if name.startswith("plugins.")}
            files = {file for file in self.tests if _module(file) in found}
            if module.startswith("tests."):
                return files, None
            is_shared = any(name.startswith(HOST) for name in found)
            return files | self._finders_of(families), None if is_shared else families
        if family:
            files = {file for file in self.tests if file.startswith(f"tests/plugins/{family}/")}
            return files | self._finders_of({family}), {family}
        for pattern, concerned in FILES:
            if re.fullmatch(pattern, path):
                return {file for file in self.tests if re.fullmatch(concerned, file)}, None
        return set(self.tests), None


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def changed_since(base: str, root: Path = ROOT) -> set[str]:
    """The paths of all that differs from where this branch left `base`, committed or not."""

    def git(*arguments: str) -> list[str]:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    start = git("merge-base", base, "HEAD")[0]
    new = git("ls-files", "--others", "--exclude-standard")
    return {*git("diff", "--name-only", "--no-renames", start), *new}


def main() -> None:
    """Print what pytest has to be given."""
    tree, base = Tree(), sys.argv[1] if len(sys.argv) > 1 else "main"
    changed = changed_since(base)
    reach = tree.reached_by(changed)
    for reason in reach.reasons:
        print(f"   {reason}", file=sys.stderr)
    left = Counter("/".join(file.split("/")[:-1][:3]) for file in tree.tests - reach.files)
    said = ", ".join(f"{n} of {folder}" for folder, n in sorted(left.items()))
    print(f"   {len(reach.files)} of {len(tree.tests)} files of tests can be reached.", file=sys.stderr)
    print(f"   Left out, since nothing in them comes upon what changed: {said or 'nothing'}.", file=sys.stderr)
    if reach.families:
        print(f"   Of the contract only {', '.join(sorted(reach.families))}.", file=sys.stderr)
        print(f"--families={','.join(sorted(reach.families))}")
    print(*sorted(reach.files), sep="\n")


if __name__ == "__main__":
    main()
