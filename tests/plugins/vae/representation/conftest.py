"""Discs whose places are known, as an engine and as a folder of files of many sorts."""

import numpy as np
import pytest
import torch
from PIL import Image as Pictures

from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.ink import paper
from tests.plugins.vae.model_made import DEVICE, HandDigits, digit_source, make_handle, use_by_hand

RADII = np.linspace(-3, 3, 12, dtype=np.float32)


class ReadDigits(HandDigits):
    """The same discs, read back by how much ink there is and where its middle lies."""

    def encode(self, x):
        ink = x.sum((1, 2))
        middle = (x.sum(1) * (torch.arange(28) + 0.5)).sum(1) / ink.clamp(min=1e-6)
        z = torch.stack([torch.sqrt(ink / torch.pi) - 8, middle - 14.5], 1)
        return z, torch.zeros_like(z)


@pytest.fixture
def source(tmp_path):
    """A model whose weights are a file of its own."""
    weights = tmp_path / "weights"
    weights.write_bytes(b"discs")
    return type(digit_source())("vae/dots", weights, digit_source().card)


@pytest.fixture
def reader(monkeypatch, source):
    """An engine that reads discs."""
    use_by_hand(monkeypatch, ReadDigits())
    return VaeEngine.open(source, DEVICE)


@pytest.fixture
def reader_panel(monkeypatch, make_panel, source):
    """A panel with it, whose work is done at once."""
    use_by_hand(monkeypatch, ReadDigits())
    return make_panel(make_handle(source))


@pytest.fixture
def discs(tmp_path, reader):
    """Twelve discs in two folders, small and large: enlarged, CMYK, 16 bits, with alpha; and what is no picture."""
    folder = tmp_path / "Bilder ä"
    for name in ("small", "large"):
        (folder / name).mkdir(parents=True)
    drawn = paper(reader.decode(np.stack([RADII, np.zeros_like(RADII)], 1)))
    for number, one in enumerate(drawn):
        picture = Pictures.fromarray(one)
        place = folder / ("small" if RADII[number] < 0 else "large") / f"disc {number:02}"
        if number % 4 == 0:
            picture.resize((112, 112), Pictures.Resampling.BICUBIC).save(f"{place}.png")
        elif number % 4 == 1:
            picture.convert("CMYK").save(f"{place}.tif")
        elif number % 4 == 2:
            Pictures.fromarray(one.astype(np.uint16) * 257).save(f"{place}.png")
        else:
            clear = np.dstack([np.zeros((28, 28, 3), np.uint8), 255 - one])
            Pictures.fromarray(clear).save(f"{place}.png")
    (folder / "broken.png").write_bytes((folder / "small" / "disc 00.png").read_bytes()[:60])
    (folder / "huge.png").write_bytes(huge_png())
    (folder / "empty.png").write_bytes(b"")
    Pictures.new("RGB", (30, 30), "white").save(folder / "blank.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def huge_png():
    """The head of a picture of 60,000 pixels a side."""
    import io
    import struct
    import zlib

    buffer = io.BytesIO()
    Pictures.new("1", (8, 8)).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)
