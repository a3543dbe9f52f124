"""Folders of encoders say what the library that wrote them says: logits, attention, and how well each word fits."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.transformer.encoder_importer import EncoderImporter
from plugins.transformer.fill_in.engine import FillInEngine
from plugins.transformer.fill_in.model.encoder import Encoder
from plugins.transformer.foreign.encoder.folder import EncoderFolder, read_encoder_folder
from plugins.transformer.foreign.encoder.loading import load_encoder_folder
from plugins.transformer.text.model.probe import Probe
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.encoder.made_encoder import ENCODERS, made_encoder, made_folder

CLOSE = 2e-5


def opened(folder: Path) -> tuple[EncoderFolder, Encoder]:
    found = read_encoder_folder(folder)
    return found, load_encoder_folder(found)


def agree(ours: Encoder, theirs: Any, tokens: torch.Tensor) -> None:
    with torch.inference_mode():
        wanted = theirs(tokens, output_attentions=True)
        logits, probe = ours(tokens), Probe()
        ours(tokens, probe)
    scale = float(wanted.logits.abs().max())
    assert scale > 0.5
    assert float((logits - wanted.logits).abs().max()) < CLOSE * scale
    assert torch.allclose(probe.all_attention(), torch.stack(wanted.attentions, 1), atol=1e-5)


@pytest.mark.parametrize("name", ENCODERS)
def test_logits_and_attention_are_those_of_the_library(tmp_path: Path, name: str) -> None:
    theirs = made_folder(tmp_path, name)
    _, ours = opened(tmp_path)
    agree(ours, theirs, torch.randint(6, 50, (2, 30), generator=torch.manual_seed(1)))
