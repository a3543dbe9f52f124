"""The panel of music: a melody harmonised, notes set, dragged and given back, locks, bars, sound, files, state."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog

from plugins.autoregressive.family import FAMILY
from plugins.autoregressive.music.engine import MusicEngine
from plugins.autoregressive.music.frames import note_rows
from plugins.autoregressive.music.grid import HOLD, REST, VoiceGrid, bars_of
from plugins.autoregressive.music.melodies import melody_grid
from plugins.autoregressive.music.notes import VoiceNote
from plugins.autoregressive.music.panel.canvas import MusicCanvas
from plugins.autoregressive.music.panel.painter import HEAD_PX, KEYS_PX
from plugins.autoregressive.music.panel.panel import MusicPanel
from plugins.autoregressive.music.panel.presenter import MusicPlayer
from plugins.autoregressive.music.params import MusicParams
from plugins.autoregressive.music.synthesis import sound_of
from studio.api.engine import EngineHandle, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.view import Audio, Image, Notes
from studio.render.export.midi import midi_bytes
from tests.panel_host import PanelHost
from tests.plugins.autoregressive.branched import branch_at
from tests.plugins.autoregressive.music.music_made import file_of, made_grid, made_network
from tests.sync_worker import SteppedWorker

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
HEAR = MusicPlayer.hear
CARD = {"kind": "music", "defaults": {"temperature": 0.9}, "usual_bits": {"low": 5.0, "high": 9.0}}


@pytest.fixture
def make_panel(qtbot, sync_worker, dispatcher, tmp_path, monkeypatch):
    """Makes a panel over a small random network; short pieces."""
    monkeypatch.setattr("plugins.autoregressive.music.scene.melody_grid", lambda name: melody_grid(name).cut(0, 32))
    monkeypatch.setattr(
        "plugins.autoregressive.music.panel.presenter.MusicPlayer.hear", lambda self, voice, pitch: None
    )
    hosts = []
    weights = tmp_path / "music.safetensors"
    weights.write_bytes(b"made up")

    def make():
        host = PanelHost(FAMILY, sync_worker, dispatcher)
        hosts.append(host)
        source = ModelSource("autoregressive/music", weights, CARD)
        panel = MusicPanel(EngineHandle(source, lambda _: MusicEngine(made_network(), CARD)), host)
        qtbot.addWidget(panel)
        panel.resize(1200, 760)
        panel.show()
        qtbot.waitExposed(panel)
        qtbot.waitUntil(
            lambda: panel.presenter.scored(panel.presenter.seen) is not None if panel.presenter.seen else False
        )
        panel.timeline.playback.to_end()
        return panel

    yield make
    for host in hosts:
        host.close()


@pytest.fixture
def panel(make_panel):
    return make_panel()


def values_of(panel):
    return panel.presenter.seen.grid.values.copy()


def settle(qtbot, panel):
    panel.timeline.playback.to_end()
    qtbot.waitUntil(lambda: panel.is_settled)


def point(panel, step, pitch):
    layout = panel.canvas.layout_now
    return layout.note_rect(step, 1, pitch).center().toPoint()


def free_place(panel, step):
    """A pitch that is shown, at which nobody sings, and where it lies."""
    layout, sung = panel.canvas.layout_now, set(panel.presenter.seen.pitches[step - 2 : step + 4].ravel().tolist())
    pitch = next(one for one in range(74, layout.high) if one not in sung)
    return pitch, point(panel, step, pitch)


def drag(qtbot, panel, start, end):
    qtbot.mousePress(panel.canvas, LEFT, pos=start)
    qtbot.mouseMove(panel.canvas, end)
    qtbot.mouseRelease(panel.canvas, LEFT, pos=end)


def test_it_opens_with_a_melody_being_harmonised(panel):
    assert panel.editor.scene.example == "joy"
    assert panel.editor.scene.locks == (True, False, False, False)
    assert np.array_equal(values_of(panel)[:, 0], melody_grid("joy").values[:32, 0])
    assert panel.presenter.seen.is_whole
    assert panel.params().temperature == 0.9
    assert "Bar 2 of 2" in panel.frame.caption.accessibleName()
    assert "bits a beat" in panel.whole.words.text()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_click_sets_a_note_of_the_voice_in_hand_and_the_others_follow(qtbot, panel):
    before = values_of(panel)
    pitch, place = free_place(panel, 18)
    qtbot.mouseClick(panel.canvas, LEFT, pos=place)
    settle(qtbot, panel)
    after = values_of(panel)
    assert after[18, 0] == pitch
    assert after[19:22, 0].tolist() == [HOLD] * 3
    assert np.array_equal(after[:16], before[:16])  # another bar
    assert not np.array_equal(after[16:, 1:], before[16:, 1:])
    assert panel.host.undo.undo_title == "Set a note"
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert np.array_equal(values_of(panel), before)


def test_nobody_follows_where_they_shall_not(qtbot, panel):
    qtbot.mouseClick(panel.voices.follow, LEFT)
    before = values_of(panel)
    qtbot.mouseClick(panel.canvas, LEFT, pos=free_place(panel, 18)[1])
    settle(qtbot, panel)
    assert np.array_equal(values_of(panel)[:, 1:], before[:, 1:])


@pytest.mark.long("opens a panel and draws with its model")
def test_a_note_is_dragged_to_another_pitch_as_one_step(qtbot, panel):
    qtbot.mouseClick(panel.voices.follow, LEFT)
    first = panel.presenter.seen.notes[0][0]
    drag(qtbot, panel, point(panel, 1, first.pitch), point(panel, 1, first.pitch + 2))
    settle(qtbot, panel)
    assert panel.presenter.seen.notes[0][0] == VoiceNote(0, first.length, first.pitch + 2)
    assert panel.host.undo.undo_title == "Move a note"
    panel.host.undo.undo()
    settle(qtbot, panel)
    assert panel.presenter.seen.notes[0][0] == first


def test_the_end_of_a_note_makes_it_longer(qtbot, panel):
    qtbot.mouseClick(panel.voices.follow, LEFT)
    first, layout = panel.presenter.seen.notes[0][0], panel.canvas.layout_now
    rect = layout.note_rect(0, first.length, first.pitch)
    start = QPoint(int(rect.right() - 3), int(rect.center().y()))
    drag(qtbot, panel, start, QPoint(int(layout.x_of(6.5)), start.y()))
    settle(qtbot, panel)
    assert panel.presenter.seen.notes[0][0] == VoiceNote(0, 7, first.pitch)


def test_escape_takes_a_drag_back(qtbot, panel):
    first = panel.presenter.seen.notes[0][0]
    qtbot.mousePress(panel.canvas, LEFT, pos=point(panel, 1, first.pitch))
    qtbot.mouseMove(panel.canvas, point(panel, 1, first.pitch + 3))
    qtbot.keyClick(panel.canvas, Qt.Key.Key_Escape)
    qtbot.mouseRelease(panel.canvas, LEFT, pos=point(panel, 1, first.pitch + 3))
    assert panel.canvas.drag is None
    assert panel.presenter.seen.notes[0][0] == first


def test_the_right_button_gives_a_note_back_to_the_model(qtbot, panel):
    panel.editor.set_view(voice=3)  # of notes that lie on each other, that of the voice in hand is meant
    before = values_of(panel)
    note = next(one for one in panel.presenter.seen.notes[3] if one.start >= 8)
    qtbot.mouseClick(panel.canvas, RIGHT, pos=point(panel, note.start, note.pitch))
    settle(qtbot, panel)
    kept = np.ones(before.shape, np.bool_)
    kept[note.start : note.end, 3] = False
    assert np.array_equal(values_of(panel)[kept], before[kept])
    assert panel.host.undo.undo_title == "Another note"


@pytest.mark.long("opens a panel and draws with its model")
def test_in_a_locked_voice_it_becomes_a_rest(qtbot, panel):
    note = panel.presenter.seen.notes[0][2]
    qtbot.mouseClick(panel.canvas, RIGHT, pos=point(panel, note.start, note.pitch))
    settle(qtbot, panel)
    assert values_of(panel)[note.start, 0] == REST


@pytest.mark.long("opens a panel and draws with its model")
def test_a_bar_is_chosen_by_its_number_and_made_anew(qtbot, panel):
    before = values_of(panel)
    layout = panel.canvas.layout_now
    button, place = panel.choosing.bar, panel.choosing.bar.mapToGlobal(QPoint())
    qtbot.mouseClick(panel.canvas, LEFT, pos=QPoint(int(layout.x_of(20)), int(HEAD_PX / 2)))
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: (button.text(), button.mapToGlobal(QPoint())) == ("Rewrite bar 2", place))
    assert not button.visibleRegion().isEmpty()
    qtbot.mouseClick(panel.choosing.bar, LEFT)
    settle(qtbot, panel)
    after = values_of(panel)
    assert np.array_equal(after[:16], before[:16])
    assert np.array_equal(after[:, 0], before[:, 0])
    assert not np.array_equal(after[16:, 1:], before[16:, 1:])


def test_locked_voices_stay_when_all_is_made_anew(qtbot, panel):
    qtbot.mouseClick(panel.voices.locks[3], LEFT)
    before = values_of(panel)
    qtbot.mouseClick(panel.choosing.all, LEFT)
    settle(qtbot, panel)
    after = values_of(panel)
    assert np.array_equal(after[:, [0, 3]], before[:, [0, 3]])
    assert not np.array_equal(after[:, 1:3], before[:, 1:3])


def test_a_marked_note_shows_what_else_could_stand_there(qtbot, panel):
    note = panel.presenter.seen.notes[1][1]
    qtbot.mouseClick(panel.canvas, LEFT, pos=point(panel, note.start, note.pitch))
    scene = panel.editor.scene
    voice = scene.voice
    assert scene.step is not None
    assert "Instead of" in panel.instead.words.text()
    assert "certain" in panel.frame.caption.text()
    rows = panel.instead.bars._rows
    assert len(rows) == 6
    token = next(row.token for row in rows if not row.is_chosen and 0 < row.token < 50)
    panel.instead.bars.forced.emit(token)
    settle(qtbot, panel)
    assert values_of(panel)[panel.editor.scene.step, voice] == token + 35


@pytest.mark.long("opens a panel and draws with its model")
def test_keys_go_from_note_to_note_and_move_them(qtbot, panel):
    qtbot.mouseClick(panel.voices.follow, LEFT)
    canvas = panel.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert panel.editor.scene.step == 0
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    second = panel.presenter.seen.notes[0][1]
    assert panel.editor.scene.step == second.start
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    settle(qtbot, panel)
    assert panel.presenter.seen.notes[0][1].pitch == second.pitch + 1
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    settle(qtbot, panel)
    assert values_of(panel)[second.start, 0] == REST
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    settle(qtbot, panel)
    assert values_of(panel)[second.start, 0] > HOLD
    qtbot.keyClick(canvas, Qt.Key.Key_3)
    assert panel.editor.scene.voice == 2


@pytest.mark.long("opens a panel and draws with its model")
def test_all_edits_can_be_undone(qtbot, panel):
    before = json.dumps(panel.state(), sort_keys=True)
    qtbot.mouseClick(panel.voices.locks[1], LEFT)
    qtbot.mouseClick(panel.canvas, LEFT, pos=free_place(panel, 18)[1])
    qtbot.keyClick(panel.choosing.temperature._track, Qt.Key.Key_Right)
    qtbot.keyClick(panel.choosing.speed._track, Qt.Key.Key_Right)
    qtbot.keyClick(panel.listen.tempo._track, Qt.Key.Key_Right)
    qtbot.mouseClick(panel.choosing.all, LEFT)
    panel.gestures.next_melody()
    panel.gestures.clear()
    while panel.host.undo.undo():
        assert panel.host.undo.redo_title
    panel.editor.set_view(step=None, voice=0)
    assert json.dumps(panel.state(), sort_keys=True) == before


def test_surprise_tints_the_notes(qtbot, panel):
    plain = panel.canvas.grab().toImage()
    qtbot.mouseClick(panel.listen.tint, LEFT)
    assert panel.canvas.grab().toImage() != plain


@pytest.mark.long("opens a panel and draws with its model")
def test_undo_leaves_the_voice_in_hand_the_tint_and_who_follows(qtbot, panel):
    before = values_of(panel)
    qtbot.mouseClick(panel.canvas, LEFT, pos=free_place(panel, 18)[1])
    settle(qtbot, panel)
    after = values_of(panel)
    qtbot.mouseClick(panel.listen.tint, LEFT)
    qtbot.mouseClick(panel.voices.follow, LEFT)
    qtbot.keyClick(panel.canvas, Qt.Key.Key_3)
    view = {"voice": 2, "shows_surprise": True, "is_following": False}
    for step, values in ((panel.host.undo.undo, before), (panel.host.undo.redo, after)):
        step()
        settle(qtbot, panel)
        assert np.array_equal(values_of(panel), values)
        assert {name: getattr(panel.editor.scene, name) for name in view} == view


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_is_plain_and_brings_the_music_back(qtbot, panel, make_panel):
    qtbot.mouseClick(panel.canvas, LEFT, pos=free_place(panel, 18)[1])
    settle(qtbot, panel)
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    other = make_panel()
    other.set_state(state)
    settle(qtbot, other)
    assert other.state() == panel.state()
    assert np.array_equal(values_of(other), values_of(panel))


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonsense": 1},
        {"scene": None},
        {"scene": {}},
        {"piece": {}},
        {"voice": 7},
        {"speed": 1e9},
        {"locks": [True]},
        {"example": "nobody"},
        {"step": -1},
        {"params": {"seed": "many"}},
    ],
)
def test_a_wrong_state_is_refused_and_changes_nothing(panel, wrong):
    before = panel.state()
    is_whole = "nonsense" in wrong or "scene" in wrong
    state = {**before, **wrong} if is_whole else {**before, "scene": {**before["scene"], **wrong}}
    with pytest.raises(UserError):
        panel.set_state(state)
    assert panel.state() == before


@pytest.mark.long("opens a panel and draws with its model")
def test_settings_alone_give_the_piece_of_the_command_line(qtbot, panel):
    params = MusicParams(seed=7, n_bars=1)
    panel.set_params(params)
    settle(qtbot, panel)
    frames = list(MusicEngine(made_network(), CARD).generate(params))
    mine, theirs = panel.snapshot().frame.state, frames[-1].state
    assert theirs is not None
    assert np.array_equal(mine["values"], theirs["values"])
    assert panel.snapshot().seed == 7


def test_a_midi_file_is_taken_and_what_is_missing_is_sung(qtbot, panel, tmp_path):
    path = tmp_path / "mine.mid"
    path.write_bytes(midi_bytes(Notes(note_rows(melody_grid("dawn").cut(0, 16).values)), 100))
    assert panel.open_path(path)
    settle(qtbot, panel)
    assert np.array_equal(values_of(panel)[:, 0], melody_grid("dawn").values[:16, 0])
    assert panel.params().tempo_bpm == 100
    assert panel.editor.scene.locks == (True, False, False, False)
    assert not panel.open_path(tmp_path / "picture.png")


@pytest.mark.long("opens a panel and draws with its model")
def test_what_a_file_loses_is_a_note_that_the_next_file_puts_away(qtbot, panel, tmp_path):
    tracks = [[(0, 16, 84 - 7 * at)] for at in range(5)]
    panel.open_path(file_of(tmp_path / "five.mid", *tracks))
    settle(qtbot, panel)
    assert panel.messages.keys() == ["midi"]
    panel.open_path(file_of(tmp_path / "four.mid", *tracks[:4]))
    settle(qtbot, panel)
    assert panel.messages.keys() == []


def test_a_broken_file_is_answered_with_a_sentence(panel, tmp_path):
    path = tmp_path / "broken.mid"
    path.write_bytes(b"MThd nonsense")
    before = values_of(panel)
    panel.open_path(path)
    assert np.array_equal(values_of(panel), before)
    assert panel.messages.isVisible()


def test_a_file_is_chosen_in_a_dialog(qtbot, panel, tmp_path, monkeypatch):
    path = tmp_path / "mine.mid"
    path.write_bytes(midi_bytes(Notes(note_rows(made_grid(16).values)), 100))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(panel.whole.open, LEFT)
    settle(qtbot, panel)
    assert np.array_equal(values_of(panel), made_grid(16).values) or all(panel.editor.scene.locks)


class Heard:
    """Stands for the loudspeaker."""

    def __init__(self):
        self.sounds, self.is_playing, self.position_s = [], False, 0.0
        self.samples = np.zeros(0, np.float32)

    def play(self, samples, rate_hz):
        self.samples = samples
        self.sounds.append((len(samples), rate_hz))
        self.is_playing = True

    def stop(self):
        self.is_playing = False


def test_the_piece_is_heard_from_the_marked_place_with_a_line_that_goes_along(qtbot, panel):
    panel.play.player = heard = Heard()
    panel.editor.set_view(step=16)
    panel.play_or_stop()
    assert heard.sounds == [(16 * 3000, 16_000)]
    assert panel.presenter.playhead == 16
    assert panel.listen.play.text() == "Stop"
    heard.position_s = 3000 * 2 / 16_000
    panel.play._on_level_changed(-20)
    assert panel.presenter.playhead == pytest.approx(18)
    assert "beat 1" in panel.frame.caption.accessibleName()
    panel.play_or_stop()
    assert panel.presenter.playhead is None
    assert panel.listen.play.text() == "Play"


def test_a_note_that_is_held_at_the_marked_place_is_heard(panel):
    values = np.full((32, 4), HOLD, np.uint8)
    values[0] = REST
    values[0, 0], values[8, 3] = 72, 48
    panel.editor.take_piece("Held", VoiceGrid(values, *bars_of(32, 16), 0))
    panel.editor.set_view(step=16)
    panel.play.player = heard = Heard()
    panel.play_or_stop()
    assert heard.sounds == [(16 * 3000, 16_000)]
    assert np.array_equal(heard.samples, sound_of(panel.presenter.seen.grid.values, 80.0, 16))
    assert np.abs(heard.samples[:3000]).max() > 0.05


@pytest.fixture
def speaker(panel, monkeypatch):
    """Stands for the player's voice: the real player, with a sound that lasts until it is told to end."""
    speaker = SimpleNamespace(sounds=[], voice=None)
    player = panel.play.player
    monkeypatch.setattr(type(player), "is_playing", property(lambda _: speaker.voice is not None))

    def play(samples, rate_hz):
        speaker.voice = object()
        speaker.sounds.append(len(samples))

    def end(voice):
        if voice is not None and voice is speaker.voice:
            speaker.voice = None
            player.finished.emit()

    speaker.end, speaker.is_on = end, lambda: speaker.voice is not None
    monkeypatch.setattr(player, "play", play)
    monkeypatch.setattr(player, "stop", lambda: end(speaker.voice))
    return speaker


def test_a_short_tone_that_ends_while_the_piece_is_computed_does_not_end_it(panel, speaker, monkeypatch):
    waiting = []
    HEAR(panel.play, 0, 60)
    tone_heard = speaker.voice
    monkeypatch.setattr(panel.tasks, "ask", lambda key, method, done, failed: waiting.append(done))
    panel.play_or_stop()
    assert panel.play.is_playing
    assert speaker.voice is None  # the playhead would go along with the tone
    panel.play.player.level_changed.emit(-20.0)
    assert panel.presenter.playhead is None
    speaker.end(tone_heard)
    waiting[0](Audio(np.zeros(32 * 3000, np.float32), 16_000))
    assert len(speaker.sounds) == 2
    assert panel.listen.play.text() == "Stop"


def test_nothing_sounds_unseen(panel, speaker):
    panel.play_or_stop()
    assert speaker.is_on()
    panel.hide()
    assert not speaker.is_on()
    assert panel.presenter.playhead is None
    assert panel.listen.play.text() == "Play"
    panel.show()
    HEAR(panel.play, 0, 60)
    assert speaker.is_on()
    panel.hide()
    assert not speaker.is_on()


def test_what_is_computed_to_be_heard_is_dropped_unseen(panel, speaker, dispatcher):
    worker = SteppedWorker(dispatcher.deliver)
    panel.tasks._worker = worker
    panel.play_or_stop()
    panel.hide()
    worker.run_all()
    assert speaker.sounds == []
    assert not panel.play.is_playing


def test_a_voice_that_is_locked_or_unlocked_is_scored_anew(qtbot, panel):
    """Of others it is asked how likely they are where a locked one is known."""

    def alto():
        settle(qtbot, panel)
        return panel.presenter.scored(panel.presenter.seen).given.surprise[:, 1].copy()

    before = alto()
    qtbot.mouseClick(panel.voices.locks[3], LEFT)
    assert np.abs(alto() - before).max() > 1e-3
    qtbot.mouseClick(panel.voices.locks[3], LEFT)
    assert np.array_equal(alto(), before)


def test_the_speed_counts_sixteenths(panel):
    assert panel.choosing.speed.value_range.unit == "sixteenths/s"


def test_without_a_sound_device_a_sentence_says_so(panel):
    panel.play.player = Heard()
    panel.play_or_stop()
    panel.play._on_failed(UserError("There is no sound device."))
    assert panel.presenter.playhead is None
    assert panel.messages.isVisible()


def test_what_a_training_draws_is_shown(panel):
    pixels = np.zeros((20, 40, 3), np.uint8)
    panel.show_frame(Frame(0, 1, views={"picture": Image(pixels)}))
    assert "never trained on" in panel.frame.caption.text()
    panel.canvas.grab()


@pytest.mark.long("opens a panel and draws with its model")
def test_an_empty_canvas_and_a_long_piece_can_be_painted(qtbot, panel):
    canvas = MusicCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.grab()
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(int(KEYS_PX) + 20, 100))
    panel.editor.take_piece("Long", made_grid(600))
    settle(qtbot, panel)
    assert panel.canvas.layout_now.n_steps == 256
    panel.canvas.set_playhead(500.0)
    assert panel.canvas.layout_now.first > 0
    panel.canvas.grab()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_branch_leaves_its_run_and_the_melody_as_they_are(panel, qtbot):
    settle(qtbot, panel)
    branch_at(panel, 5)
    settle(qtbot, panel)
    assert panel.editor.scene.piece is not None
