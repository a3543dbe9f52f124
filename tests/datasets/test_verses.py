"""Verses: marks go, lines pair up, held-out verses share no run of words, and a Bible is read out of its package."""

import bz2
import struct
import subprocess
import zlib

import numpy as np
import pytest

from studio.core.error import UserError
from studio.datasets import verses
from studio.datasets.split import Split
from studio.datasets.verses import (
    MAX_CHARACTERS,
    N_TEST,
    N_VALIDATION,
    Verses,
    build_verses,
    load_verses,
    paired,
    parts_of,
    read_module,
    read_verses,
    runs,
    tidied,
    write_verses,
)

CONF = """[{name}]
DataPath=./modules/texts/ztext/{name}/
ModDrv=zText
SourceType=OSIS
Encoding=UTF-8
CompressType=ZIP
BlockType=BOOK
Versification=KJV
"""
GENESIS_1_1 = 4
"""Before it stand the heads of the module, the testament, the book and the chapter."""


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ('<w lemma="strong:H7225">In the beginning</w> <w>God</w> created', "In the beginning God created"),
        ("he said<note n='a'>or, <i>spoke</i></note>, Let", "he said, Let"),
        ("<title>A Psalm\nby David.</title>The LORD<lb/>reigns", "The LORD reigns"),
        ("one<note>a</note> two<note>b</note> three", "one two three"),
        ("<titlePage>stays</titlePage>", "stays"),
        ("<q marker=''>¿ Quién </q> eres ?", "¿Quién eres?"),
        ("he said, “ <w>Come</w> ” .", "he said, “Come”."),
        ("  a \n\t b ", "a b"),
        ("<note>all of it</note>", ""),
    ],
)
def test_a_verse_loses_its_marks_and_keeps_its_words(marked, text):
    assert tidied(marked) == text


def test_only_lines_that_may_mean_the_same_are_paired():
    whole = "x" * MAX_CHARACTERS
    english = {
        "b": "two",
        "a": "one",
        "empty": "",
        "alone": "left",
        "long": "x" * 9,
        "twice": "abcdef",
        "at most": whole,
    }
    spanish = {"a": "uno", "b": "dos", "empty": "nada", "long": "abcd", "twice": "abc", "other": "x", "at most": whole}
    found = paired({**english, "longer": whole + "x"}, {**spanish, "longer": whole + "x"})
    assert found.names == ("b", "a", "twice", "at most")
    assert found.english[:3] == ("two", "one", "abcdef")
    assert found.spanish[:3] == ("dos", "uno", "abc")


def test_runs_are_of_words_without_marks_and_a_short_text_is_one():
    assert runs("And God said, LET there!", 3) == {
        ("and", "god", "said"),
        ("god", "said", "let"),
        ("said", "let", "there"),
    }
    assert runs("Amen.", 3) == {("amen",)}


@pytest.mark.long("computes for long")
def test_no_verse_to_learn_from_shares_a_run_of_words_with_a_test_verse():
    parts = {split: load_verses(split) for split in Split}
    assert [len(parts[split].names) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST)] == [
        29_784,
        N_VALIDATION,
        N_TEST,
    ]
    for column in ("english", "spanish"):
        held_out = {" ".join(run) for text in getattr(parts[Split.TEST], column) for run in runs(text)}
        assert not [text for text in getattr(parts[Split.TRAIN], column) if held_out & set(map(" ".join, runs(text)))]
    names = [set(part.names) for part in parts.values()]
    assert len(set.union(*names)) == sum(map(len, names))


def test_verses_that_repeat_a_test_verse_are_left_out():
    n = N_TEST + N_VALIDATION + 40
    names = tuple(f"Made 1:{number}" for number in range(n))
    plain = Verses(
        names, tuple(f"english {number}" for number in range(n)), tuple(f"uno {number}" for number in range(n))
    )
    parts = parts_of(plain)
    assert len(parts[Split.TRAIN]) == 40
    spanish, known, copy = list(plain.spanish), parts[Split.TEST][0], parts[Split.TRAIN][7]
    spanish[known] = "uno dos tres cuatro cinco seis siete ocho"
    spanish[copy] = "Y UNO, dos tres; cuatro cinco seis siete ocho nueve"
    assert set(parts[Split.TRAIN]) - set(parts_of(Verses(names, plain.english, tuple(spanish)))[Split.TRAIN]) == {copy}


def test_what_was_written_is_read_and_what_is_damaged_is_refused(tmp_path):
    n = N_TEST + N_VALIDATION + 1
    made = Verses(*(tuple(f"{word} {number}" for number in range(n)) for word in ("Génesis", "light", "luz ¡sí!")))
    path = tmp_path / "verses.npz"
    write_verses(path, made)
    assert read_verses(path) == made
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError):
        load_verses(Split.TEST, tmp_path)
    column = np.frombuffer(bz2.compress(b"a\nb"), np.uint8)
    np.savez(path, names=column, english=column, spanish=column)
    with pytest.raises(UserError):
        load_verses(Split.TEST, tmp_path)


def write_module(sword, name, texts):
    """A module whose book of Genesis begins with these verses, as SWORD packs one (zText, a block for each book)."""
    folder = sword / "modules" / "texts" / "ztext" / name
    folder.mkdir(parents=True)
    (sword / "mods.d").mkdir(exist_ok=True)
    (sword / "mods.d" / f"{name}.conf").write_text(CONF.format(name=name), "utf-8")
    block, places = b"", [(0, 0, 0)] * GENESIS_1_1
    for text in texts:
        data = text.encode("utf-8")
        places.append((0, len(block), len(data)))
        block += data
    places += [(0, 0, 0)] * 30_000
    packed = zlib.compress(block)
    for testament in ("ot", "nt"):
        (folder / f"{testament}.bzs").write_bytes(struct.pack("<III", 0, len(packed), len(block)))
        (folder / f"{testament}.bzv").write_bytes(b"".join(struct.pack("<IIH", *place) for place in places))
        (folder / f"{testament}.bzz").write_bytes(packed)


@pytest.mark.long("computes for long")
def test_a_module_is_read_and_another_one_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(verses, "N_LEAST", 2)
    write_module(tmp_path, verses.ENGLISH, ["<w>In the beginning</w> God", "<note>x</note>", "light"])
    found = read_module(tmp_path, verses.ENGLISH)
    assert [found[f"Genesis 1:{verse}"] for verse in (1, 3)] == ["In the beginning God", "light"]
    assert "Genesis 1:2" not in found
    with pytest.raises(UserError):
        read_module(tmp_path, verses.SPANISH)
    for packed in tmp_path.rglob("*.bzz"):
        packed.write_bytes(b"no zlib")
    with pytest.raises(UserError):
        read_module(tmp_path, verses.ENGLISH)


@pytest.mark.long("computes for long")
def test_both_bibles_are_fetched_and_paired(tmp_path, monkeypatch):
    def run(command, cwd, **_options):
        if command[0] == "apt-get":
            for name in command[3:]:
                (cwd / f"{name}_1_all.deb").touch()
        else:
            name, texts = (
                (verses.ENGLISH, ["light", "dark"])
                if "web" in command[2]
                else (verses.SPANISH, ["luz", "de lo que no"])
            )
            write_module(cwd / command[3] / verses.SWORD, name, texts)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("studio.datasets.package.shutil.which", str)
    monkeypatch.setattr("studio.datasets.package.subprocess.run", run)
    monkeypatch.setattr(verses, "N_LEAST", 2)
    assert [step.fraction for step in build_verses(tmp_path)][-1] == 1
    with (tmp_path / verses.FILE_NAME).open("rb") as opened, np.load(opened) as file:
        columns = [bz2.decompress(file[name].tobytes()).decode() for name in ("names", "english", "spanish")]
    assert [column.split("\n")[0] for column in columns] == ["Genesis 1:1", "light", "luz"]


@pytest.mark.parametrize("missing", ["apt-get", "dpkg"])
def test_without_debians_tools_it_says_so(tmp_path, monkeypatch, missing):
    monkeypatch.setattr("studio.datasets.package.shutil.which", lambda name: None if name == missing else name)
    with pytest.raises(UserError, match="Debian"):
        list(build_verses(tmp_path))


def test_a_package_that_is_not_to_be_had_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.datasets.package.shutil.which", str)
    failed = subprocess.CompletedProcess[str]([], 100)
    monkeypatch.setattr("studio.datasets.package.subprocess.run", lambda *_, **__: failed)
    with pytest.raises(UserError, match="sword-text-web"):
        list(build_verses(tmp_path))
