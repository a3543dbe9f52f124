"""The panel of sounds, worked by mouse and keys on a small random network."""

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from plugins.autoregressive.family import FAMILY
from plugins.autoregressive.sound.engine import SoundEngine
from plugins.autoregressive.sound.panel.panel import SoundPanel
from plugins.autoregressive.sound.params import SoundParams
from plugins.autoregressive.sound.signal import RATE_HZ
from studio.api.engine import EngineHandle, ModelSource
from studio.api.kind_tabs import KindTabs
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Audio
from studio.render.export.sound import audio_in
from tests.panel_host import PanelHost
from tests.plugins.autoregressive.branched import branch_at
from tests.plugins.autoregressive.sound.sound_made import made_notes
from tests.plugins.autoregressive.sound.test_engine import tone, write_wav

LEFT = Qt.MouseButton.LeftButton
CARD = {
    "id": "autoregressive/made",
    "kind": "sound",
    "config": {"lowest_pitch": 48, "n_pitches": 13},
    "defaults": {"temperature": 0.9, "seconds": 0.064, "pitch": 55},
}


class Speaker:
    """Stands for the player's voice: what was played, and how far it is."""

    def __init__(self, panel, monkeypatch):
        self.played: list[tuple[int, int]] = []
        self.grown: list[int] = []
        self.is_on = False
        player = panel.play.player
        monkeypatch.setattr(type(player), "is_playing", property(lambda _: self.is_on))
        monkeypatch.setattr(player, "play", self._play)
        monkeypatch.setattr(player, "grow", lambda samples: self.grown.append(len(samples)))
        monkeypatch.setattr(player, "stop", lambda: self.end(player) if self.is_on else None)

    def _play(self, samples, rate_hz, n_expected=0):
        self.is_on = True
        self.played.append((len(samples), n_expected))

    def end(self, player):
        self.is_on = False
        player.finished.emit()


@pytest.fixture
def panel(qtbot, dispatcher, sync_worker, monkeypatch):
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    host = PanelHost(FAMILY, sync_worker, dispatcher)
    source = ModelSource("autoregressive/made", Path(__file__), CARD)
    panel = SoundPanel(EngineHandle(source, lambda _: SoundEngine(made_notes(), CARD)), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    panel.show()
    settle(qtbot, panel)
    yield panel
    panel.play.disarm()
    panel.timeline.close()
    assert not host.errors


@pytest.fixture
def speaker(panel, monkeypatch):
    return Speaker(panel, monkeypatch)


def settle(qtbot, panel):
    qtbot.waitUntil(lambda: panel.is_settled and panel.presenter.seen is not None and panel.presenter.seen.is_whole)


def levels(panel):
    return panel.presenter.seen.levels.copy()


def click(panel, place):
    wave = panel.canvas.wave
    QTest.mouseClick(wave, LEFT, pos=wave.point_of((place + 0.5) * 1000 / RATE_HZ, 0.0).toPoint())


def test_it_opens_with_a_note_that_has_grown(panel):
    assert [len(frame.state["levels"]) for frame in panel.timeline.recording] == list(range(128, 1025, 128))
    assert panel.asked.words["instrument"].current() == "bell"
    assert panel.asked.keys.current == 55
    assert panel.frame.caption.text().startswith("You asked for G3 of the bell.")
    assert "bits per sample" in panel.whole.words.text()


def test_a_moment_says_what_the_model_expects(panel):
    panel.timeline.playback.seek(2)
    assert panel.presenter.seen.place == 384
    text = panel.frame.caption.text()
    assert text.startswith("The model hears the last 2 milliseconds")
    assert "% certain that the next sample is between" in text


def test_what_is_on_screen_is_exported_as_sound(panel):
    sound = audio_in(panel.snapshot().frame)
    assert isinstance(sound, Audio)
    assert len(sound.samples) == 1024


@pytest.mark.long("opens a panel and draws with its model")
def test_a_key_and_an_instrument_are_asked_for_and_heard(qtbot, panel, speaker):
    keys = panel.asked.keys
    QTest.mouseClick(keys, LEFT, pos=QPoint(round(keys.key_rect(60).center().x()), keys.height() - 6))
    assert panel.params().pitch == 60
    qtbot.waitUntil(lambda: len(speaker.played) == 1)
    assert speaker.played[-1][1] == 1024
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    QTest.mouseClick(panel.asked.words["instrument"]._chips[1], LEFT)
    assert panel.params().instrument == "reed"
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.frame.caption.text().startswith("You asked for C4 of the reed.")
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert panel.params().instrument == ""


def test_the_same_key_plays_the_same_sound_again(qtbot, panel, speaker):
    before = levels(panel)
    keys = panel.asked.keys
    QTest.mouseClick(keys, LEFT, pos=QPoint(round(keys.key_rect(55).center().x()), keys.height() - 6))
    assert speaker.played == [(1024, 1024)]
    np.testing.assert_array_equal(levels(panel), before)
    assert panel.asked.play.text() == "Stop"
    QTest.mouseClick(panel.asked.play, LEFT)
    assert panel.asked.play.text() == "Play"


def test_a_key_that_is_struck_while_it_sounds_sounds_again(panel, speaker):
    keys = panel.asked.keys
    for _ in range(2):
        QTest.mouseClick(keys, LEFT, pos=QPoint(round(keys.key_rect(55).center().x()), keys.height() - 6))
    assert len(speaker.played) == 2
    assert speaker.is_on


def test_what_a_training_makes_is_heard_by_play(panel, speaker):
    panel.show_frame(Frame(0, 1, views={"sound": Audio(np.zeros(800, np.float32), 16_000)}))
    assert "click Play" in panel.frame.caption.text()
    panel.gestures.play_or_stop()
    assert speaker.played == [(800, 0)]
    panel.gestures.play_or_stop()
    assert not speaker.is_on


@pytest.mark.long("opens a panel and draws with its model")
def test_what_was_shown_is_exported_with_its_own_settings(panel, qtbot, tmp_path):
    first = panel.timeline.track
    panel.runs.keep()
    panel.open_path(write_wav(tmp_path / "own.wav", tone(0.03, 220)))
    settle(qtbot, panel)
    assert panel.snapshot().state
    panel.timeline.show_track(first)
    assert panel.snapshot().state == {}


def test_the_playhead_goes_along_with_what_is_heard(panel, speaker, monkeypatch):
    panel.gestures.play_or_stop()
    monkeypatch.setattr(type(panel.play.player), "position_s", property(lambda _: 300 / 16_000))
    panel.play.player.level_changed.emit(-10.0)
    assert panel.presenter.seen.place == 256
    speaker.end(panel.play.player)
    assert panel.presenter.seen.is_whole


def test_a_sound_that_grows_is_played_once_the_rest_will_be_there_in_time(panel, speaker, monkeypatch):
    """1,024 samples, as if they came at a pace: 0.064 s of sound."""
    clock = [0.0]
    panel.play._clock = lambda: clock[0]
    frames = list(panel.timeline.recording)
    monkeypatch.setattr("plugins.autoregressive.sound.panel.player.LEAST_S", 0.0)
    newest: list[Any] = []
    monkeypatch.setattr(type(panel.runs), "newest", property(lambda _: newest[-1]))
    for seconds, expected in ((0.001, 2), (0.02, 6)):  # a block of 128 takes so long
        speaker.played.clear()
        panel.play.arm()
        for frame in frames:
            newest.append(frame)
            clock[0] += seconds
            panel.play._on_grown()
            if speaker.played:
                break
        assert speaker.played == [(128 * expected, 1024)]
        newest.append(frames[-1])
        panel.play._on_grown()
        assert speaker.grown[-1] == 1024
        speaker.end(panel.play.player)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_sound_is_heard_to_its_end_by_a_device(qtbot, panel, monkeypatch):
    """miniaudio's null device stands in for speakers."""
    monkeypatch.setattr(panel.play.player, "_backends", ("NULL",))
    panel.gestures.again()
    qtbot.waitUntil(lambda: panel.play.is_playing)
    qtbot.waitUntil(lambda: not panel.play.is_playing)
    settle(qtbot, panel)
    assert panel.messages.keys() == []
    assert panel.asked.play.text() == "Play"


@pytest.mark.long("opens a panel and draws with its model")
def test_no_sound_device_is_a_sentence_and_the_sound_is_seen_all_the_same(qtbot, panel, speaker):
    panel.gestures.again()
    qtbot.waitUntil(lambda: bool(speaker.played))
    speaker.is_on = False
    panel.play.player.failed.emit(UserError(N_("There is no audio device to play this on.")))
    assert panel.messages.keys() == ["error"]
    settle(qtbot, panel)


def test_a_click_looks_into_a_sample(qtbot, panel):
    click(panel, 700)
    settle(qtbot, panel)
    mark = panel.editor.scene.mark
    assert abs(mark - 700) <= 2
    look = panel.looks.look
    assert look.place == mark
    tree = panel.handle._engine.tree(levels(panel), mark, panel.params())
    np.testing.assert_allclose(look.amount, tree.amount, rtol=1e-5)
    assert panel.canvas.tree.is_lit
    assert "It depends most on the sample" in panel.canvas.tree.summary()
    assert f"It is {levels(panel)[mark]}:" in panel.next.words.text()


def test_arrow_keys_go_from_sample_to_sample(qtbot, panel):
    click(panel, 700)
    mark, wave = panel.editor.scene.mark, panel.canvas.wave
    QTest.keyClick(wave, Qt.Key.Key_Right)
    QTest.keyClick(wave, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert panel.editor.scene.mark == mark + 1 - 64
    QTest.keyClick(wave, Qt.Key.Key_End)
    assert panel.editor.scene.mark == 1023
    settle(qtbot, panel)


@pytest.mark.long("opens a panel and draws with its model")
def test_going_on_keeps_what_is_before_and_makes_the_rest_anew(qtbot, panel, speaker):
    before = levels(panel)
    click(panel, 500)
    settle(qtbot, panel)
    mark = panel.editor.scene.mark
    panel.gestures.go_on()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.presenter.seen.n_given == mark
    np.testing.assert_array_equal(levels(panel)[:mark], before[:mark])
    assert (levels(panel)[mark:] != before[mark:]).any()
    assert "are kept" in panel.go_on.words.text()
    QTest.mouseClick(panel.asked.words["instrument"]._chips[1], LEFT)  # the rest is another instrument's
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    np.testing.assert_array_equal(levels(panel)[:mark], before[:mark])
    panel.host.undo.undo()
    panel.host.undo.undo()
    settle(qtbot, panel)
    np.testing.assert_array_equal(levels(panel), before)


def test_another_level_is_kept_and_what_follows_is_drawn_by_the_same_numbers(qtbot, panel, speaker):
    before, seed = levels(panel), panel.params().seed
    click(panel, 500)
    settle(qtbot, panel)
    mark = panel.editor.scene.mark
    panel.next.level_chosen.emit(255)
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert levels(panel)[mark] == 255
    np.testing.assert_array_equal(levels(panel)[:mark], before[:mark])
    assert panel.params().seed == seed


def test_from_silence_all_is_the_models_again(qtbot, panel, speaker):
    click(panel, 500)
    panel.gestures.go_on()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    panel.gestures.from_silence()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.presenter.seen.n_given == 0
    assert not panel.go_on.silence.isEnabled()


def test_a_sound_of_ones_own_is_gone_on_with(qtbot, panel, speaker, tmp_path):
    assert panel.open_path(write_wav(tmp_path / "mine.wav", tone(0.5, 165)))
    qtbot.waitUntil(lambda: panel.editor.scene.beginning is not None)
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.presenter.seen.n_given == 512
    assert panel.params().pitch == 52  # E3 is 165 hertz
    assert "mine.wav" in panel.go_on.words.text()
    assert panel.snapshot().state["scene"]["source"] == "own"
    assert not panel.open_path(tmp_path / "mine.txt")


@pytest.mark.parametrize("ending", ["flac", "ogg", "mp3"])
def test_a_coded_sound_of_ones_own_is_gone_on_with(qtbot, panel, speaker, tmp_path, ending):
    soundfile.write(tmp_path / f"mine.{ending}", np.stack([tone(0.5, 165)] * 2, 1), 44_100)
    assert panel.open_path(tmp_path / f"mine.{ending}")
    qtbot.waitUntil(lambda: panel.editor.scene.beginning is not None)
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.presenter.seen.n_given == 512
    assert panel.params().pitch == 52
    assert f"mine.{ending}" in panel.go_on.words.text()


def test_a_sound_that_cannot_be_read_is_a_sentence(panel, tmp_path):
    before = levels(panel)
    (tmp_path / "none.wav").write_bytes(b"nothing")
    assert panel.open_path(tmp_path / "none.wav")
    assert panel.messages.keys() == ["error"]
    np.testing.assert_array_equal(levels(panel), before)


@pytest.mark.long("opens a panel and draws with its model")
def test_again_keeps_the_sound_that_was_there(qtbot, panel, speaker):
    before = levels(panel)
    panel.gestures.again()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert (levels(panel) != before).any()
    assert len(panel.timeline.tracks) == 2


@pytest.mark.long("opens a panel and draws with its model")
def test_at_another_speed_the_same_sound_comes_in_other_steps(qtbot, panel):
    before = levels(panel)
    panel.editor.set_speed("single")
    qtbot.waitUntil(lambda: len(panel.timeline.recording) == 1024)
    panel.timeline.playback.to_end()
    settle(qtbot, panel)
    np.testing.assert_array_equal(levels(panel), before)
    panel.editor.set_speed("instant")
    settle(qtbot, panel)
    np.testing.assert_array_equal(levels(panel), before)


def test_surprise_me_plays_another_note_of_another_instrument(qtbot, panel, speaker):
    panel.gestures.surprise()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    assert panel.params().instrument == "reed" or panel.params().instrument == "bell"
    assert panel.params().pitch in range(48, 61)


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_brings_everything_back(qtbot, panel, speaker):
    click(panel, 500)
    panel.gestures.go_on()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    state, before = json.loads(json.dumps(panel.state())), levels(panel)
    panel.gestures.from_silence()
    speaker.end(panel.play.player)
    settle(qtbot, panel)
    panel.set_state(state)
    settle(qtbot, panel)
    np.testing.assert_array_equal(levels(panel), before)
    assert panel.state() == state


@pytest.mark.parametrize(
    "change",
    [
        {"speed": "warp"},
        {"mark": -1},
        {"mark": 2.0},
        {"levels": "???"},
        {"levels": 7},
        {"source": "own"},
        {"name": 3},
        {"params": {"seed": "x"}},
        {"levels": "AAAA", "source": "spliced", "name": "x" * 300},
        {"more": 1},
    ],
)
def test_unsound_states_are_refused(panel, change):
    state = panel.state()
    with pytest.raises(UserError):
        panel.set_state({**state, "scene": {**state["scene"], **change}})
    assert panel.state() == state


def test_settings_alone_make_a_whole_sound(qtbot, panel):
    params = dataclasses.replace(SoundParams(seed=7), seconds=0.064, pitch=50, block=100)
    panel.set_params(params)
    settle(qtbot, panel)
    frame = list(panel.handle._engine.generate(params))[-1]
    assert panel.presenter.seen.place == 1024
    assert panel.shown.scalars == frame.scalars


def test_nothing_sounds_unseen(panel, speaker):
    panel.gestures.play_or_stop()
    assert speaker.is_on
    panel.hide()
    assert not speaker.is_on


def test_a_tab_leads_to_the_first_model_of_its_kind_that_is_there(qtbot):
    ids = ("autoregressive/speech", "autoregressive/text-xlnet", "autoregressive/text-xl")
    opened: list[str] = []
    cards = [SimpleNamespace(id=one) for one in ids]
    host: Any = SimpleNamespace(cards=lambda: cards, open_model=opened.append, family=FAMILY)
    tabs = KindTabs(host, ModelSource("autoregressive/own", Path(__file__), {"kind": "series"}))
    qtbot.addWidget(tabs)
    assert [button.text() for button in tabs.findChildren(QAbstractButton)] == ["Sound", "Text", "Series"]
    for button in tabs.findChildren(QAbstractButton):
        QTest.mouseClick(button, LEFT)
    assert opened == ["autoregressive/speech", "autoregressive/text-xl"]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_branch_leaves_its_run_and_the_beginning_as_they_are(panel, qtbot, tmp_path):
    panel.open_path(write_wav(tmp_path / "own.wav", tone(0.03, 220)))
    settle(qtbot, panel)
    assert panel.editor.scene.beginning is not None
    branch_at(panel, 1)
    panel.timeline.playback.to_end()
    settle(qtbot, panel)
