"""What the shipped models do in the panel's hands: pictures read back, the same bytes as a terminal."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest

from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.ink import paper
from plugins.vae.shared.params import LetterParams
from studio.api.engine import EngineHandle, ModelSource
from studio.core.card import read_card
from studio.core.seed import standard_normal
from studio.registry.model import card_values
from studio.render.still import still_pixels
from tests.plugins.vae.model_made import DEVICE, finished
from tests.plugins.vae.shared.test_reading import letter_picture


def source(name):
    with as_file(files("plugins.vae") / "models" / f"{name}.safetensors") as path:
        return ModelSource(f"vae/{name}", Path(path), card_values(read_card(Path(path).with_suffix(".json"))))


@pytest.fixture(scope="module")
def letterforms():
    return VaeEngine.open(source("letterforms"), DEVICE)


@pytest.fixture(scope="module")
def digits():
    return VaeEngine.open(source("digits"), DEVICE)


def test_digits_that_the_model_drew_are_read_back(digits):
    for seed in range(2):
        z = standard_normal((2,), seed, 7)
        grey = paper(digits.decode(z[None])[0])
        reading, _ = finished(digits.read(np.repeat(grey[..., None], 3, axis=2)))
        assert reading.error < 0.05
        assert np.linalg.norm(reading.z - z) < 0.6


@pytest.mark.long("trains a network")
def test_a_letter_that_the_model_drew_is_read_back(letterforms):
    letter = "R"
    z = standard_normal((letterforms.n_latent,), 3, 7)
    reading, frames = finished(letterforms.read(letter_picture(letterforms, z, letter)))
    assert reading.letter == letter
    assert reading.error < 0.05
    drawn, wanted = (letterforms.letters(place, letter)[0] > 0 for place in (reading.z, z))
    assert (drawn & wanted).sum() / (drawn | wanted).sum() > 0.6
    usual = np.quantile(np.linalg.norm(letterforms.atlas.places, axis=1), 0.99)
    assert np.linalg.norm(reading.z) < usual
    assert len(frames) < 120


@pytest.mark.parametrize(
    ("name", "text"),
    [("letterforms", "Hamburg"), ("letterforms", ""), ("digits", ""), ("digits-16", ""), ("avatars", "")],
)
def test_the_picture_in_the_panel_is_the_sample_of_its_seed(make_panel, name, text):
    params, engine = LetterParams(seed=7, text=text), VaeEngine.open(source(name), DEVICE)
    panel = make_panel(EngineHandle(source(name), lambda source: VaeEngine.open(source, DEVICE)))
    panel.set_params(params)
    snapshot = panel.snapshot()
    assert np.array_equal(still_pixels(snapshot.frame), still_pixels(list(engine.generate(params))[-1]))
    assert (snapshot.model_id, snapshot.seed, dict(snapshot.state)) == (f"vae/{name}", 7, {})
