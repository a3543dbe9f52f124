"""Writes a tiny adapter of the folder that `bare_folder` writes, without any library."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from plugins.transformer.foreign.hf.folder import ADAPTER
from plugins.transformer.text.model.low_rank import Adapter, LowRankPart
from tests.plugins.transformer.foreign.bare_folder import put

WEIGHTS = "adapter_model.safetensors"
SETTINGS: dict[str, Any] = {
    "peft_type": "LORA",
    "r": 2,
    "lora_alpha": 3,
    "base_model_name_or_path": "someone/base",
}
Q, DOWN = ("base_model.model.model.layers.1." + name for name in ("self_attn.q_proj", "mlp.down_proj"))


def arrays() -> dict[str, np.ndarray[Any, Any]]:
    random = np.random.default_rng(2)
    shapes = {f"{Q}.lora_A": (2, 8), f"{Q}.lora_B": (8, 2), f"{DOWN}.lora_A": (2, 12), f"{DOWN}.lora_B": (8, 2)}
    return {f"{name}.weight": random.normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}


def write_adapter(folder: Path) -> Path:
    """A folder that opens where the base lies next to it, called "base"."""
    folder.mkdir()
    put(folder, ADAPTER, SETTINGS)
    save_file(arrays(), folder / WEIGHTS)
    return folder


def parts_of(adapter: Adapter) -> list[LowRankPart]:
    """All of its parts."""
    return [part for parts in adapter.by_target().values() for part in parts]
