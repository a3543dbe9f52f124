"""What does not belong to the others comes first, with where it is odd; what cannot be read is left out."""

import csv

import numpy as np
import pytest
from PIL import Image as Pictures
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton

from plugins.vae.shared import odd_ones as scoring
from plugins.vae.shared.forest import isolation
from plugins.vae.shared.ink import paper
from plugins.vae.shared.odd_examples import (
    contradicting_faces,
    letters_among_digits,
    mirrored_letters,
    scratch,
    scratched_faces,
)
from plugins.vae.shared.odd_ones import GAP_PX, auc, odd_ones
from plugins.vae.shared.panel import odd_scores as section_module
from plugins.vae.shared.panel.odd_ones import OddSection, copy_sorted
from plugins.vae.shared.panel.odd_scores import Ranked
from studio.api.panel import PlotView
from studio.api.training import Split, load_avatars
from studio.core.error import UserError
from tests.plugins.vae.model_made import finished, pixels_of
from tests.widgets.hand import part

N_USUAL = 20


@pytest.fixture
def folder(digit_engine, tmp_path):
    """Discs as the model draws them at the average, two crosses, and files that are no use or of unusual sorts."""
    place = tmp_path / "Bilder ä"
    place.mkdir()
    disc = paper(digit_engine.decode(np.zeros((1, 2), np.float32))[0])
    for number in range(N_USUAL):
        one = disc.copy()
        one[0, number] = 254 - number  # or they would be one picture
        Pictures.fromarray(one).save(place / f"disc {number:02}.png")
    cross = np.full((28, 28), 255, np.uint8)
    cross[12:16] = cross[:, 12:16] = 0
    Pictures.fromarray(cross).convert("CMYK").save(place / "cross.tif")
    deep = (255 - cross).astype(np.uint16) * 257  # white on black, 16 bits
    Pictures.fromarray(np.kron(deep, np.ones((3, 3), np.uint16))).save(place / "deep cross.png")
    (place / "broken.png").write_bytes((place / "disc 01.png").read_bytes()[:60])
    (place / "notes.txt").write_text("no picture")
    return place


def scored(engine, folder, measure="surprise"):
    return [frame for frame in odd_ones(engine, folder, measure, 1) if frame is not None]


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("measure", ["surprise", "error"])
def test_the_odd_ones_come_first_and_what_is_no_picture_is_left_out(digit_engine, folder, measure):
    last = scored(digit_engine, folder, measure)[-1]
    names, scores = last.views["names"], last.views["scores"].curves[measure]
    order = np.argsort(-scores)
    assert {names.pieces[index] for index in order[:2]} == {"cross.tif", "deep cross.png"}
    assert scores[order[1]] > 2 * scores[order[2]]
    assert last.scalars["n_pictures"] == N_USUAL + 2
    assert set(last.views["left_out"].pieces) == {"broken.png", "notes.txt"}
    assert "broken.png: " in last.label
    assert not any("auc" in name for name in last.scalars)


def test_a_large_folder_has_few_frames_and_the_last_one_has_all(digit_engine, folder, monkeypatch):
    monkeypatch.setattr(scoring, "N_AT_ONCE", 3)
    monkeypatch.setattr(scoring, "MAX_FRAMES", 3)
    frames = scored(digit_engine, folder)
    assert [(one.step, one.n_steps, one.scalars["n_pictures"]) for one in frames] == [
        (0, 5, 3),
        (1, 5, 12),
        (2, 5, 21),
        (3, 5, 22),
        (4, 5, 22),
    ]


def test_the_heat_lies_where_a_picture_is_odd(digit_engine, folder):
    sheet = pixels_of(scored(digit_engine, folder)[-1].main_view)
    first = sheet[GAP_PX : GAP_PX + 28, GAP_PX : GAP_PX + 28].astype(int)
    orange = first[..., 0] - first[..., 2]
    assert orange[13:15, :3].mean() > 60  # an arm of the cross, where there is no disc
    assert abs(orange[13:15, 13:15].mean()) < 20


def test_auc_counts_pairs():
    is_odd = np.array([True, False, True, False])
    assert auc(np.array([4, 1, 3, 2]), is_odd) == 1.0
    assert auc(np.array([1, 1, 1, 1]), is_odd) == 0.5
    assert auc(np.array([4, 3, 1, 2]), is_odd) == 0.5


@pytest.mark.long("computes for long")
def test_examples_are_the_same_for_a_seed_and_say_which_are_odd():
    digits, faces = lambda: finished(letters_among_digits(5, 12, 4))[0], lambda: contradicting_faces(5, 12, 4)
    for make in (digits, faces, lambda: mirrored_letters(5, 12, 4), lambda: scratched_faces(5, 12, 4)):
        one, other = make(), make()
        assert np.array_equal(one.pictures, other.pictures)
        assert one.is_odd is not None
        assert one.is_odd.sum() == 4
        assert (one.pictures < 128).any((1, 2, 3)).all()
        assert all(
            any(word in name for word in ("letter " if one.fields is None else "mirrored", "mixed", "scratched")) == odd
            for name, odd in zip(one.names, one.is_odd, strict=True)
        )


def test_a_scratch_is_a_straight_band_through_the_ink():
    ink = np.zeros((64, 64), np.float32)
    ink[20, 40] = 1
    beside = scratch(ink, np.random.default_rng(3))
    assert beside[20, 40] == pytest.approx(-1)
    rows, columns = np.nonzero(beside < 0)
    middle = np.stack([columns - 40, rows - 20], 1)
    lengths = np.linalg.svd(middle, compute_uv=False) / np.sqrt(len(rows))
    assert lengths[0] > 5  # long, as a half of 0.15 to 0.4 of the side that is cut off at most once
    assert lengths[1] < 1  # and two pixels wide


def test_scratched_faces_lose_colour_along_the_scratch_alone():
    found = scratched_faces(5, 12, 4)
    names = [name.rsplit(" ", 1) for name in found.names]
    whole = load_avatars(Split.TEST).pictures[[int(index) for _, index in names]]
    changed = (found.pictures != whole).any((1, 2, 3))
    assert found.is_odd is not None
    assert np.array_equal(changed, found.is_odd)
    assert (found.pictures >= whole).all()
    assert ((found.pictures != whole).any(3)[found.is_odd].mean((1, 2)) < 0.06).all()


@pytest.mark.long("opens a panel and draws with its model")
def test_small_pictures_are_enlarged_and_a_sentence_says_how_many(digit_panel, digit_engine, folder):
    for number in range(3):
        tiny = np.full((7, 7, 3), 255, np.uint8)
        tiny[2:5, 2 + number : 4 + number] = 0
        Pictures.fromarray(tiny).save(folder / f"tiny {number}.png")
    last = scored(digit_engine, folder)[-1]
    assert last.scalars["n_pictures"] == N_USUAL + 5
    assert last.scalars["n_enlarged"] == 3
    assert {"tiny 0.png", "tiny 1.png", "tiny 2.png"} < set(last.views["names"].pieces)
    section = part(digit_panel, OddSection)
    drop(section, folder)
    assert "3 small pictures were enlarged." in section.words.text()


def test_parts_of_many_pictures_are_scored_like_each_alone(digit_engine):
    known = np.random.default_rng(4).random((21, 28, 28)).astype(np.float32)
    together = scoring.scored(digit_engine, known)
    alone = [scoring.scored(digit_engine, known[index : index + 1]) for index in range(len(known))]
    assert np.allclose(together[0], np.concatenate([one[0] for one in alone], 1), rtol=1e-5)
    for number in (1, 2):
        assert np.allclose(together[number], np.concatenate([one[number] for one in alone]), atol=1e-6)


@pytest.fixture
def letter_folder(engine, tmp_path):
    """Letters as the model draws them, a cross, a disc, and a file that is no picture."""
    place = tmp_path / "Buchstaben ß"
    place.mkdir()
    drawn = paper(engine.ink(engine.letters(np.zeros(4, np.float32), "ABCDEFGHIJKLMNOPQR")))
    y, x = np.indices((64, 64)) - 32
    odd = {"cross": (abs(y) < 3) | (abs(x) < 3), "disc": np.hypot(x, y) < 17}
    for name, one in [
        *zip("ABCDEFGHIJKLMNOPQR", drawn, strict=True),
        *((name, paper(one.astype(np.float32))) for name, one in odd.items()),
    ]:
        Pictures.fromarray(np.asarray(one, np.uint8)).save(place / f"{name}.png")
    (place / "notes.txt").write_text("no picture")
    return place


@pytest.mark.long("computes for long")
def test_odd_letters_of_a_folder_come_first(engine, letter_folder):
    frames = [frame for frame in engine.odd_ones(letter_folder, "error", 1) if frame is not None]
    assert [frame.step for frame in frames] == list(range(len(frames)))
    last = frames[-1]
    names, scores = last.views["names"].pieces, last.views["scores"].curves["error"]
    assert {names[index] for index in np.argsort(-scores)[:2]} == {"cross.png", "disc.png"}
    assert last.views["left_out"].pieces == ("notes.txt",)
    assert "notes.txt: " in last.label
    assert set(last.views["scores"].curves) == {"surprise", "error", "forest", "places"}
    assert last.n_steps == len(frames)


@pytest.mark.long("opens a panel and draws with its model")
def test_letters_have_the_section(panel, letter_folder):
    section = part(panel, OddSection)
    drop(section, letter_folder)
    assert "of 20 pictures" in section.words.text()
    assert not part(section, QPushButton, "odd_sorted").isHidden()
    assert "oddest of 20" in panel.frame.caption.text()


@pytest.mark.long("computes for long")
def test_too_few_letters_are_a_sentence(engine, letter_folder):
    for name in "ABCDEF":
        (letter_folder / f"{name}.png").unlink()
    with pytest.raises(UserError, match=r"14 pictures.*at least 16"):
        list(engine.odd_ones(letter_folder, "error", 1))


def test_a_forest_isolates_what_lies_apart_and_repeats_itself():
    rows = np.random.default_rng(3).standard_normal((60, 4)).astype(np.float32)
    rows[[7, 21]] += 9
    scores = finished(isolation(rows, 5))[0]
    assert set(np.argsort(-scores)[:2]) == {7, 21}
    assert np.array_equal(scores, finished(isolation(rows, 5))[0])


def test_forests_are_measures_beside_the_model(digit_engine, folder):
    frames = scored(digit_engine, folder)
    assert set(frames[0].views["scores"].curves) == {"surprise", "error"}
    assert {name: len(one) for name, one in frames[-1].views["scores"].curves.items()} == dict.fromkeys(
        ("surprise", "error", "forest", "places"), N_USUAL + 2
    )


def test_without_scikit_learn_a_sentence_names_the_extra(digit_engine, folder, monkeypatch, qtbot):
    for module in (scoring, section_module):
        monkeypatch.setattr(module, "has_forest", lambda: False)
    assert set(scored(digit_engine, folder)[-1].views["scores"].curves) == {"surprise", "error"}
    section = OddSection()
    qtbot.addWidget(section)
    assert "“forest”" in section.words.text()
    assert set(section.measures) == {"surprise", "error"}


def test_a_spot_is_what_a_convolution_gives():
    values = np.random.default_rng(2).standard_normal((2, 9, 11)).astype(np.float32)
    kernel = np.outer(scoring.SPOT, scoring.SPOT)
    padded = np.pad(values, [(0, 0), (3, 3), (3, 3)])
    wanted = sum(
        kernel[dy, dx] * padded[:, dy : dy + 9, dx : dx + 11] for dy in range(len(kernel)) for dx in range(len(kernel))
    )
    assert np.allclose(scoring._in_spots(values), wanted, atol=1e-6)


def drop(section, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    section.dropEvent(QDropEvent(QPointF(5, 5), action, data, Qt.MouseButton.LeftButton, none))


def test_a_dropped_folder_is_a_run_with_histogram_threshold_and_table(digit_panel, folder, tmp_path, monkeypatch):
    panel, section = digit_panel, part(digit_panel, OddSection)
    drop(section, folder)
    assert len(panel.timeline.track.recording) == 3
    assert "22" in panel.frame.caption.text()
    assert "2 of 22" in section.words.text()
    part(section, PlotView).x_chosen.emit(-1.0)
    assert "22 of 22" in section.words.text()
    table = tmp_path / "odd.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(table), ""))
    part(section, QPushButton, "odd_table").click()
    rows = list(csv.reader(table.read_text("utf-8").splitlines()))
    assert rows[0] == ["file", "surprise", "error", "forest", "places", "odd"]
    assert {rows[1][0], rows[2][0]} == {"cross.tif", "deep cross.png"}
    assert len(rows) == N_USUAL + 5
    assert {tuple(row) for row in rows[-2:]} == {
        (name, "", "", "", "", "left out") for name in ("broken.png", "notes.txt")
    }


def test_sorted_copies_stand_apart_and_nothing_is_overwritten(folder, tmp_path):
    ranked = [Ranked("cross.tif", True, {"error": 9.0}), Ranked("disc 01.png", False, {"error": 1.0})]
    copy_sorted(folder, tmp_path, ranked)
    copied = tmp_path / "Bilder ä sorted"
    assert (copied / "odd" / "00001 cross.tif").read_bytes() == (folder / "cross.tif").read_bytes()
    assert (copied / "usual" / "00002 disc 01.png").is_file()
    with pytest.raises(UserError, match="could not be written"):
        copy_sorted(folder, tmp_path, ranked)


def test_too_few_pictures_are_a_sentence(digit_engine, tmp_path):
    with pytest.raises(UserError, match="at least 16"):
        scored(digit_engine, tmp_path)
