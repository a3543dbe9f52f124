"""Reads and writes adapter_config.json: what an adapter is, and in a sentence what of it is not opened; no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from studio.core.container.json_settings import Settings
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

WEIGHTS: Final = "adapter_model.safetensors"
MAX_RANK: Final = 1024
MAX_NAME: Final = 1000
_REFUSED: Final[Mapping[str, tuple[object, ...]]] = {
    "use_dora": (False,),
    "modules_to_save": ([],),
    "rank_pattern": ({},),
    "alpha_pattern": ({},),
    "bias": ("none",),
    "lora_bias": (False,),
    "layer_replication": ([],),
    "target_parameters": ([],),
    "trainable_token_indices": ([], {}),
    "use_qalora": (False,),
}


@dataclass(frozen=True)
class AdapterSettings:
    """Attributes:
    base: what the file calls the model that the adapter belongs to.
    rank, alpha, is_root: how strongly it counts, as `low_rank.AdapterStrength`.
    """

    base: str
    rank: int
    alpha: float
    is_root: bool


def read_settings(values: Mapping[str, Any], where: str) -> AdapterSettings:
    """Raises UserError where it is no LoRA, is of a kind that is not opened, or has sizes that cannot be."""
    settings = Settings(values, where)
    kind = settings.text("peft_type", "")
    if kind != "LORA":
        raise UserError(
            N_("This adapter is of the type “{name}”, which cannot be opened.").format(name=printable(kind) or "?"),
            N_("Only LoRA adapters can be opened."),
        )
    for name, harmless in _REFUSED.items():
        settings.refuse(name, *harmless)
    rank, alpha = settings.integer("r"), settings.number("lora_alpha", 8)
    if not 0 < rank <= MAX_RANK:
        raise settings.wrong("r")
    base = printable(settings.text("base_model_name_or_path", ""))[:MAX_NAME]
    return AdapterSettings(base, rank, alpha, settings.flag("use_rslora", False))


def written_settings(one: AdapterSettings, paths: Sequence[str], is_turned: bool) -> dict[str, Any]:
    """The table of an adapter_config.json that PEFT reads.

    Args:
        paths: of the modules that it changes. is_turned: whether the base stores them with inputs first (GPT-2).
    """
    return {
        "base_model_name_or_path": one.base,
        "bias": "none",
        "fan_in_fan_out": is_turned,
        "inference_mode": True,
        "lora_alpha": one.alpha,
        "lora_dropout": 0.0,
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": one.rank,
        "target_modules": sorted({path.partition(".")[2] and _ending(path) for path in paths}),
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": one.is_root,
    }


def _ending(path: str) -> str:
    """What of a path is the same in all layers: "self_attn.q_proj"."""
    parts = path.split(".")
    number = max(place for place, part in enumerate(parts) if part.isdigit())
    return ".".join(parts[number + 1 :])
