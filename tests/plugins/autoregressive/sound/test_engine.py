"""Sounds as frames: branches to the bit, beginnings of one's own, bounds, and what a sample hangs on."""

import struct
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.autoregressive.sound.engine import MAX_SECONDS, SoundEngine, matched, own_sound
from plugins.autoregressive.sound.model.notes import RMS
from plugins.autoregressive.sound.model.weights import save_sound_network
from plugins.autoregressive.sound.params import SoundParams
from plugins.autoregressive.sound.signal import RATE_HZ, columns, levels_of, samples_of
from plugins.autoregressive.sound.state import started
from studio.api.engine import ModelSource
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.recording.file import load_recording, save_recording
from studio.core.recording.recording import Recording, RunInfo
from studio.core.sound.mel import FLOOR_DB, log_mel
from studio.core.sound.wave import resampled
from tests.plugins.autoregressive.sound.sound_made import made_notes

PARAMS = SoundParams(seed=5, instrument="reed", pitch=55, seconds=0.064, block=200)
"""1,024 samples."""


@pytest.fixture(scope="module")
def engine():
    return SoundEngine(made_notes(), {})


def frames_of(engine, params=PARAMS, start=None):
    return list(whole_frames(engine.generate(params, start)))


def arrays(frame):
    views = frame.views
    found = [*frame.state.values(), views["waveform"].samples, views["spectrogram"].values, views["surprise"].values]
    return found + ([views["next"].curves["Probability"]] if "next" in views else [])


def are_equal(one, other):
    pairs = zip(arrays(one), arrays(other), strict=True)
    return one.step == other.step and all(np.array_equal(mine, theirs) for mine, theirs in pairs)


def test_frames_tell_how_far_the_sound_is(engine):
    frames = frames_of(engine)
    assert [frame.step for frame in frames] == list(range(6))
    assert {frame.n_steps for frame in frames} == {6}
    assert [len(frame.state["levels"]) for frame in frames] == [200, 400, 600, 800, 1000, 1024]
    for frame in frames:
        sound = frame.views["waveform"]
        np.testing.assert_array_equal(sound.samples, samples_of(frame.state["levels"]))
        assert sound.rate_hz == RATE_HZ
        assert frame.views["surprise"].values.shape == (1, len(sound.samples))
        assert frame.views["spectrogram"].values.shape == (64, 8)
    assert "next" not in frames[-1].views
    assert frames[2].label == "Sample 600 of 1,024"


def test_frames_say_what_the_network_says_about_the_next_sample(engine):
    params = replace(PARAMS, temperature=0.5)
    for frame in frames_of(engine, params)[:-1]:
        place = len(frame.state["levels"])
        told, waves = (torch.from_numpy(of)[None] for of in engine.asking.told(params, 1024))
        levels = torch.from_numpy(np.append(frame.state["levels"], 0)).long()[None]
        stretches = place // engine.config.hop + 1
        logits = engine.network(levels, told[:, :stretches], waves[:, : place + 1])[0, -1]
        expected = (logits / 0.5).softmax(-1)
        np.testing.assert_allclose(frame.views["next"].curves["Probability"], expected, atol=1e-5)


def test_the_sharpest_spectrogram_is_that_of_the_whole_sound(engine):
    frame = frames_of(engine)[-1]
    np.testing.assert_allclose(
        frame.views["spectrogram"].values[::-1], log_mel(frame.views["waveform"].samples), atol=1e-3
    )
    early = frames_of(engine)[0].views["spectrogram"].values
    assert (early[:, 1:] == FLOOR_DB).all()  # one whole hop is there


def test_columns_behind_the_end_are_silent():
    sound = np.random.default_rng(1).uniform(-1, 1, 300).astype(np.float32)
    assert (columns(sound, 0, 6)[:, 3:] == FLOOR_DB).all()
    np.testing.assert_array_equal(columns(sound, 1, 3), columns(sound, 0, 6)[:, 1:3])


@pytest.mark.parametrize("index", range(6))
def test_a_branch_repeats_its_run_to_the_bit(engine, index):
    frames = frames_of(engine)
    again = frames_of(engine, PARAMS, frames[index].state)
    assert all(map(are_equal, again, frames[index:]))
    assert len(again) == len(frames) - index


def test_single_samples_make_the_same_sound(engine):
    fine = frames_of(engine, replace(PARAMS, block=1))
    assert len(fine) == 1024
    whole = frames_of(engine)[-1]
    assert all(map(np.array_equal, arrays(fine[-1]), arrays(whole)))
    middle = frames_of(engine, replace(PARAMS, block=1), fine[500].state)
    assert all(map(are_equal, middle, fine[500:]))


@pytest.mark.long("computes for long")
def test_a_recording_keeps_every_sample(engine, tmp_path):
    params = replace(PARAMS, block=1)
    recording = Recording(RunInfo("autoregressive/made", {}, 5))
    for frame in engine.generate(params):
        recording.append(frame)
    save_recording(recording, tmp_path / "run.frames")
    loaded, frames = load_recording(tmp_path / "run.frames"), frames_of(engine, params)
    assert all(are_equal(loaded[index], frames[index]) for index in (0, 1, 63, 64, 127, 128, 700, 1023))


def test_another_seed_goes_another_way_from_the_same_beginning(engine):
    begun = frames_of(engine)[2].state["levels"]
    one, other = (frames_of(engine, replace(PARAMS, seed=seed), started(begun))[-1] for seed in (6, 7))
    for frame in (one, other):
        np.testing.assert_array_equal(frame.state["levels"][:600], begun)
        assert frame.state["given"].tolist() == [600]
    assert (one.state["levels"][600:] != other.state["levels"][600:]).any()
    np.testing.assert_array_equal(one.state["surprise"][:600], frames_of(engine)[2].state["surprise"])


def test_an_instrument_may_change_on_the_way(engine):
    begun = frames_of(engine)[2].state
    other = frames_of(engine, replace(PARAMS, instrument="bell"), begun)
    np.testing.assert_array_equal(other[-1].state["levels"][:600], begun["levels"])


@pytest.mark.parametrize("change", [{"instrument": "kazoo"}, {"pitch": 30}, {"pitch": 90}])
def test_what_it_does_not_know_is_a_sentence(engine, change):
    with pytest.raises(UserError):
        list(engine.generate(replace(PARAMS, **change)))


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"levels": np.zeros(3, np.uint8)},
        {**started(np.zeros(3, np.uint8)), "given": np.array([4])},
        {**started(np.zeros(3, np.uint8)), "surprise": np.zeros(2)},
        started(np.zeros((3, 2), np.uint8)),
        {**started(np.zeros(3, np.uint8)), "levels": np.zeros(3)},
    ],
)
def test_unsound_states_are_refused(engine, state):
    with pytest.raises(UserError):
        list(engine.generate(PARAMS, state))


def test_a_beginning_longer_than_the_sound_is_cut(engine):
    frames = frames_of(engine, PARAMS, started(np.full(5000, 130, np.uint8)))
    assert [len(frame.state["levels"]) for frame in frames] == [1024]


def test_it_opens_what_was_saved(tmp_path):
    path = tmp_path / "made.safetensors"
    save_sound_network(path, made_notes())
    engine = SoundEngine.open(ModelSource("autoregressive/made", path), Device("cpu", "float32", 1))
    about = engine.about()
    offer, keys = about.offer, about.offer.keys()
    assert [picker.param for picker in offer.pickers] == ["instrument", "pitch", "velocity"]
    assert keys is not None
    assert keys.pitches == range(48, 61)
    assert offer.asked(PARAMS) == "You asked for G3 of the reed."
    assert about.n_seen == 33
    assert len(frames_of(engine)) == 6


# What a sample hangs on


def test_a_tree_reaches_back_as_far_as_is_seen(engine):
    levels = frames_of(engine)[-1].state["levels"]
    tree = engine.tree(levels, 500, PARAMS)
    assert tree.amount.shape == (6, 34)
    dilation = engine.config.dilation
    assert not tree.amount[0, 0]  # the sample itself is not known to it
    assert (tree.amount[0, 1:] > 0).sum() > 30
    for layer in range(5):
        ages = {0}
        for step in dilation[layer:]:
            ages |= {age + step for age in ages}
        assert set(np.flatnonzero(tree.amount[layer + 1]).tolist()) <= ages
    assert tree.chances.sum() == pytest.approx(1, abs=1e-5)


def test_the_size_of_an_influence_is_its_slope(engine):
    """By finite differences of the network itself."""
    levels = frames_of(engine)[-1].state["levels"]
    tree = engine.tree(levels, 40, PARAMS)
    told, waves = (torch.from_numpy(of)[None].double() for of in engine.asking.told(PARAMS, 1024))
    network = made_notes().double().wave

    def surprise(samples):
        logits = network.outputs(samples, told[:, :3], waves[:, :41])[0, 40].double()
        return float(-logits.log_softmax(-1)[int(levels[40])] / np.log(2))

    samples = torch.from_numpy(levels[:41].astype(float))[None] * (2 / 255) - 1
    age = int(tree.amount[0].argmax())
    step = torch.zeros_like(samples)
    step[0, 40 - age] = 1e-3
    slope = (surprise(samples + step) - surprise(samples - step)) / 2e-3
    assert tree.amount[0, age] == pytest.approx(2 * abs(slope), rel=0.02)


def test_there_is_no_tree_of_a_sample_that_is_not_there(engine):
    for place in (-1, 100, 5000):
        with pytest.raises(UserError):
            engine.tree(np.zeros(100, np.uint8), place, PARAMS)


# A sound of one's own


def write_wav(path, samples, rate_hz=44_100, n_claimed=None):
    data = (np.asarray(samples) * 32767).astype("<i2").tobytes()
    n_claimed = len(data) if n_claimed is None else n_claimed
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        (36 + n_claimed) & 0xFFFFFFFF,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate_hz,
        2 * rate_hz,
        2,
        16,
        b"data",
        n_claimed,
    )
    path.write_bytes(head + data)
    return path


def tone(seconds, hertz=220.0, rate_hz=44_100, gain=0.02):
    return gain * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate_hz)) / rate_hz)


def test_a_sound_of_ones_own_begins_where_it_is_heard_and_is_made_as_loud(tmp_path):
    sound = np.concatenate([np.zeros(44_100), tone(1.0)])
    found = own_sound(write_wav(tmp_path / "a.wav", sound), 4096, 256, RMS)
    assert len(found.levels) == 4096
    samples = samples_of(found.levels)
    assert np.sqrt(np.mean(samples[200:] ** 2)) == pytest.approx(RMS, rel=0.1)
    assert found.frequency_hz == pytest.approx(220, rel=0.01)
    assert found.name == "a.wav"


def test_a_constant_offset_is_not_heard(tmp_path):
    """Before and behind the beginning."""
    plain = np.concatenate([np.zeros(4410), tone(1.0, gain=0.05)])
    one, other = (own_sound(write_wav(tmp_path / "a.wav", plain + by), 4096, 256, RMS) for by in (0.0, 0.5))
    np.testing.assert_allclose(other.levels.astype(int), one.levels, atol=2)
    assert np.ptp(other.levels.astype(int)) > 20
    assert other.frequency_hz == pytest.approx(220, rel=0.01)


def test_a_sound_of_ten_hours_is_read_in_part(tmp_path):
    path = write_wav(tmp_path / "long.wav", tone(1.0), n_claimed=2 * 44_100 * 36_000)
    with path.open("r+b") as file:
        file.truncate(44 + 2 * 44_100 * 36_000)  # a hole on the disk: three gigabytes that take no room
    assert len(own_sound(path, 4096, 256, RMS).levels) == 4096


@pytest.mark.parametrize(
    ("samples", "word"),
    [
        (np.zeros(44_100), "silent"),
        (np.full(44_100, 0.5), "silent"),
        (tone(0.005), "short"),
        (np.zeros(0), "no sound"),
    ],
)
def test_what_cannot_be_gone_on_with_is_a_sentence(tmp_path, samples, word):
    with pytest.raises(UserError, match=word):
        own_sound(write_wav(tmp_path / "a.wav", samples), 4096, 256, RMS)


def test_sound_that_begins_too_late_or_is_none_is_a_sentence(tmp_path):
    late = np.concatenate([np.zeros(int(44_100 * (MAX_SECONDS + 1))), tone(0.5)])
    with pytest.raises(UserError, match="first 10 seconds"):
        own_sound(write_wav(tmp_path / "late.wav", late), 4096, 256, RMS)
    (tmp_path / "none.wav").write_bytes(b"RIFF????WAVEnothing")
    for name in ("none.wav", "missing.wav"):
        with pytest.raises(UserError):
            own_sound(tmp_path / name, 4096, 256, RMS)
    with (tmp_path / "huge.wav").open("wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(UserError, match="larger"):
        own_sound(tmp_path / "huge.wav", 4096, 256, RMS)


def test_a_tone_keeps_its_pitch_at_another_rate():
    for rate_hz in (8_000, 16_000, 22_050, 48_000):
        made = resampled(tone(0.5, 330, rate_hz, 0.5).astype(np.float32), rate_hz, 16_000)
        assert len(made) == 8000
        assert np.argmax(np.abs(np.fft.rfft(made))) == 165


def test_a_peak_stays_within_full_scale():
    spike = np.zeros(1000, np.float32)
    spike[3] = 0.01
    assert np.abs(matched(spike, RMS)).max() == pytest.approx(0.9)
    assert levels_of(matched(spike, RMS)).max() < 256
