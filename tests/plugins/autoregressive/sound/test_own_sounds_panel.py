"""The panel of sounds with a model of a person's own sounds: chips for its kinds, no keys, all else as with notes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.autoregressive.family import FAMILY
from plugins.autoregressive.sound.engine import SoundEngine
from plugins.autoregressive.sound.model.own_sounds import OwnWaveNet, OwnWaveNetConfig, n_conditioning
from plugins.autoregressive.sound.panel.panel import SoundPanel
from studio.api.engine import EngineHandle, ModelSource
from tests.panel_host import PanelHost
from tests.plugins.autoregressive.sound.sound_made import notes_config
from tests.plugins.autoregressive.sound.test_engine import tone, write_wav
from tests.plugins.autoregressive.sound.test_panel import Speaker, levels, settle

LEFT = Qt.MouseButton.LeftButton
CARD = {"id": "autoregressive/own", "kind": "sound", "defaults": {"temperature": 0.9, "seconds": 0.064}}


def made_sounds(*kinds):
    """A network whose numbers are large enough that kinds sound different."""
    torch.manual_seed(4)
    wave = replace(notes_config().wave, n_told=n_conditioning(len(kinds)), n_waves=0)
    network = OwnWaveNet(OwnWaveNetConfig(kinds, wave, 32)).eval().requires_grad_(False)
    for weight in network.parameters():
        weight.mul_(2.5)
    return network


@pytest.fixture
def make_panel(qtbot, dispatcher, sync_worker, monkeypatch):
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    panels: list[SoundPanel] = []
    host = PanelHost(FAMILY, sync_worker, dispatcher)

    def make(*kinds):
        source = ModelSource("autoregressive/own", Path(__file__), CARD)
        handle = EngineHandle(source, lambda _: SoundEngine(made_sounds(*kinds), CARD))
        panel = SoundPanel(handle, host)
        panels.append(panel)
        qtbot.addWidget(panel)
        panel.resize(1200, 800)
        panel.show()
        settle(qtbot, panel)
        return panel

    yield make
    for panel in panels:
        panel.play.disarm()
        panel.timeline.close()
    assert not host.errors


@pytest.mark.long("opens a panel and draws with its model")
def test_a_kind_is_asked_for_by_a_click(qtbot, make_panel, monkeypatch):
    panel = make_panel("kick", "snare")
    speaker, before = Speaker(panel, monkeypatch), levels(panel)
    chips = panel.asked.words["kind"]
    assert panel.asked.keys is None
    assert chips.current() == "kick"
    assert panel.frame.caption.text().startswith("You asked for “kick”.")
    QTest.mouseClick(chips._chips[1], LEFT)
    qtbot.waitUntil(lambda: bool(speaker.played))
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.params().kind == "snare"
    assert panel.frame.caption.text().startswith("You asked for “snare”.")
    assert (levels(panel) != before).any()
    assert panel.host.undo.undo_title == "Kind of sound"
    panel.host.undo.undo()
    settle(qtbot, panel)
    np.testing.assert_array_equal(levels(panel), before)


def test_surprise_me_makes_a_sound_of_another_kind(qtbot, make_panel, monkeypatch):
    panel = make_panel("kick", "snare")
    speaker = Speaker(panel, monkeypatch)
    panel.gestures.surprise()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.params().kind == "snare"


def test_of_one_kind_there_is_nothing_to_choose(make_panel):
    panel = make_panel("sound")
    assert not panel.asked.words
    assert panel.frame.caption.text().startswith("You asked for a sound like your own.")


def test_a_sound_of_ones_own_is_gone_on_with_at_full_scale(qtbot, make_panel, monkeypatch, tmp_path):
    panel = make_panel("kick", "snare")
    speaker, pitch = Speaker(panel, monkeypatch), panel.params().pitch
    assert panel.open_path(write_wav(tmp_path / "mine.wav", tone(0.5, 165)))
    qtbot.waitUntil(lambda: panel.editor.scene.beginning is not None)
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.presenter.seen.n_given == 512
    assert np.abs(panel.presenter.seen.sound.samples[:512]).max() == pytest.approx(0.9, abs=0.02)
    assert panel.params().pitch == pitch  # there are no keys
