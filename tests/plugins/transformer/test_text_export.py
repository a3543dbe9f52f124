"""What is saved of a text: read back, it says what the panel said; nothing in it is executed or loaded."""

import json
import re
import xml.etree.ElementTree as ET
from typing import cast

import numpy as np
import pytest

from plugins.transformer.capture import Trace
from plugins.transformer.panel import TransformerPanel
from plugins.transformer.params import SampleParams
from plugins.transformer.text_export import as_json, exported
from plugins.transformer.text_html import as_html
from plugins.transformer.text_save import TextSave
from plugins.transformer.text_svg import as_svg
from plugins.transformer.text_vocabulary import TextVocabulary
from studio.core.param import params_to_json
from tests.plugins.transformer.text_made import PIECES, MadeWriter, log_probabilities

BAD = b"</script><b>&\""


@pytest.fixture(scope="module")
def text():
    """Ten tokens, of which one looks like HTML."""
    params = SampleParams(prompt="To be, or", length=6, seed=3)
    *_, last = MadeWriter().generate(params)
    assert last.state is not None
    vocabulary = TextVocabulary((BAD, *PIECES[1:]))
    return exported("transformer/made", params_to_json(params), Trace(last.state), vocabulary)


def data_in(page):
    found = re.search(r'<script type="application/json" id="manifold-studio">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


def test_json_has_every_token_with_what_else_could_have_come(text):
    found = json.loads(as_json(text))
    assert found["model"] == "transformer/made"
    assert found["params"]["seed"] == 3
    assert "".join(row["text"] for row in found["tokens"]) == found["text"] == text.text
    ids = found["ids"]
    values = log_probabilities(ids[:5])
    assert found["tokens"][5]["instead"][0][1] == pytest.approx(float(np.exp(values.max())), rel=1e-4)
    assert found["tokens"][5]["surprise_bits"] == pytest.approx(-float(values[ids[5]]) / np.log(2), abs=1e-3)
    assert found["tokens"][0] == {
        "text": BAD.decode(), "surprise_bits": None, "rank": None, "written_by_model": False, "instead": [],
    }  # fmt: skip


def test_the_page_holds_the_same_and_neither_loads_nor_breaks_anything(text):
    page = as_html(text)
    assert data_in(page) == json.loads(as_json(text))
    assert page.count("<script") == page.count("</script>") == 2
    assert not re.search(r"\b(src|href)=|https?:|@import|url\(", page)
    assert "$" not in page


def test_the_figure_is_sound_and_has_a_chip_for_each_token(text):
    root = ET.fromstring(as_svg(text))
    space = "{" + ":".join(("http", "//www.w3.org/2000/svg")) + "}"
    said = [one.text for one in root.iter(f"{space}text")]
    assert "".join(part or "" for part in said) == text.text.replace("\n", "")
    assert len(list(root.iter(f"{space}title"))) == len(said)


@pytest.mark.parametrize("name", ["a.html", "a.txt", "a.json", "a.svg", "a"])
def test_the_ending_chooses_the_format(qapp, tmp_path, name, text):
    from PySide6.QtWidgets import QWidget

    class Tasks:
        def run(self, key, work, *rest, **more):
            work()

    class Panel(QWidget):  # the little of one that saving looks at
        tasks = Tasks()
        vocabulary = TextVocabulary(PIECES)
        handle = type("Handle", (), {"source": type("Source", (), {"id": "transformer/made"})})
        *_, last = MadeWriter().generate(SampleParams(prompt="To be, or", length=2))
        trace = Trace(last.state or {})

        def params(self):
            return SampleParams()

    panel = Panel()
    TextSave(cast(TransformerPanel, panel)).save(tmp_path / name)
    written = [path.name for path in tmp_path.iterdir()]
    assert written == [name if "." in name else "a.html"]
    assert (tmp_path / written[0]).read_text(encoding="utf-8")
    panel.deleteLater()
