"""Tiny random folders of a Chronos-Bolt, and the T5 of `transformers` put together as its authors say."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from plugins.autoregressive.foreign.chronos_bolt import array_places, bolt_config
from tests.plugins.autoregressive.foreign.xlnet_folder_made import library

QUANTILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
CHRONOS: dict[str, Any] = {
    "context_length": 96,
    "input_patch_size": 8,
    "input_patch_stride": 8,
    "prediction_length": 16,
    "quantiles": QUANTILES,
    "use_reg_token": True,
}
CONFIG: dict[str, Any] = {
    "model_type": "t5",
    "architectures": ["ChronosBoltModelForForecasting"],
    "d_model": 16,
    "d_ff": 24,
    "d_kv": 4,
    "num_heads": 4,
    "num_layers": 2,
    "num_decoder_layers": 3,
    "feed_forward_proj": "relu",
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 20,
    "layer_norm_epsilon": 1e-6,
    "decoder_start_token_id": 0,
    "chronos_config": CHRONOS,
}


def arrays(config: dict[str, Any], seed: int = 1, scale: float = 0.4) -> dict[str, torch.Tensor]:
    """Weights that are large enough for everything to matter, by their names in a file."""
    torch.manual_seed(seed)
    places = array_places(bolt_config(config))
    return {name: scale * torch.randn(shape) for name, (_, shape) in places.items()}


def write_bolt(folder: Path, chronos: dict[str, Any] | None = None, scale: float = 0.4, **changes: Any) -> Path:
    """A whole folder."""
    folder.mkdir(exist_ok=True)
    config = CONFIG | changes | {"chronos_config": CHRONOS | (chronos or {})}
    (folder / "config.json").write_text(json.dumps(config))
    save_file(arrays(config, scale=scale), folder / "model.safetensors")
    return folder


def put(folder: Path, chronos: dict[str, Any] | None = None, **changes: Any) -> None:
    """Change settings of a folder; None takes one out."""
    values = json.loads((folder / "config.json").read_text()) | changes
    values["chronos_config"] = values["chronos_config"] | (chronos or {})
    (folder / "config.json").write_text(json.dumps({name: one for name, one in values.items() if one is not None}))


class Reference:
    """Both stacks of the library's T5, with patches, scaling and quantiles in plain numpy."""

    def __init__(self, folder: Path, weights: dict[str, torch.Tensor]) -> None:
        known = library()
        stack = __import__("transformers.models.t5.modeling_t5", fromlist=["T5Stack"]).T5Stack
        values = json.loads((folder / "config.json").read_text())
        self.chronos, self.weights = values.pop("chronos_config"), weights
        table = weights["shared.weight"]
        self.stacks = {}
        for name, n in (("encoder", values["num_layers"]), ("decoder", values["num_decoder_layers"])):
            own = {"is_decoder": name == "decoder", "num_layers": n, "use_cache": False, "vocab_size": len(table)}
            made = stack(known.T5Config(**(values | own))).eval().requires_grad_(False)
            state = made.state_dict()
            for one in state:
                if f"{name}.{one}" in weights:
                    state[one].copy_(weights[f"{name}.{one}"])
            state["embed_tokens.weight"].copy_(table)
            self.stacks[name] = made

    def _edge(self, name: str, x: torch.Tensor) -> torch.Tensor:
        def linear(part: str, value: torch.Tensor) -> torch.Tensor:
            return value @ self.weights[f"{name}.{part}_layer.weight"].T + self.weights[f"{name}.{part}_layer.bias"]

        return linear("output", self._activated(linear("hidden", x))) + linear("residual", x)

    def _activated(self, x: torch.Tensor) -> torch.Tensor:
        kind = self.stacks["encoder"].config.feed_forward_proj
        return x.relu() if kind == "relu" else torch.nn.functional.gelu(x, approximate="tanh")

    def quantiles(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """(Q, A) of what follows values (N,)."""
        size, step = self.chronos["input_patch_size"], self.chronos["input_patch_stride"]
        values = values[-self.chronos["context_length"] :]
        level, scale = values.mean(), values.std() or 1e-5
        filled = np.concatenate([np.full(-len(values) % size, np.nan), (values - level) / scale])
        parts = [filled[at : at + size] for at in range(0, len(filled) - size + 1, step)]
        rows = [np.concatenate([np.nan_to_num(one), ~np.isnan(one)]) for one in parts]
        x = self._edge("input_patch_embedding", torch.tensor(np.array(rows), dtype=torch.float32))[None]
        if self.chronos["use_reg_token"]:
            x = torch.cat([x, self.weights["shared.weight"][1:][None]], 1)
        read = self.stacks["encoder"](inputs_embeds=x, attention_mask=torch.ones(x.shape[:2])).last_hidden_state
        told = self.stacks["decoder"](input_ids=torch.zeros(1, 1, dtype=torch.long), encoder_hidden_states=read)
        said = self._edge("output_patch_embedding", told.last_hidden_state)
        return said.view(len(self.chronos["quantiles"]), -1).numpy().astype(np.float64) * scale + level
