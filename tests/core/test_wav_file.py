"""WAV files as another program writes them, and broken ones."""

import contextlib
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.container.wav_file import read_wav
from studio.core.error import UserError

SOUND = (0.8 * np.sin(np.arange(4000) / 9)).astype(np.float32)


@pytest.mark.parametrize(
    ("subtype", "error"),
    [("PCM_U8", 9e-3), ("PCM_16", 4e-5), ("PCM_24", 2e-7), ("PCM_32", 1e-7), ("FLOAT", 0), ("DOUBLE", 1e-7)],
)
@pytest.mark.parametrize("form", ["WAV", "WAVEX"])
def test_all_usual_forms_are_read(tmp_path, subtype, error, form):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([SOUND, SOUND], 1), 22_050, subtype=subtype, format=form)
    samples, rate_hz = read_wav(path)
    assert rate_hz == 22_050
    assert samples.dtype == np.float32
    assert samples == pytest.approx(SOUND, abs=error + 1e-7)


def test_channels_are_mixed(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([SOUND, -SOUND], 1), 8000, subtype="FLOAT")
    assert not read_wav(path)[0].any()


def test_only_the_beginning_is_read(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, SOUND, 1000)
    assert len(read_wav(path, max_seconds=0.5)[0]) == 500


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WAVEfmt \x02\0\0\0ab"]
)
def test_what_is_no_sound_is_said(tmp_path, data):
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(UserError):
        read_wav(path)


def test_another_kind_of_numbers_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, SOUND, 8000, subtype="ULAW")
    with pytest.raises(UserError, match="form"):
        read_wav(path)


def test_a_length_that_lies_is_cut(tmp_path):
    path = tmp_path / "a.wav"
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    head = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<I", 16) + form
    path.write_bytes(head + b"data" + struct.pack("<I", 2**32 - 1) + bytes(100))
    assert len(read_wav(path)[0]) == 50


def wav_of(path, data, n_claimed=None, n_file=None, rate_hz=8000, behind=b""):
    """A file of 16 bits whose lengths may be any."""
    form = struct.pack("<HHIIHH", 1, 1, rate_hz, 2 * rate_hz, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data"
    body += struct.pack("<I", len(data) if n_claimed is None else n_claimed) + data + behind
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) if n_file is None else n_file) + body)
    return path


@pytest.mark.parametrize(("n_claimed", "n_file"), [(0, 0), (0, 36), (0, 2**32 - 1), (2**32 - 1, 0), (2**32 - 1,) * 2])
def test_a_length_that_was_not_known_yet_is_that_of_the_file(tmp_path, n_claimed, n_file):
    assert len(read_wav(wav_of(tmp_path / "a.wav", bytes(100), n_claimed, n_file))[0]) == 50


@pytest.mark.parametrize("behind", [b"", b"LIST" + struct.pack("<I", 4) + b"INFO"])
def test_a_file_without_a_sample_holds_no_sound(tmp_path, behind):
    with pytest.raises(UserError, match="holds no sound"):
        read_wav(wav_of(tmp_path / "a.wav", b"", behind=behind))


@pytest.mark.parametrize("rate_hz", [0, 1, 999])
def test_a_rate_that_no_sound_has_is_a_sentence(tmp_path, rate_hz):
    with pytest.raises(UserError, match=f"only {rate_hz} samples a second"):
        read_wav(wav_of(tmp_path / "a.wav", bytes(100), rate_hz=rate_hz))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_in_one_channel_is_silence_there(tmp_path, wrong):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([SOUND, np.full_like(SOUND, wrong)], 1), 8000, subtype="FLOAT")
    assert read_wav(path)[0] == pytest.approx(SOUND / 2, abs=1e-6)
    soundfile.write(path, np.full_like(SOUND, wrong), 8000, subtype="FLOAT")
    with pytest.raises(UserError, match="no numbers"):
        read_wav(path)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120))
def test_anything_else_is_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + data)
    with contextlib.suppress(UserError):
        read_wav(path)
