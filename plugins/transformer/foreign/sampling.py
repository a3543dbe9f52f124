"""How a foreign model wants its words drawn: as its files say, else as its makers published, else with care; no torch.

The names are those of `TransformerParams`, so that a card holds them as its defaults.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from studio.core.error import UserError
from studio.core.param import check_value, param_specs

from ..text.params import TransformerParams

CAREFUL: Final = {"temperature": 0.7, "min_p": 0.05}
"""Where nothing is known: sense before variety (min-p, arXiv 2407.01082)."""
PUBLISHED: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (r"smollm-?2", {"is_greedy": True, "frequency": 0.6}),  # not its makers' 0.2: in four bits that wanders into French
    (r"smollm-?3", {"temperature": 0.6, "top_p": 0.95}),
    (r"qwen-?2\.?5", {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition": 1.05}),
    (r"qwen-?3", {"temperature": 0.6, "top_p": 0.95, "top_k": 20}),
    (r"llama-?3", {"temperature": 0.6, "top_p": 0.9}),
    (r"tinyllama", {"temperature": 0.7, "top_p": 0.95, "top_k": 50}),
    (r"gemma-?3", {"temperature": 1.0, "top_p": 0.95, "top_k": 64}),
    (r"deepseek-?r1", {"temperature": 0.6, "top_p": 0.95}),
)
"""By what a model's name contains: the settings of its makers' own release, for the versions that learnt to talk."""
ANSWER_TOKENS: Final = 160
_NAMES: Final = {
    "temperature": "temperature",
    "temp": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "typical_p": "typical",
    "repetition_penalty": "repetition",
    "penalty_repeat": "repetition",
}
_GGUF: Final = "general.sampling."
_LIBRARY: Final = {"temperature": 1.0, "top_k": 50, "top_p": 1.0}


def folder_sampling(generation: Mapping[str, Any], name: str, has_chat: bool) -> dict[str, Any]:
    """The defaults of a folder by its generation_config.json, where what is missing is the `transformers` library's."""
    told = _known(generation)
    if generation.get("do_sample") is True:
        told = {**_LIBRARY, **told}
    return _sampling(told, name, has_chat)


def gguf_sampling(settings: Mapping[str, Any], name: str, has_chat: bool) -> dict[str, Any]:
    """The defaults of a GGUF file by its settings "general.sampling.…"."""
    told = {key.removeprefix(_GGUF): value for key, value in settings.items() if key.startswith(_GGUF)}
    return _sampling(_known(told), f"{name} {settings.get('general.name', '')}", has_chat)


def _sampling(told: Mapping[str, Any], name: str, has_chat: bool) -> dict[str, Any]:
    plain = re.sub(r"[\s_]+", "-", name.casefold())
    published = [settings for pattern, settings in PUBLISHED if has_chat and re.search(pattern, plain)]
    length = {"length": ANSWER_TOKENS} if has_chat else {}
    return {**(told or next(iter(published), CAREFUL)), **length}


def _known(told: Mapping[str, Any]) -> dict[str, Any]:
    """What we have a setting for, where the value is one that it can have."""
    specs, found = param_specs(TransformerParams), {}
    for name, value in told.items():
        if name in _NAMES and type(value) in (int, float):
            try:
                found[_NAMES[name]] = check_value(specs[_NAMES[name]], value)
            except UserError:  # such as a temperature of 0, which stands for the likeliest token
                found |= {"is_greedy": True} if _NAMES[name] == "temperature" and value == 0 else {}
    return found
