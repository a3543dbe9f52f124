"""What is heard of a study: always all of it, never less than before, and the pictures are those of the runs."""

import numpy as np
import pytest

from plugins.diffusion.shared.model.batch_run import batch_steps
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.state import StudyRequest
from plugins.diffusion.shared.studies import study_progress, trial_costs
from tests.plugins.diffusion.tiny_model import TinyModel, TinySound

PARAMS = DiffusionParams("a red fox", steps=4, seed=3, guidance=2.0, batch=3)


@pytest.mark.parametrize(
    ("request_", "n"),
    [
        (StudyRequest("guidance"), 4),
        (StudyRequest("race"), 5),
        (StudyRequest("variations"), 9),
        (StudyRequest("words"), 4),
    ],
)
def test_the_news_grow_to_all_pictures(request_, n, monkeypatch) -> None:
    monkeypatch.setattr("plugins.diffusion.shared.studies.REFERENCE_STEPS", 30)
    model = TinyModel()
    news = list(study_progress(model, request_, PARAMS, None))
    shares = [one.share for one in news]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert len(trial_costs(model, request_, PARAMS)) == n == news[-1].n_done
    assert all(one is not None and one.shown.shape == (8, 12, 3) for one in news[-1].pictures)
    assert news[0].pictures[1:] == (None,) * (n - 1)


def test_the_costs_are_how_often_the_network_is_asked() -> None:
    model = TinyModel()
    cost = sum(trial_costs(model, StudyRequest("race"), PARAMS))
    assert cost == 4 + 4 + 8 + 4 + 1000


def finished(params: DiffusionParams) -> np.ndarray:
    """What the panel would show of a run in the end."""
    model = TinyModel()
    last = [moment for moment in batch_steps(model, params, {}) if moment is not None][-1]
    return model.decode(last.steps[0].x)


def test_the_first_of_the_variations_is_the_picture_itself() -> None:
    news = list(study_progress(TinyModel(), StudyRequest("variations", amount=0.4), PARAMS, None))[-1]
    own, *others = news.pictures
    assert own is not None
    assert np.array_equal(own.shown, finished(PARAMS))
    assert own.start is None
    away = [float(np.abs(one.shown - own.shown).mean()) for one in others if one is not None]
    assert min(away) > 0.01
    same = list(study_progress(TinyModel(), StudyRequest("variations", amount=0.0), PARAMS, None))[-1]
    assert all(one is not None and np.allclose(one.shown, own.shown, atol=1e-5) for one in same.pictures)


def test_guidance_of_a_strip_is_that_of_its_runs() -> None:
    news = list(study_progress(TinyModel(), StudyRequest("guidance", scales=(0.0, 4.0)), PARAMS, None))[-1]
    for one, scale in zip(news.pictures, (0.0, 4.0), strict=True):
        assert one is not None
        assert one.params.guidance == scale
        assert np.array_equal(one.shown, finished(one.params))


def test_only_words_have_effects_and_each_has_one() -> None:
    news = list(study_progress(TinyModel(), StudyRequest("words"), PARAMS, None))[-1]
    assert sorted(news.effects) == [0, 1, 2]
    assert all(0 < change < 1 for change in news.effects.values())


def test_distances_come_with_the_reference_and_it_has_none(monkeypatch) -> None:
    monkeypatch.setattr("plugins.diffusion.shared.studies.REFERENCE_STEPS", 200)
    news = list(study_progress(TinyModel(), StudyRequest("race", samplers=("ddim", "heun")), PARAMS, None))
    ddim, heun, reference = news[-1].pictures
    assert ddim is not None and heun is not None and reference is not None  # noqa: PT018
    assert reference.distance is None
    assert heun.distance is not None
    assert ddim.distance is not None
    assert 0 < heun.distance < ddim.distance
    assert reference.params.steps == 200


def test_a_sound_is_seen_as_its_loudness() -> None:
    class LongSound(TinySound):
        """As long as a note."""

        shape: tuple[int, ...] = (3, 4000)
        size = (1, 12000)

    news = list(study_progress(LongSound(), StudyRequest("guidance", scales=(1.0,)), PARAMS, None))[-1]
    (one,) = news.pictures
    assert one is not None
    assert one.shown.ndim == 2
    assert 0 <= one.shown.min() <= one.shown.max() <= 1
