"""Fonts made from places: outlines, spacing, accents, what other programs read, and fonts that were dropped."""

import contextlib
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from plugins.vae.letters.typeface.contour import area, contours
from plugins.vae.letters.typeface.making import make_typeface, set_line
from plugins.vae.letters.typeface.master import quadratics, trace, traced_master
from plugins.vae.letters.typeface.outline import fit
from plugins.vae.letters.typeface.own_font import is_font, read_place
from plugins.vae.letters.typeface.structure import structure
from plugins.vae.shared.engine import VaeEngine
from studio.api.engine import Device, ModelSource
from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.glyphs import FIELD_SCALE, quantised_fields
from studio.datasets.typeface import read_typeface
from studio.metrics.judge import glyph_ink, load_judge, look_alike_groups

fonts = pytest.importorskip("fontTools.ttLib")
MODEL = Path(__file__).parents[4] / "plugins/vae/models/letterforms.safetensors"
Y, X = np.mgrid[:64, :64] + 0.5
SANS, WEIGHT = "Inter Regular", 1


@pytest.fixture(scope="module")
def engine():
    card = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
    return VaeEngine.open(ModelSource("vae/letterforms", MODEL, card), Device("cpu", "float32", 1))


@pytest.fixture(scope="module")
def place(engine):
    return engine.atlas.places[engine.atlas.names.index(SANS)]


@pytest.fixture(scope="module")
def master(engine, place):
    letters = engine.decode(np.broadcast_to(place, (len(CHARACTERS), len(place))), CHARACTERS)
    return result_of(traced_master(letters))


@pytest.fixture(scope="module")
def made(engine, place):
    return result_of(make_typeface(engine, place, "My  Own\nFont", "about"))


@pytest.mark.long("computes for long")
def test_an_empty_letter_is_one_sentence_and_no_crash(engine, place):
    letters = engine.decode(np.broadcast_to(place, (len(CHARACTERS), len(place))), CHARACTERS).copy()
    letters[CHARACTERS.index("q")] = -8
    with pytest.raises(UserError, match="“q” is empty"):
        result_of(traced_master(letters))


def outlines(field):
    return [fit(line, structure(line), 0.13)[0] for line in contours(field)]


def opened(made):
    return fonts.TTFont(io.BytesIO(made.data))


def test_a_circle_is_drawn_with_its_four_extremes_on_the_curve():
    (outline,) = outlines(np.clip(10 - np.hypot(X - 30.3, Y - 33), -8, 8))
    on = outline.points[outline.is_on]
    assert len(outline.points) == 12
    for end in ((20.3, 33), (40.3, 33), (30.3, 23), (30.3, 43)):
        assert np.hypot(*(on - end).T).min() < 0.15
    drawn = np.concatenate([0.25 * a + 0.5 * b + 0.25 * c for a, b, c in quadratics(outline)]).reshape(-1, 2)
    assert np.abs(np.hypot(*(drawn - (30.3, 33)).T) - 10).max() < 0.2


def test_a_rectangle_is_four_corners_however_its_field_was_rounded():
    box = np.minimum(np.minimum(X - 20, 40 - X), np.minimum(Y - 10, 50 - Y))
    rounded = np.minimum(box, 1.5 - np.hypot(np.minimum(X - 21.5, 38.5 - X).clip(None, 0), (Y - 11.5).clip(None, 0)))
    for field in (box, rounded):
        (outline,) = outlines(field)
        assert len(outline.points) == 4
        assert outline.is_on.all()
        for corner in ((20, 10), (40, 10), (40, 50), (20, 50)):
            assert np.hypot(*(outline.points - corner).T).min() < 0.2


def test_points_midway_between_others_are_left_out_but_stay_on_the_curve():
    (line,) = contours(np.clip(10 - np.hypot(X - 30.3, Y - 33), -8, 8))
    outline, nodes = fit(line, structure(line), 0.13, implies=True)
    assert [node.is_implied for node in nodes] == [False, True, True, True]
    assert len(outline.points) == 9
    on = np.array([start for start, _, _ in quadratics(outline)])
    for end in ((20.3, 33), (40.3, 33), (30.3, 23), (30.3, 43)):
        assert np.hypot(*(on - end).T).min() < 0.2
    again, _ = fit(line, nodes)  # as a slider's ends are drawn
    assert np.allclose(again.points, outline.points)


def test_a_wave_has_more_control_points_and_no_more_nodes():
    wave = np.minimum(X - 8, 56 - X), np.minimum(Y - 14 - 2 * np.sin(X / 5), 50 - Y)
    (line,) = contours(np.minimum(*wave))
    outline, nodes = fit(line, structure(line), 0.13)
    drawn = np.concatenate(
        [
            [(1 - s) ** 2 * a + 2 * s * (1 - s) * b + s**2 * c for s in np.linspace(0, 1, 40)]
            for a, b, c in quadratics(outline)
        ]
    ).reshape(-1, 2)
    inside = line[(line[:, 0] > 11) & (line[:, 0] < 53) & (line[:, 1] < 20)]
    assert np.sqrt(((inside[:, None] - drawn[None]) ** 2).sum(2).min(1)).max() < 0.35
    assert max(node.n_controls for node in nodes) >= 2


def test_holes_run_the_other_way_round():
    lines = contours(np.minimum(12 - np.hypot(X - 32, Y - 32), np.hypot(X - 32, Y - 32) - 5))
    assert [area(line) > 0 for line in lines] == [True, False]


@pytest.mark.long("computes for long")
def test_letters_of_a_plain_face_have_few_points_and_upright_stems(master):
    counts = {sign: sum(len(one.points) for one in master.glyphs[sign].outlines) for sign in CHARACTERS}
    assert np.median(list(counts.values())) <= 32
    assert max(counts.values()) <= 40
    (stem,) = master.glyphs["H"].outlines
    ways = np.roll(stem.points, -1, 0) - stem.points
    assert (np.abs(ways).min(1) < 1e-6).all()  # every edge of an H is level or upright


@pytest.mark.parametrize(("name", "letter"), [("Source Sans 3 Black", "j"), ("Dosis Light", "z")])
def test_nodes_stand_in_order_and_thin_ends_are_kept(engine, name, letter):
    place = engine.atlas.places[engine.atlas.names.index(name)]
    glyph = trace(engine.decode(place[None], letter)[0])
    for line, nodes, outline in zip(glyph.lines, glyph.nodes, glyph.outlines, strict=True):
        at = np.array([node.at for node in nodes])
        assert (np.diff((at - at[0]) % len(line)) > 0).all()
        drawn = np.concatenate([np.linspace(a, b, 20) for a, _, b in quadratics(outline)])
        assert np.sqrt(((line[:, None] - drawn[None]) ** 2).sum(2).min(1)).max() < 0.9


def test_round_letters_have_their_extremes_on_the_curve(master):
    for sign in "oOc":
        for outline in master.glyphs[sign].outlines:
            on = outline.points[outline.is_on]
            every = np.concatenate([np.stack(part) for part in quadratics(outline)])
            assert np.abs(on.min(0) - every.min(0)).max() < 0.35
            assert np.abs(on.max(0) - every.max(0)).max() < 0.35


def test_a_and_v_move_together_and_h_and_h_do_not(master):
    lefts = {sign: k for k, group in enumerate(master.lefts) for sign in group.names}
    rights = {sign: k for k, group in enumerate(master.rights) for sign in group.names}
    kern = {pair: master.kern[lefts[pair[0]], rights[pair[1]]] * master.scale for pair in ("AV", "HH", "To", "nn")}
    assert kern["AV"] < -25
    assert kern["To"] < -25
    assert kern["HH"] == kern["nn"] == 0


@pytest.mark.long("computes for long")
def test_names_accents_heights_and_marks_are_there(made):
    font = opened(made)
    assert made.family == "My Own Font" == font["name"].getDebugName(1)
    assert font["name"].getDebugName(6) == "MyOwnFont-Regular"
    table, glyphs = font.getBestCmap(), font["glyf"]
    assert made.n_signs == len(table) >= 240
    for sign in "ÄéñçåÖűŘşő.,;:!?¡¿()[]«»“”‘’…–—":
        assert ord(sign) in table
    accented = glyphs[table[ord("é")]]
    assert accented.isComposite()
    assert accented.components[0].glyphName == "e"
    assert accented.components[1].y > 300
    assert glyphs[".notdef"].numberOfContours == 2
    assert font["hmtx"]["space"][0] > 100
    assert font["OS/2"].sCapHeight == 700
    assert {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord} >= {"kern", "mark"}


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("name", [SANS, "Source Sans 3 Black", "Dosis Light"])
def test_every_glyph_set_from_it_is_read_as_itself(engine, tmp_path, name):
    made = result_of(make_typeface(engine, engine.atlas.places[engine.atlas.names.index(name)], "Test", ""))
    path = tmp_path / "made.ttf"
    path.write_bytes(made.data)
    face = read_typeface(path)
    assert face is not None
    fields = torch.from_numpy(quantised_fields(face.masks)).float() / FIELD_SCALE
    groups = look_alike_groups()
    found = groups[load_judge("glyphs").read(glyph_ink(fields))]
    wrong = [CHARACTERS[k] for k in torch.nonzero(found != groups).flatten()]
    assert len(wrong) / 62 <= 0.02, wrong


@pytest.mark.long("computes for long")
def test_a_slider_in_the_font_makes_its_letters_heavier(engine, place):
    made = result_of(make_typeface(engine, place, "Var", "", (WEIGHT,)))
    (end,) = made.axes
    assert end.high > 0
    font = opened(made)
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.defaultValue) == ("wght", 400)
    assert axis.maxValue == pytest.approx(400 + 120 * end.high)
    ink = []
    for value in (axis.minValue, 400, axis.maxValue):
        face = ImageFont.truetype(io.BytesIO(made.data), 64)
        face.set_variation_by_axes([value])
        picture = Image.new("L", (700, 100))
        ImageDraw.Draw(picture).text((5, 5), "Hamburgefonstiv", 255, face)
        ink.append(np.asarray(picture).mean())
    assert ink[0] < ink[1] < ink[2]


@pytest.mark.long("computes for long")
def test_a_walk_that_tears_a_letter_ends_there_and_says_which(engine):
    from plugins.vae.letters.panel.typeface_presenter import end_words
    from plugins.vae.shared.params import LetterParams

    made = result_of(make_typeface(engine, engine.place_of(LetterParams()), "Torn", "", (WEIGHT,)))
    (end,) = made.axes
    assert any(end.stopped_by)
    assert any(f"“{stop}”" in end_words(end) for stop in end.stopped_by if stop)
    assert ("fvar" in opened(made)) == (end.low < end.high)


@pytest.mark.long("computes for long")
def test_the_line_in_the_panel_has_the_widths_of_the_font(engine, place, made):
    line = result_of(set_line(engine, place, "HH"))
    font = opened(made)
    assert line.width == 2 * font["hmtx"]["H"][0]
    assert len(line.contours) == 2


def test_a_place_survives_its_own_font(engine, place, made, tmp_path):
    path = tmp_path / "own.ttf"
    path.write_bytes(made.data)
    assert is_font(path)
    read = result_of(read_place(engine, path))
    others = np.linalg.norm(engine.atlas.places - place, axis=1)
    assert np.linalg.norm(read - place) < np.quantile(others, 0.1)


@pytest.mark.parametrize("kind", ["empty", "no outlines", "cut", "text"])
def test_a_font_without_outlines_is_a_sentence(engine, made, tmp_path, kind):
    path = tmp_path / "Mein Font.ttf"
    font = opened(made)
    if kind == "no outlines":
        from fontTools.pens.ttGlyphPen import TTGlyphPen

        for name in font.getGlyphOrder():
            font["glyf"][name] = TTGlyphPen(None).glyph()
        font.save(path)
    else:
        path.write_bytes({"empty": b"", "cut": made.data[:3000], "text": b"no font at all" * 100}[kind])
    with pytest.raises(UserError, match=r"Mein Font\.ttf"):
        result_of(read_place(engine, path))


@pytest.mark.parametrize("seed", range(40))
def test_broken_fonts_are_read_or_refused(engine, made, tmp_path, seed):
    random, data = np.random.default_rng(seed), bytearray(made.data)
    for share in random.random(random.integers(1, 40)):
        data[int(share**2 * (len(data) - 1))] = random.integers(256)
    path = tmp_path / "a.ttf"
    path.write_bytes(bytes(data))
    with contextlib.suppress(UserError):
        assert np.isfinite(result_of(read_place(engine, path))).all()


def test_other_programs_find_no_fault(engine, place, made, tmp_path):
    ots, bakery = (shutil.which(name) for name in ("ots-sanitize", "fontbakery"))
    if ots is None and bakery is None:
        pytest.skip("neither opentype-sanitizer nor fontbakery is here")
    for name, font in (("plain", made), ("sliders", result_of(make_typeface(engine, place, "S", "", (WEIGHT,))))):
        path = tmp_path / f"{name}.ttf"
        path.write_bytes(font.data)
        if ots is not None:
            assert subprocess.run([ots, path], capture_output=True, check=False).returncode == 0
        if bakery is not None:
            found = subprocess.run([bakery, "check-opentype", "-C", path], capture_output=True, text=True, check=False)
            assert "FAIL: 0" in found.stdout, found.stdout
