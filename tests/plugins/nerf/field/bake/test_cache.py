"""The folder of finished bakes: found again, made anew after a change, and never trusted."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plugins.nerf.field.bake import cache
from plugins.nerf.field.bake.bake import BakeSettings, bake
from plugins.nerf.field.bake.bricks import BrickVolume
from plugins.nerf.field.bake.cache import cached_bake, cached_volume, keep_volume
from tests.plugins.nerf.field.baked_ball import SoftBall

SETTINGS = BakeSettings(stages=(24,))


@pytest.fixture(scope="module")
def volume() -> BrickVolume:
    """What a bake of the ball ends with."""
    volume = list(bake(SoftBall(), SETTINGS))[-1].volume
    assert volume is not None
    return volume


def bake_it(content: str, settings: BakeSettings = SETTINGS) -> tuple[BrickVolume, int]:
    """The last volume, and how often the field was asked."""
    field = SoftBall()
    volume = list(cached_bake(field, content, settings))[-1].volume
    assert volume is not None
    return volume, field.n_queries


def only_file(home: Path) -> Path:
    (path,) = (home / "cache" / "bakes").iterdir()
    return path


@pytest.mark.long("computes for long")
def test_a_bake_is_found_again(studio_home: Path) -> None:
    first, asked = bake_it("one")
    second, asked_again = bake_it("one")
    assert asked > 0
    assert asked_again == 0
    assert second.voxel == first.voxel
    for name in ("low", "index", "leap", "opacity", "colour", "head"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    held = cached_volume("one", SETTINGS)
    assert held is not None
    assert np.array_equal(held.opacity, first.opacity)


@pytest.mark.long("computes for long")
def test_another_model_or_other_settings_are_baked_anew(studio_home: Path) -> None:
    bake_it("one")
    assert bake_it("two")[1] > 0
    assert bake_it("one", BakeSettings(stages=(24,), n_directions=12))[1] > 0
    assert bake_it("one")[1] == 0


@pytest.mark.long("computes for long")
def test_another_format_is_not_read(studio_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bake_it("one")
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert bake_it("one")[1] > 0


def test_kept_at_once(studio_home: Path, volume: BrickVolume) -> None:
    keep_volume("two", volume)
    held = cached_volume("two")
    assert held is not None
    assert np.array_equal(held.colour, volume.colour)


def with_header(data: bytes, change) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


BROKEN = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "cut in the header": lambda data: data[:100],
    "a byte changed": lambda data: data[:-1000] + bytes([data[-1000] ^ 1]) + data[-999:],
    "more behind": lambda data: data + b"more",
    "huge header": lambda data: (1 << 62).to_bytes(8, "little") + data[8:],
    "no header": lambda data: b"PK\x03\x04" + data,
    "no voxel": lambda data: with_header(data, lambda h: h["__metadata__"].pop("voxel")),
    "no notes": lambda data: with_header(data, lambda h: h.pop("__metadata__")),
    "no array": lambda data: with_header(data, lambda h: h.pop("leap")),
    "voxel of no size": lambda data: with_header(data, lambda h: h["__metadata__"].update(voxel="0.0")),
    "voxel no number": lambda data: with_header(data, lambda h: h["__metadata__"].update(voxel="x")),
    "huge shape": lambda data: with_header(data, lambda h: h["opacity"].update(shape=[1 << 40, 9, 9, 9])),
    "other kind": lambda data: with_header(data, lambda h: h["head"].update(dtype="I32")),
    "other shape": lambda data: with_header(data, lambda h: h["head"].update(shape=[288])),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_not_read_and_goes(studio_home: Path, volume: BrickVolume, name: str) -> None:
    keep_volume("one", volume, SETTINGS)
    assert cached_volume("one", SETTINGS) is not None
    path = only_file(studio_home)
    path.write_bytes(BROKEN[name](path.read_bytes()))
    assert cached_volume("one", SETTINGS) is None
    assert not path.exists()


@pytest.mark.long("computes for long")
def test_what_was_broken_is_baked_and_kept_again(studio_home: Path, volume: BrickVolume) -> None:
    keep_volume("one", volume, SETTINGS)
    only_file(studio_home).write_bytes(b"broken")
    assert bake_it("one")[1] > 0
    assert bake_it("one")[1] == 0


def test_a_file_with_a_right_digest_and_wrong_numbers_is_refused(studio_home: Path, volume: BrickVolume) -> None:
    bad = replace(volume, index=volume.index + 1)
    keep_volume("bad", bad)
    assert cached_volume("bad") is None


def test_a_file_that_is_too_large_is_not_read(
    studio_home: Path, volume: BrickVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_volume("one", volume, SETTINGS)
    monkeypatch.setattr(cache, "_MAX_FILE_BYTES", 1000)
    assert cached_volume("one", SETTINGS) is None


def test_the_oldest_go_first(studio_home: Path, volume: BrickVolume, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_volume("one", volume, SETTINGS)
    size = only_file(studio_home).stat().st_size
    monkeypatch.setattr(cache, "MAX_TOTAL_BYTES", 3 * size + 1000)
    for number, content in enumerate(("a", "b")):
        keep_volume(content, volume)
        for path in (studio_home / "cache" / "bakes").iterdir():
            state = path.stat()
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns - 10**9 * (10 - number)))
    assert cached_volume("a") is not None, "used now, so it is the newest"
    keep_volume("c", volume)
    assert cached_volume("one", SETTINGS) is None
    assert all(cached_volume(content) is not None for content in "abc")


@pytest.mark.long("computes for long")
def test_closing_while_it_is_kept_leaves_nothing_behind(studio_home: Path) -> None:
    steps = cached_bake(SoftBall(), "one", SETTINGS)
    for step in steps:
        if step.fraction == 1.0:
            next(steps)  # the first piece is written
            break
    steps.close()
    assert list((studio_home / "cache" / "bakes").iterdir()) == []


@pytest.mark.long("computes for long")
def test_a_full_disk_costs_only_the_cache(studio_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    volume, _ = bake_it("one")
    assert volume.n_bricks > 0
    monkeypatch.undo()
    assert cached_volume("one", SETTINGS) is None
