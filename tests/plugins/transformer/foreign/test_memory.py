"""Memory is told before a model is loaded, and what does not fit is refused with figures."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import torch

from plugins.transformer.foreign.model import choose_dtype, forecast, open_foreign
from plugins.transformer.foreign.weight_plan import n_params, target_shapes
from plugins.transformer.importers import HuggingFaceImporter
from plugins.transformer.text.model.config import DecoderConfig
from plugins.transformer.text.model.quantised_layers import Quantisation
from studio.api.engine import ModelSource, size_text
from studio.compute.device import choose_device
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.bare_folder import write_bare

SEVEN_BILLION = DecoderConfig(
    n_vocab=32_000,
    n_context=4096,
    n_layers=32,
    n_heads=32,
    n_kv_heads=32,
    width=4096,
    head_width=128,
    mlp_width=11_008,
    is_tied=False,
)
GIB = 1 << 30


def set_free(monkeypatch: pytest.MonkeyPatch, n_bytes: int) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=n_bytes))


def test_a_model_of_known_size_is_forecast() -> None:
    assert n_params(SEVEN_BILLION) == 6_738_415_616  # what LLaMA 2 7B has
    full, half = forecast(SEVEN_BILLION, torch.float32), forecast(SEVEN_BILLION, torch.bfloat16)
    assert full.weights == 2 * half.weights == 4 * 6_738_415_616
    assert full.cache == 2 * 32 * 4096 * 4096 * 4
    assert full.total > full.weights + full.cache


def test_the_precision_is_the_best_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    device = choose_device("cpu")
    set_free(monkeypatch, 40 * GIB)
    assert choose_dtype(SEVEN_BILLION, device) == torch.float32
    assert choose_dtype(SEVEN_BILLION, device, "bfloat16") == torch.bfloat16
    set_free(monkeypatch, 20 * GIB)
    assert choose_dtype(SEVEN_BILLION, device) == torch.bfloat16
    with pytest.raises(UserError, match=r"about 26\.4 GB: 25\.1 GB for 6,738,415,616 numbers"):
        choose_dtype(SEVEN_BILLION, device, "float32")
    set_free(monkeypatch, 14 * GIB)  # enough for a text of a thousand tokens
    assert choose_dtype(SEVEN_BILLION, device) == torch.bfloat16
    four_bits = {name: Quantisation(4, True) for name in target_shapes(SEVEN_BILLION) if "norm" not in name}
    set_free(monkeypatch, 7 * GIB)
    choose_dtype(SEVEN_BILLION, device, quantised=four_bits)
    set_free(monkeypatch, GIB // 2)
    with pytest.raises(UserError, match=r"12\.6 GB for 6,738,415,616 numbers.*512 MB of memory are free"):
        choose_dtype(SEVEN_BILLION, device)


def test_nothing_is_loaded_that_does_not_fit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = result_of(HuggingFaceImporter().load(write_bare(tmp_path / "model")))
    device = choose_device("cpu")
    assert open_foreign(source, device).dtype == torch.float32
    half = ModelSource(source.id, source.path, {**source.card, "precision": "bfloat16"})
    assert open_foreign(half, device).dtype == torch.bfloat16
    with pytest.raises(UserError, match="float32, bfloat16"):
        open_foreign(ModelSource(source.id, source.path, {**source.card, "precision": "int2"}), device)
    set_free(monkeypatch, 1 << 20)
    with pytest.raises(UserError, match="1 MB of memory are free"):
        open_foreign(source, device)


def test_sizes_are_for_people() -> None:
    assert size_text(512 << 20) == "512 MB"
    assert size_text(25 * GIB // 2) == "12.5 GB"
