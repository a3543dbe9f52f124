"""A text as page, plain text, JSON, drawing and picture: read back, it says what the run said, and what made it."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.container.json_metadata import beside
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import inspect_file
from studio.core.provenance import read_metadata
from studio.core.recording.clip import clip_of_frames
from studio.core.view import Bars, Tokens
from studio.render.export.format import formats_of
from studio.render.export.option import ExportOptions
from studio.render.export.plot import SVG_NAMESPACE
from studio.render.text_picture import text_picture
from tests.render.export.clips import BY_ID, INFO, MADE_FROM, STATE, pictures, write

PIECES = ("", "To", " be", '</script><b>&"', "\n", "größe", " 字")
BITS = (0.0, 2.0, 0.5, 12.0, 1.0, 7.0, 3.0)
N_FIRST = 3


def frames():
    """A prompt of three tokens, then one more in each frame, with the bars of what may follow."""
    for n in range(N_FIRST, len(PIECES) + 1):
        bars = Bars((f"likely {n}", f"rare {n}"), (0.75, 0.25))
        yield Frame(n, len(PIECES), views={"text": Tokens(PIECES[:n], BITS[:n]), "next": bars})


CLIP = clip_of_frames(list(frames()), INFO, 10.0, STATE)


def written(kind, clip, path, **options):
    write(kind, clip, path, **options)
    return path


def rows_in(page):
    found = re.search(r'<script type="application/json" id="tokens">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


def test_json_has_every_token_with_what_else_could_have_come(tmp_path):
    found = json.loads(written("json", CLIP, tmp_path / "a.json").read_text("utf-8"))
    rows = found["tokens"]
    assert found["text"] == "".join(PIECES) == "".join(row["text"] for row in rows)
    assert [row["surprise_bits"] for row in rows] == [None, *BITS[1:]]
    assert [row["written_by_model"] for row in rows] == [False] * N_FIRST + [True] * (len(PIECES) - N_FIRST)
    assert [row["instead"] for row in rows[:N_FIRST]] == [[]] * N_FIRST
    assert rows[5]["instead"] == [["likely 5", 0.75], ["rare 5", 0.25]]


def test_json_of_a_text_that_is_filled_in_knows_its_blanks_alone(tmp_path):
    texts = ((" ▁2▁", " be", " ▁1▁"), (" ▁2▁", " be", " or"), ("To", " be", " or"))
    bits = ((0.0, 0.0, 0.0), (0.0, 0.0, 5.0), (3.0, 0.0, 5.0))
    filling = [
        Frame(n, 3, views={"text": Tokens(*told), "next": Bars((f"likely {n}",), (0.75,))})
        for n, told in enumerate(zip(texts, bits, strict=True))
    ]
    clip = clip_of_frames(filling, INFO, 10.0, STATE)
    rows = json.loads(written("json", clip, tmp_path / "a.json").read_text("utf-8"))["tokens"]
    assert [row["surprise_bits"] for row in rows] == [3.0, None, 5.0]
    assert [row["written_by_model"] for row in rows] == [True, False, True]
    assert [row["instead"] for row in rows] == [[["likely 1", 0.75]], [], [["likely 0", 0.75]]]


def test_the_page_holds_the_same_and_neither_loads_nor_breaks_anything(tmp_path):
    page = written("page", CLIP, tmp_path / "a.html").read_text("utf-8")
    assert rows_in(page) == json.loads(written("json", CLIP, tmp_path / "a.json").read_text("utf-8"))["tokens"]
    assert page.count("<script") == page.count("</script>") == 4
    assert not re.search(r"\b(src|href)=|https?:|@import|url\(", page)
    assert "$" not in page


def test_the_drawing_has_a_chip_for_each_token(tmp_path):
    root = ET.fromstring(written("svg", CLIP, tmp_path / "a.svg", first=len(PIECES) - N_FIRST).read_text("utf-8"))
    said = [one.text for one in root.iter(f"{{{SVG_NAMESPACE}}}text")]
    assert "".join(part or "" for part in said) == "".join(PIECES).replace("\n", "")


@pytest.mark.parametrize("kind", ["json", "page", "text", "svg"])
def test_each_says_what_made_it_and_opens_there_again(tmp_path, kind):
    path = written(kind, CLIP, tmp_path / f"a{BY_ID[kind].suffix}")
    assert read_metadata(path) == MADE_FROM
    report = inspect_file(path)
    assert report.opens
    assert report.is_export
    assert report.architecture == "vae/digits"


def test_what_made_a_plain_text_stands_beside_it(tmp_path):
    path = written("text", CLIP, tmp_path / "a.txt")
    assert path.read_text("utf-8") == "".join(PIECES)
    assert read_metadata(beside(path)) == MADE_FROM
    beside(path).write_text('{"manifold_studio": {"model": "../../etc/passwd"}}')
    assert read_metadata(path) is None
    with pytest.raises(UserError):
        read_metadata(beside(path))
    beside(path).unlink()
    assert read_metadata(path) is None
    assert not inspect_file(path).opens


def test_pictures_have_no_text_and_texts_have_pictures(tmp_path):
    assert not {"page", "text", "json"} & {one.id for one in formats_of(pictures(3), pictures(3).frame(0))}
    offered = {one.id for one in formats_of(CLIP, CLIP.frame(0))}
    assert {"page", "text", "json", "svg", "png", "gif", "mp4", "npz", "frames"} <= offered
    with pytest.raises(UserError):
        written("text", pictures(3), tmp_path / "a.txt")
    assert written("png", CLIP, tmp_path / "a.png", side_px=128).stat().st_size > 500
    assert written("gif", CLIP, tmp_path / "a.gif", side_px=128).stat().st_size > 500


def test_the_picture_tints_what_was_a_surprise_and_leaves_the_ground_alone():
    plain = text_picture(Tokens(("aaaa",), (2.0,)), 120, "paper").reshape(-1, 3)
    tinted = text_picture(Tokens(("aaaa",), (12.0,)), 120, "paper").reshape(-1, 3).astype(int)
    assert (plain.max(1).astype(int) - plain.min(1) < 16).all()  # grey: ink on paper
    red = (tinted[:, 0] - tinted[:, 1] > 40).mean()
    assert 0.003 < red < 0.2
    assert (tinted[0] == 255).all()


@given(st.lists(st.text(max_size=12), max_size=40), st.sampled_from(["paper", "black"]))
def test_any_text_can_be_drawn(pieces, ground):
    picture = text_picture(Tokens(tuple(pieces)), 64, ground)
    assert picture.shape == (64, 102, 3)
    assert picture.dtype == np.uint8


def test_a_long_text_gets_smaller_letters_and_then_shows_its_end():
    few = text_picture(Tokens(("word ",) * 20, (12.0,) * 20), 200, "paper")
    many = text_picture(Tokens(("word ",) * 4000, (12.0,) * 4000), 200, "paper")
    assert (many != 255).any(axis=2).mean() > (few != 255).any(axis=2).mean()


def test_options_that_ask_for_no_text(tmp_path):
    with pytest.raises(UserError):
        list(BY_ID["page"].write(CLIP, tmp_path / "a.html", ExportOptions(first=99)))
    assert not (tmp_path / "a.html").exists()
