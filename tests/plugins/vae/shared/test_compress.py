"""Pictures as few bytes: the coder to the bit, files that are sound and files that are not, and the panel by hand."""

import math
import zlib

import numpy as np
import pytest
from PIL import Image as Pictures
from PySide6.QtWidgets import QFileDialog, QPushButton

from plugins.vae.shared.compress.latent_code import (
    STEPS,
    UNIT,
    frequencies,
    most,
    normal_share,
    placed,
    read,
    rounded,
    written,
)
from plugins.vae.shared.compress.packed_file import MAGIC, PackedFile, file_bytes, read_file, varint
from plugins.vae.shared.compress.packing import packed_bytes, unpacked
from plugins.vae.shared.compress.range_coder import MAX_TOTAL, FrequencyTable, RangeDecoder, RangeEncoder
from plugins.vae.shared.compress.rate_curve import rate_curve
from plugins.vae.shared.compress.rate_points import MODEL, RatePoints, bytes_at
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.ink import paper
from plugins.vae.shared.scene import CODEC
from studio.api.panel import Section, SliderRow
from studio.core.error import UserError
from studio.datasets.avatars import load_avatars
from studio.datasets.split import Split
from tests.plugins.vae.model_made import DEVICE, finished
from tests.plugins.vae.shared.test_shipped_panel import source
from tests.widgets.hand import part

FILE = PackedFile("vae/dots", b"abcd", 5, 2, 3, ("a.png", "b ö.png", "c.png"), b"payload")


def test_symbols_come_back_whatever_they_are_and_carries_go_far():
    rng = np.random.default_rng(3)
    for n_symbols in (1, 2, 3, 200):
        for skew in (1.0, 30.0):
            weights = np.exp(-skew * np.arange(n_symbols) / n_symbols)
            symbols = rng.choice(n_symbols, 3000, p=weights / weights.sum()).tolist()
            symbols += [n_symbols - 1] * 40 + [0] * 40
            encoder, tables = RangeEncoder(), [FrequencyTable([1] * n_symbols, 900) for _ in range(2)]
            for symbol in symbols:
                encoder.write(symbol, tables[0])
            decoder = RangeDecoder(encoder.finish())
            assert [decoder.read(tables[1]) for _ in symbols] == symbols
            assert tables[0].total <= MAX_TOTAL


def test_a_known_message_has_these_bytes_on_every_machine():
    symbols = np.array([[0, 1, -1, 3], [2, 0, 0, -6]])
    data, _ = finished(written(symbols, STEPS.index(32)))
    assert data.hex() == "88646bd1"
    assert finished(read(data, 2, 4, STEPS.index(32)))[0].tolist() == symbols.tolist()
    assert frequencies(STEPS.index(64)) == (1, 1, 1, 25, 249, 991, 1569, 991, 249, 25, 1, 1, 1)


def test_places_take_about_as_many_bits_as_their_entropy():
    places = np.random.default_rng(4).normal(size=(400, 48)).astype(np.float32)
    for step in (2, 6, 8):
        data, _ = finished(written(rounded(places, step), step))
        width = STEPS[step] / UNIT
        bits = math.log2(math.sqrt(2 * math.pi * math.e) / width)
        assert 8 * len(data) / places.size < 1.03 * bits + 0.05


def test_a_table_that_adapts_needs_less_for_places_that_are_narrower_than_expected():
    places = 0.1 * np.random.default_rng(5).normal(size=(300, 8)).astype(np.float32)
    one = sum(len(finished(written(rounded(place[None], 6), 6))[0]) for place in places)
    assert len(finished(written(rounded(places, 6), 6))[0]) < one / 3


def test_shares_of_the_normal_distribution_are_those_of_the_error_function():
    for k in range(-1024, 1025, 7):
        assert abs(normal_share(k) / 2**32 - 0.5 * math.erfc(-k / 128 / math.sqrt(2))) < 2e-9
    assert all(normal_share(k) <= normal_share(k + 1) for k in range(-1100, 1100))
    assert all(
        len(frequencies(step)) == 2 * most(step) + 1 and min(frequencies(step)) >= 1 for step in range(len(STEPS))
    )


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_rounded_places_come_back_exactly_and_stay_near(step):
    places = np.random.default_rng(6).normal(size=(20, 16)).astype(np.float32)
    symbols = rounded(places, step)
    data, _ = finished(written(symbols, step))
    back, _ = finished(read(data, 20, 16, step))
    np.testing.assert_array_equal(back, symbols)
    assert placed(back, step).tobytes() == placed(symbols, step).tobytes()
    assert np.abs(placed(back, step) - places).max() <= STEPS[step] / UNIT / 2 + 1e-6


def test_a_file_is_read_back():
    assert read_file(file_bytes(FILE)) == FILE


def signed(data):
    return data + zlib.crc32(data).to_bytes(4, "big")


def test_broken_and_hostile_files_are_refused_with_a_sentence():
    whole = file_bytes(FILE)
    for end in range(len(whole)):
        with pytest.raises(UserError):
            read_file(whole[:end])
    for place in range(len(MAGIC), len(whole)):
        with pytest.raises(UserError, match="damaged"):
            read_file(whole[:place] + bytes([whole[place] ^ 64]) + whole[place + 1 :])
    name, numbers = MAGIC + varint(3) + b"a/b" + b"abcd", lambda *values: b"".join(map(varint, values))
    bomb = zlib.compress(b"[" + b'"",' * 5_000_000)
    for rest in (
        numbers(0, 1024, 10_000, 0, 0),  # too many symbols
        numbers(99, 2, 1, 0, 0),
        numbers(0, 0, 1, 0, 0),
        numbers(0, 2, 0, 0, 0),
        numbers(0, 2, 1, 0, 0) + b"more",
        numbers(0, 2, 1, len(bomb)) + bomb + varint(0),
        numbers(0, 2, 2, 8) + zlib.compress(b"[1]")[:8] + varint(0),
        b"\xff" * 40,
    ):
        with pytest.raises(UserError, match="damaged"):
            read_file(signed(name + rest))
    with pytest.raises(UserError, match="damaged"):
        read_file(signed(MAGIC + varint(3) + "a\u202e".encode()[:3] + b"abcd" + numbers(0, 2, 1, 0, 0)))
    assert read_file(signed(name + numbers(0, 2, 1, 0, 0))).n == 1


def test_a_file_of_another_model_is_refused_by_name(digit_engine, tmp_path):
    path = tmp_path / "a.mlz"
    data, _ = finished(packed_bytes(digit_engine, np.zeros((1, 2), np.float32), 3))
    path.write_bytes(data)
    found, _ = finished(unpacked(digit_engine, path))
    np.testing.assert_array_equal(found.places, np.zeros((1, 2)))
    for change, words in (({"model_id": "vae/other"}, "vae/other"), ({"model_hash": b"zzzz"}, "another version")):
        path.write_bytes(file_bytes(PackedFile(**{**vars(read_file(data)), **change})))
        with pytest.raises(UserError, match=words):
            finished(unpacked(digit_engine, path))
    with pytest.raises(UserError, match="could not be read"):
        finished(unpacked(digit_engine, tmp_path / "none.mlz"))


def test_bytes_between_points_are_in_proportion():
    points = RatePoints(np.array([10, 20, 40], np.float32), np.array([1, 3, 5], np.float32))
    assert [bytes_at(points, value) for value in (0, 1, 2, 4, 5, 6)] == [10, 10, 15, 30, 40, None]
    whole = RatePoints(np.array([10, 20], np.float32), np.array([1, np.inf], np.float32))
    assert [bytes_at(whole, value) for value in (0, 1, 2)] == [10, 10, 20]


@pytest.mark.long("computes for long")
def test_held_out_faces_take_fewer_bytes_than_by_any_other_format():
    engine = VaeEngine.open(source("avatars"), DEVICE)
    for picture in load_avatars(Split.TEST).pictures[5:8]:
        place = engine.encode(picture[None].astype(np.float32) / 255)[0]
        curves, _ = finished(rate_curve(engine, picture, place))
        own = curves.pop(MODEL)
        assert {"WEBP", "JPEG", "PNG"} <= set(curves)
        index = STEPS[::-1].index(32)
        for points in curves.values():
            needed = bytes_at(points, float(own.likeness_db[index]))
            assert needed is None or needed > 5 * own.n_bytes[index]
        assert np.all(np.diff(own.n_bytes) >= 0)


@pytest.fixture
def panel(digit_panel):
    part(digit_panel, Section, "section_compress").set_folded(False)
    return digit_panel


def press(panel, name):
    part(panel, QPushButton, name).click()


def test_the_picture_on_show_is_packed_and_its_fineness_is_a_step_of_undo(panel, digit_engine):
    before = panel.editor.scene
    press(panel, "pack_shown")
    packed = panel.editor.scene
    np.testing.assert_array_equal(packed.packing.place, before.z)
    part(panel, SliderRow, "pack_fineness").move_to(0.0)
    coarse = panel.editor.scene
    assert coarse.packing.step == len(STEPS) - 1
    np.testing.assert_array_equal(coarse.z, placed(rounded(before.z[None], len(STEPS) - 1), len(STEPS) - 1)[0])
    shown = panel.snapshot().frame
    np.testing.assert_array_equal(shown.main_view.pixels, paper(digit_engine.decode(coarse.z[None])[0]))
    assert "bytes" in panel.controls.compress.words.text()
    panel.host.undo.undo()
    assert panel.editor.scene.packing.step == packed.packing.step
    panel.editor.set_direction(0, 0.5)
    assert panel.editor.scene.packing is None
    panel.host.undo.go_to(0)
    assert panel.editor.scene is before


def test_a_packed_scene_is_saved_and_taken_back(panel, monkeypatch):
    monkeypatch.setitem(panel.handle.source.card, "config", {"size_px": 28})
    press(panel, "pack_shown")
    state, scene = panel.state(), panel.editor.scene
    panel.editor.surprise()
    panel.set_state(state)
    assert CODEC.write(panel.editor.scene) == CODEC.write(scene)
    wrong = {**state["scene"], "packing": {**state["scene"]["packing"], "place": [0.0]}}
    with pytest.raises(UserError, match="another model"):
        panel.set_state({**state, "scene": wrong})


def chosen(monkeypatch, method, path):
    monkeypatch.setattr(QFileDialog, method, lambda *_: path if method == "getExistingDirectory" else (path, ""))


def test_a_file_is_saved_and_dropped_back_to_the_bit(panel, monkeypatch, tmp_path):
    press(panel, "pack_shown")
    part(panel, SliderRow, "pack_fineness").move_to(2.0)
    z = panel.editor.scene.z
    chosen(monkeypatch, "getSaveFileName", str(tmp_path / "mein Bild"))
    press(panel, "pack_save")
    path = tmp_path / "mein Bild.mlz"
    assert path.stat().st_size < 60
    panel.editor.surprise()
    assert panel.open_path(path)
    assert panel.editor.scene.z.tobytes() == z.tobytes()


def test_a_folder_becomes_one_file_without_what_is_no_picture_and_unpacks_as_a_run(
    panel, digit_engine, monkeypatch, tmp_path
):
    folder = tmp_path / "Bilder ü"
    folder.mkdir()
    for number in range(3):
        grey = paper(digit_engine.decode(np.array([[number - 1.0, 1.0]], np.float32))[0])
        Pictures.fromarray(grey).convert("CMYK" if number else "RGBA").save(
            folder / f"{number}.{'tif' if number else 'png'}"
        )
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no more")
    (folder / "notes.txt").write_text("no picture")
    chosen(monkeypatch, "getExistingDirectory", str(folder))
    chosen(monkeypatch, "getSaveFileName", str(tmp_path / "all.mlz"))
    press(panel, "pack_folder")
    assert "3 pictures" in panel.controls.compress.words.text()
    assert "broken.png" in panel.controls.compress.words.text()
    assert read_file((tmp_path / "all.mlz").read_bytes()).names == ("0.png", "1.tif", "2.tif")
    chosen(monkeypatch, "getOpenFileName", str(tmp_path / "all.mlz"))
    press(panel, "pack_open")
    assert len(panel.timeline.track.recording) == 3


def test_a_damaged_file_is_answered_with_a_sentence(panel, tmp_path):
    path, before = tmp_path / "a.mlz", panel.editor.scene
    path.write_bytes(MAGIC + b"nothing")
    assert panel.open_path(path)
    assert panel.messages.keys() == ["error"]
    assert panel.editor.scene is before


def test_a_picture_is_known_by_the_figure_of_the_card_and_what_is_drawn_always(digit_engine, monkeypatch):
    z = np.array([1.8, 0.0], np.float32)
    drawn = np.repeat(paper(digit_engine.decode(z[None])[0])[..., None], 3, axis=2)
    noise = np.random.default_rng(1).integers(0, 255, drawn.shape, dtype=np.uint8)
    assert digit_engine.knows(noise, z)  # nothing is said of a model without that figure
    monkeypatch.setitem(digit_engine.source.card, "known_within", 0.1)
    assert not digit_engine.knows(noise, z)
    assert digit_engine.knows(drawn, z)
    monkeypatch.setitem(digit_engine.source.card, "known_within", 0.0)
    assert digit_engine.knows(drawn, z)
