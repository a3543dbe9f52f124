"""Sounds as another program writes them, broken and hostile ones, and what is read of long ones."""

import contextlib
import io
import random
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.container.signature import sniff_format
from studio.core.error import UserError
from studio.core.sound import file as sound_file
from studio.core.sound.file import is_sound, read_sound

RATE_HZ = 16_000
NOISE = np.random.default_rng(1).normal(0, 0.1, RATE_HZ).astype(np.float32)
SOUND = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)
KINDS = (("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"))
N_MUTATED = 200


def coded(kind: str, subtype: str, samples: np.ndarray = SOUND) -> bytes:
    """A file's bytes."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, RATE_HZ, format=kind, subtype=subtype)
    return buffer.getvalue()


def test_flac_is_read_to_the_bit_of_its_numbers(tmp_path):
    for subtype, bits in (("PCM_16", 15), ("PCM_24", 23)):
        path = tmp_path / "a.flac"
        path.write_bytes(coded("FLAC", subtype))
        samples, rate_hz = read_sound(path)
        assert rate_hz == RATE_HZ
        assert samples.dtype == np.float32
        assert samples == pytest.approx(SOUND, abs=0.51 / 2**bits + 1e-7)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_ogg_keeps_length_pitch_and_loudness(tmp_path, subtype):
    path = tmp_path / "a.ogg"
    path.write_bytes(coded("OGG", subtype))
    samples, rate_hz = read_sound(path)
    assert rate_hz == RATE_HZ
    assert len(samples) == pytest.approx(RATE_HZ, abs=400)
    middle = samples[4000:12_000]
    assert np.argmax(np.abs(np.fft.rfft(middle))) == 220
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


def test_channels_are_mixed(tmp_path):
    path = tmp_path / "a.flac"
    path.write_bytes(coded("FLAC", "PCM_16", np.stack([SOUND, -SOUND, SOUND], 1)))
    assert read_sound(path)[0] == pytest.approx(SOUND / 3, abs=1e-4)


@pytest.mark.parametrize(("kind", "subtype"), KINDS)
def test_only_the_beginning_is_read(tmp_path, monkeypatch, kind, subtype):
    """A minute stands for ten hours: of what is written, a small part is read."""
    path = tmp_path / "long"
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, subtype, format=kind) as file:
        for _ in range(60):
            file.write(NOISE)
    n_read = []

    class Counted(sound_file._Source):
        def readinto(self, buffer):
            n_read.append(super().readinto(buffer))
            return n_read[-1]

    monkeypatch.setattr(sound_file, "_Source", Counted)
    samples, _ = read_sound(path, max_seconds=0.5)
    assert len(samples) == RATE_HZ // 2
    assert sum(n_read) < path.stat().st_size / 2


def test_a_length_that_is_unknown_or_lies_is_that_of_the_sound(tmp_path):
    path, data = tmp_path / "a.flac", bytearray(coded("FLAC", "PCM_16"))
    for high, low in ((0x00, b"\0\0\0\0"), (0x0F, b"\xff\xff\xff\xff")):  # 36 bits of the number of samples
        data[21], data[22:26] = data[21] & 0xF0 | high, low
        path.write_bytes(data)
        assert len(read_sound(path)[0]) == RATE_HZ


def test_the_first_bytes_tell_and_not_the_name(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(coded("FLAC", "PCM_16"))
    assert len(read_sound(path)[0]) == RATE_HZ
    soundfile.write(path, SOUND, RATE_HZ)
    assert read_sound(path)[0] == pytest.approx(SOUND, abs=4e-5)
    assert [is_sound(Path(name)) for name in ("a.WAV", "b.Flac", "c.opus", "d.mp3", "ogg")] == [True] * 4 + [False]


def test_a_video_in_an_ogg_file_is_no_sound(tmp_path):
    data = coded("OGG", "VORBIS")
    assert sniff_format(data[:512]) == "ogg"
    assert sniff_format(data[:28] + b"\x80theora" + data[35:512]) == "unknown"


def test_a_file_that_is_too_large_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(sound_file, "MAX_FILE_BYTES", 1 << 30)
    path = tmp_path / "a.flac"
    path.write_bytes(coded("FLAC", "PCM_16"))
    with path.open("r+b") as file:
        file.truncate((1 << 30) + 1)
    with pytest.raises(UserError, match="larger than 1 GB"):
        read_sound(path)


def test_more_channels_than_a_sound_has_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(sound_file, "MAX_CHANNELS", 1)
    path = tmp_path / "a.flac"
    path.write_bytes(coded("FLAC", "PCM_16", np.stack([SOUND, SOUND], 1)))
    with pytest.raises(UserError, match="form"):
        read_sound(path)


def test_a_rate_that_no_sound_has_is_a_sentence(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, SOUND, 100, format="FLAC", subtype="PCM_16")
    with pytest.raises(UserError, match="only 100 samples a second"):
        read_sound(path)


OGG_STARTS = (b"OggS" + bytes(24) + word for word in (b"\x01vorbis", b"OpusHead"))


@pytest.mark.parametrize("data", [b"fLaC", *OGG_STARTS, b"ID3"])
def test_what_is_no_sound_is_a_sentence(tmp_path, data):
    path = tmp_path / "a.ogg"
    path.write_bytes(data)
    with pytest.raises(UserError):
        read_sound(path)


@pytest.mark.parametrize(("kind", "subtype"), KINDS)
def test_damaged_sounds_are_read_or_a_sentence(tmp_path, kind, subtype):
    chance, whole, path = random.Random(kind + subtype), coded(kind, subtype), tmp_path / "a"
    said = set()
    for _ in range(N_MUTATED // len(KINDS)):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(min(len(data), chance.choice((60, 400, len(data)))))
            match chance.randrange(4):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(1, 200)]
                case 2:
                    data[at:at] = chance.randbytes(chance.randrange(40))
                case _:
                    data[at : at + 4] = b"\xff" * 4
        path.write_bytes(data)
        try:
            samples, rate_hz = read_sound(path, 2.0)
        except UserError as error:
            said.add(error.title)
            continue
        assert np.isfinite(samples).all()
        assert 0 < len(samples) <= 2 * rate_hz
    assert "This sound file is damaged." in said


TONE = (0.8 * np.sin(np.arange(4000) / 9)).astype(np.float32)


@pytest.mark.parametrize(
    ("subtype", "error"),
    [("PCM_U8", 9e-3), ("PCM_16", 4e-5), ("PCM_24", 2e-7), ("PCM_32", 1e-7), ("FLOAT", 0), ("DOUBLE", 1e-7)],
)
@pytest.mark.parametrize("form", ["WAV", "WAVEX"])
def test_all_usual_forms_are_read(tmp_path, subtype, error, form):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([TONE, TONE], 1), 22_050, subtype=subtype, format=form)
    samples, rate_hz = read_sound(path)
    assert rate_hz == 22_050
    assert samples.dtype == np.float32
    assert samples == pytest.approx(TONE, abs=error + 1e-7)


def test_channels_of_a_wav_file_are_mixed(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([TONE, -TONE], 1), 8000, subtype="FLOAT")
    assert not read_sound(path)[0].any()


def test_only_the_beginning_of_a_wav_file_is_read(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, TONE, 1000)
    assert len(read_sound(path, max_seconds=0.5)[0]) == 500


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WAVEfmt \x02\0\0\0ab"]
)
def test_what_is_no_wav_file_is_said(tmp_path, data):
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(UserError):
        read_sound(path)


@pytest.mark.parametrize("subtype", ["ULAW", "ALAW"])
def test_what_telephones_write_is_read_too(tmp_path, subtype):
    path = tmp_path / "a.wav"
    soundfile.write(path, TONE, 8000, subtype=subtype)
    assert read_sound(path)[0][: len(TONE)] == pytest.approx(TONE, abs=0.1)


def test_a_length_that_lies_is_cut(tmp_path):
    path = tmp_path / "a.wav"
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    head = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<I", 16) + form
    path.write_bytes(head + b"data" + struct.pack("<I", 2**32 - 1) + bytes(100))
    assert len(read_sound(path)[0]) == 50


def wav_of(path, data, n_claimed=None, n_file=None, rate_hz=8000, behind=b""):
    """A file of 16 bits whose lengths may be any."""
    form = struct.pack("<HHIIHH", 1, 1, rate_hz, 2 * rate_hz, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data"
    body += struct.pack("<I", len(data) if n_claimed is None else n_claimed) + data + behind
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) if n_file is None else n_file) + body)
    return path


@pytest.mark.parametrize(("n_claimed", "n_file"), [(0, 0), (0, 36), (0, 2**32 - 1), (2**32 - 1, 0), (2**32 - 1,) * 2])
def test_a_length_that_was_not_known_yet_is_that_of_the_file(tmp_path, n_claimed, n_file):
    assert len(read_sound(wav_of(tmp_path / "a.wav", bytes(100), n_claimed, n_file))[0]) == 50


@pytest.mark.parametrize("behind", [b"", b"LIST" + struct.pack("<I", 4) + b"INFO"])
def test_a_file_without_a_sample_holds_no_sound(tmp_path, behind):
    with pytest.raises(UserError, match="contains no sound"):
        read_sound(wav_of(tmp_path / "a.wav", b"", behind=behind))


@pytest.mark.parametrize("rate_hz", [1, 999])
def test_a_rate_that_no_wav_file_has_is_a_sentence(tmp_path, rate_hz):
    with pytest.raises(UserError, match=f"only {rate_hz} samples a second"):
        read_sound(wav_of(tmp_path / "a.wav", bytes(100), rate_hz=rate_hz))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_in_one_channel_is_silence_there(tmp_path, wrong):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([TONE, np.full_like(TONE, wrong)], 1), 8000, subtype="FLOAT")
    assert read_sound(path)[0] == pytest.approx(TONE / 2, abs=1e-6)
    soundfile.write(path, np.full_like(TONE, wrong), 8000, subtype="FLOAT")
    with pytest.raises(UserError, match="not numbers"):
        read_sound(path)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120))
def test_anything_else_is_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + data)
    with contextlib.suppress(UserError):
        read_sound(path)
