"""Python functions: which of a file are taken and how they are written, what they may share, and what is built."""

import ast
import hashlib
import io
import sys
import tarfile
import zipfile

import pytest

from studio.core.error import UserError
from studio.datasets import python_code
from studio.datasets.package import read_member
from studio.datasets.python_code import (
    MEMBER,
    PYTHON_PACKAGES,
    build_python,
    load_python,
    read_package,
    split_of,
    without_shared,
)
from studio.datasets.python_function import SharedRuns, body_of, functions_of, n_statements
from studio.datasets.split import Split

SOURCE = b'''
import os

@cache
def first(a: int, *rest: str) -> int:
    """What it does."""
    # a comment
    b = "two" + (
        a)
    pass
    return b

class One:
    async def second(self):
        \tself.x = 1
        \tawait self

    def trivial(self):
        """Says much."""
        return 1

def outer():
    x = "%s"
    def inner(y):
        """Its own."""
        z: int = y
        return z
    return inner
''' % (b"long" * 30)
FIRST = "def first(a, *rest):\n    b = 'two' + a\n    return b"
SECOND = "async def second(self):\n    self.x = 1\n    await self"
INNER = "def inner(y):\n    z: int = y\n    return z"


def test_functions_are_plain_short_and_do_something():
    assert functions_of(SOURCE) == [FIRST, SECOND, INNER]
    assert body_of(FIRST) == "    b = 'two' + a\n    return b"


@pytest.mark.parametrize("source", [b"def broken(:", b"\xff\xfe", b"x = '\0'", b"print 'two'", b""])
def test_what_is_no_python_has_no_functions(source):
    assert functions_of(source) == []


def test_a_long_body_a_long_line_and_other_letters_are_left_out():
    def made(line, n_lines):
        return ("def f(x):\n" + f"    {line}\n" * n_lines).encode()

    assert len(functions_of(made("x = 1234567", 25))) == 1  # 25 lines of 16 characters, line ends included
    assert functions_of(made("x = 1234567", 26)) == []
    assert len(functions_of(made("x = " + "1" * 92, 2))) == 1
    assert functions_of(made("x = " + "1" * 93, 2)) == []
    assert functions_of(made("x = 'é'", 2)) == []


def test_statements_count_at_any_depth_but_what_does_nothing_does_not():
    assert n_statements(ast.parse("if x:\n    'text'\n    pass\n    ...\nelse:\n    y = 1\nfor i in x: i()")) == 4


def test_no_two_bodies_share_a_run():
    runs = SharedRuns(8)
    assert runs.take("def a():\n    x = one\n    return x")
    assert not runs.take("def b():\n    y = 2\n    z = one\n    return z")
    assert runs.take("def c():\n    xy\n    n")
    assert not runs.take("def d():\n    xy\n    n")
    assert SharedRuns().take("def b(): return 1") is True


def test_held_out_functions_stay_where_a_learnt_one_shares_with_them():
    shared = "def f():\n    the_same_text_in_many_files(of, them)\n    return "
    files = {f"some/{number}.py": [f"{shared}{number}"] for number in range(200)}
    kept = without_shared(files)
    assert len(kept) == 1
    assert split_of(next(iter(kept))) is Split.TEST
    parts = [split_of(name) for name in files]
    assert parts.count(Split.TRAIN) > 180 > 20 > parts.count(Split.TEST) > 0


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data


def test_tests_and_copies_of_other_packages_are_left_out():
    names = ["a/b.py", "a/tests/c.py", "a/test_d.py", "a/_vendor/x/e.py", "a/f.txt", "a/conftest.py", "a/contests.py"]
    found = dict(read_package(zipped(dict.fromkeys(names, SOURCE)), "made"))
    assert set(found) == {"made/a/b.py", "made/a/contests.py"}
    assert found["made/a/b.py"] == [FIRST, SECOND, INNER]


def test_packages_are_pinned():
    assert len({package.name for package in PYTHON_PACKAGES}) == len(PYTHON_PACKAGES)
    assert all(len(package.sha256) == 64 and package.licence in ("BSD", "MIT") for package in PYTHON_PACKAGES)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """An npm and a pip that copy what was made here."""
    made = tmp_path / "made"
    made.mkdir()
    library = zipped({"json/decoder.py": SOURCE}).getvalue()
    with tarfile.open(made / "pyodide-0.tgz", "w:gz") as tar:
        entry = tarfile.TarInfo(MEMBER)
        entry.size = len(library)
        tar.addfile(entry, io.BytesIO(library))
    (made / "small-1-py3-none-any.whl").write_bytes(zipped({"small/x.py": b"def g(a):\n    a()\n    a()"}).getvalue())
    for name, ending in (("npm", "tgz"), ("python", "whl")):
        (made / name).write_text(f'#!/bin/sh\ncp "{made}"/*.{ending} .\n')
        (made / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(made / "python"))
    monkeypatch.setattr("shutil.which", lambda name: str(made / name))
    monkeypatch.setattr(python_code, "PYTHON_PACKAGES", PYTHON_PACKAGES[:1])
    return made


def test_building_writes_functions_that_load(tmp_path, programs, monkeypatch):
    monkeypatch.setattr(python_code, "SHA_256", hashlib.sha256((programs / "pyodide-0.tgz").read_bytes()).hexdigest())
    steps = list(build_python(tmp_path))
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    parts = [load_python(split, tmp_path) for split in Split]
    texts = [text for part in parts for text in part.texts]
    assert sorted(texts) == sorted([FIRST, SECOND, INNER, "def g(a):\n    a()\n    a()"])
    assert sum(part.n_files for part in parts) == 2


def test_another_standard_library_is_refused(tmp_path, programs):
    with tarfile.open(programs / "pyodide-0.tgz") as tar, pytest.raises(KeyError):
        read_member(tar, "package/other.zip", 100)
    with pytest.raises(UserError, match="has changed"):
        list(build_python(tmp_path))


def test_without_the_data_set_a_sentence_says_how_to_get_it(tmp_path):
    with pytest.raises(UserError, match="not on this computer"):
        load_python(Split.TRAIN, tmp_path)
    (tmp_path / "python.npz").write_bytes(b"no archive")
    with pytest.raises(UserError, match="damaged"):
        load_python(Split.TRAIN, tmp_path)
