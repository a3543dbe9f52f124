"""In how many steps a picture is drawn, chosen and refined by real hands; models that cannot jump offer none of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.shared.few_steps import drafted, drawable
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.state import NOISY
from studio.widgets.controls.segmented import Segment
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.diffusion.conftest import CARD
from tests.plugins.diffusion.panel_hand import drag
from tests.plugins.diffusion.tiny_network import few_step_source, made_network

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(make_panel: Any, sync_worker: Any, qtbot: Any, tmp_path: Any) -> Any:
    """A panel of a model with few steps, which draws in one."""
    source = few_step_source(tmp_path, made_network("latent"), CARD)
    panel = make_panel(sync_worker, file=source)
    choose(panel, "1")
    settled(panel, qtbot)
    return panel


def settled(panel: Any, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: panel.is_settled)


def choose(panel: Any, drawn_in: str) -> None:
    QTest.mouseClick(panel.findChild(QWidget, "drawn_in").findChild(Segment, drawn_in), LEFT)


def info(panel: Any) -> tuple[str, int]:
    """What the run on the timeline says of itself, and how many frames it has."""
    recording = panel.timeline.recording
    return recording.info.params["drawn_in"], len(recording)


def test_a_chosen_number_of_steps_is_drawn_and_recorded(panel: Any, qtbot: Any) -> None:
    assert info(panel) == ("1", 2)
    for chosen, n_frames in (("2", 3), ("4", 5)):
        choose(panel, chosen)
        settled(panel, qtbot)
        assert info(panel) == (chosen, n_frames)
    panel.host.undo.undo()
    settled(panel, qtbot)
    assert info(panel) == ("2", 3)
    assert "2 steps" in panel.frame.caption.text()


@pytest.mark.parametrize("by_key", [False, True])
def test_refine_draws_the_same_noise_in_many_steps_beside_it(panel: Any, qtbot: Any, by_key: bool) -> None:
    noise = panel.timeline.recording[0].state["x"]
    if by_key:
        next(one for one in panel.commands() if one.id == "diffusion.refine").run()
    else:
        QTest.mouseClick(panel.controls.prompt.draw.refine, LEFT)
    settled(panel, qtbot)
    assert info(panel) == ("many", 5)
    assert len(panel.timeline.tracks) == 2
    assert np.array_equal(panel.timeline.recording[0].state["x"], noise)
    assert not panel.controls.prompt.draw.refine.isEnabled()
    panel.host.undo.undo()
    settled(panel, qtbot)
    assert panel.params().drawn_in == "1"


def test_while_the_hand_moves_and_at_rest_the_same_picture_is_drawn(panel: Any, qtbot: Any) -> None:
    track = panel.controls.sampler.rows["guidance"].findChild(SliderTrack)
    seen: list[Any] = []
    panel.runs.drafted.connect(seen.append)
    drag(track, [QPointF(track.width() * share, track.height() / 2) for share in (0.15, 0.17, 0.2)])
    settled(panel, qtbot)
    assert seen
    assert {frame.n_steps for frame in seen} == {2}
    np.testing.assert_allclose(seen[-1].state["x"], panel.timeline.recording[1].state["x"], atol=1e-5)


def test_what_few_steps_have_not_learnt_is_drawn_in_many_and_said_so(panel: Any, qtbot: Any) -> None:
    draw = panel.controls.prompt.draw
    panel.editor.set_params("Guidance", guidance=9.0)
    settled(panel, qtbot)
    assert info(panel) == ("many", 5)
    assert panel.params().drawn_in == "1"  # what was chosen holds again later
    assert not draw.why.isHidden()
    assert not draw.refine.isEnabled()
    panel.editor.set_params("Guidance", guidance=2.0)
    settled(panel, qtbot)
    assert info(panel) == ("1", 2)
    assert draw.why.isHidden()


def test_a_step_of_few_is_a_new_beginning_too(panel: Any, qtbot: Any) -> None:
    choose(panel, "4")
    settled(panel, qtbot)
    whole = panel.timeline.recording
    panel.timeline.playback.seek(2)
    panel.timeline.branch()
    settled(panel, qtbot)
    branch = panel.timeline.recording
    assert branch is not whole
    assert info(panel)[0] == "4"
    assert np.array_equal(branch[len(branch) - 1].state["x"], whole[4].state["x"])


def test_the_choice_comes_back_with_the_state(panel: Any, make_panel: Any, sync_worker: Any, tmp_path: Any) -> None:
    (tmp_path / "other").mkdir()
    other = make_panel(sync_worker, file=few_step_source(tmp_path / "other", made_network("latent"), CARD))
    other.set_state(panel.state())
    assert other.controls.prompt.draw.choice.value() == "1"
    assert info(other) == ("1", 2)
    ours, theirs = (one.timeline.recording[1].views[NOISY].pixels for one in (panel, other))
    assert np.array_equal(ours, theirs)


def test_the_sampler_has_no_part_in_few_steps(panel: Any) -> None:
    sampler = panel.controls.sampler
    assert not sampler.sampler.isEnabled()
    assert not sampler.rows["steps"].isEnabled()
    assert sampler.rows["guidance"].isEnabled()
    choose(panel, "many")
    assert sampler.sampler.isEnabled()


def test_a_model_without_few_steps_offers_none(make_panel: Any, sync_worker: Any) -> None:
    panel = make_panel(sync_worker)
    assert panel.controls.prompt.draw.isHidden()
    assert "diffusion.refine" not in {command.id for command in panel.commands()}
    panel.set_params(DiffusionParams(prompt="a red fox", seed=3, steps=3, drawn_in="1"))  # of another person's file
    assert info(panel) == ("many", 4)


def test_a_draft_takes_few_steps_where_they_can() -> None:
    params = DiffusionParams(guidance=2.0, drawn_in="2", steps=50, batch=3)
    assert drafted(params, None, True) == replace(params, batch=1)
    assert drafted(params, None, False).drawn_in == "many"
    assert drafted(replace(params, drawn_in="many"), None, True).drawn_in == "1"
    assert drawable(params, {"picture": np.zeros(1)}, True).drawn_in == "many"
