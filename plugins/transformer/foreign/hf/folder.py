"""Reads a Hugging Face folder of a decoder: what it is, whether it is whole, where its arrays go; no torch.

Nothing in it is run: its JSON is read within bounds, its weights are safetensors, and programs of its own are ignored.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.core.container.json_settings import Settings
from studio.core.container.json_text import MAX_BYTES, parse_json
from studio.core.container.source import is_file, is_folder, open_regular, printable
from studio.core.container.weights.folder import (
    MAX_CONFIG_BYTES,
    WeightFiles,
    find_weights,
    label,
    read_object,
    read_weights,
)
from studio.core.container.weights.tensor import NumberCheck
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.chat_template import MAX_TEMPLATE, ChatTemplate
from ...text.model.config import DecoderConfig
from ..tokenizer.folder import read_settings, text_of
from ..weight_plan import FoundDecoder, Names, Plan, check_plan, places, target_shapes
from .architectures import ARCHITECTURES, Architecture
from .config import decoder_config, model_type

FILE: Final = "chat_template.jinja"
_TABLE: Final = "chat_template.json"
_ROLES: Final = ("bos_token", "eos_token", "unk_token", "pad_token")
CONFIG: Final = "config.json"
ADAPTER: Final = "adapter_config.json"
GENERATION: Final = "generation_config.json"
READ: Final = ("float64", "float32", "float16", "bfloat16")
# Masks and angles that old versions of the library stored beside the weights.
_USELESS: Final = re.compile(r"(.*\.)?(attn|attention)\.(bias|masked_bias)|(.*\.)?rotary_emb\.inv_freq")
_HEADS: Final = ("lm_head.weight", "embed_out.weight")  # copies, where the head is tied to the table of tokens
_ADAPTERS: Final = ("lora_", "adapter", "base_layer")


def hf_plan(kind: Architecture, names: Names, config: DecoderConfig, found: Collection[str]) -> Plan:
    """The place of every array, by its name in the file; `names` are those of a layer.

    `found` are all in the file: files of the bare model lack the prefix that those of a whole one have.
    """
    is_whole = any(name.startswith(kind.prefix) for name in found)
    base = kind.prefix if is_whole else kind.prefix.partition(".")[2]
    plan = {base + name: place for name, place in places(kind.top, config).items()}
    plan |= places({kind.head: "head"}, config)
    for layer in range(config.n_layers):
        plan |= {f"{base}{kind.block}.{layer}.{name}": one for name, one in places(names, config, layer).items()}
    shapes = target_shapes(config)
    return {name: place for name, place in plan.items() if place.target.replace("*", "0") in shapes}


def is_useless(name: str) -> bool:
    """Whether an array is known to say nothing that config.json does not."""
    return _USELESS.fullmatch(name) is not None or name in _HEADS


def is_of_model(name: str) -> bool:
    """Whether an unknown array would change what the model says: one of a layer, or of an adapter."""
    return re.search(r"(^|\.)(h|layers|blocks)\.\d+\.", name) is not None or any(part in name for part in _ADAPTERS)


def read_chat_template(folder: Path) -> ChatTemplate | None:
    """The template that the folder brings along, None where it has none; raises UserError where it is too large."""
    settings = read_settings(folder)
    source = _source(folder, settings)
    if source is None:
        return None
    names = {role: text for role in _ROLES if (text := text_of(settings.get(role))) is not None}
    return ChatTemplate(source, names)


def _source(folder: Path, settings: dict[str, Any]) -> str | None:
    if is_file(folder / FILE):
        with open_regular(folder / FILE) as file:
            data = file.read(MAX_TEMPLATE + 1)
        if len(data) > MAX_TEMPLATE:
            raise UserError(N_("“{name}” is too large for a template.").format(name=label(folder / FILE)))
        return data.decode("utf-8", "replace")
    value = settings.get("chat_template")
    if value is None and is_file(folder / _TABLE):
        value = read_object(folder / _TABLE).get("chat_template")
    return _first(value)


def _first(value: Any) -> str | None:
    """The template itself, or of several the one that is called "default"."""
    if isinstance(value, list):
        named = [one for one in value if isinstance(one, dict) and isinstance(one.get("template"), str)]
        value = next((one["template"] for one in named if one.get("name") == "default"), None)
    return value if isinstance(value, str) and value else None


@dataclass(frozen=True, kw_only=True)
class HfFolder(FoundDecoder):
    """One of a folder. Attributes: settings: its config.json."""

    settings: Mapping[str, Any]


def folder_of(path: Path) -> Path:
    """The folder that a path stands for: itself, or the one that a file of it lies in."""
    return path if is_folder(path) else path.parent


def is_decoder_folder(path: Path) -> bool:
    """Whether a folder, or the one of a file in it, says that it holds a language model or an adapter of one; quick."""
    folder = folder_of(path)
    if path != folder and path.suffix not in (".json", ".safetensors"):
        return False
    return is_file(folder / ADAPTER) or type_of_folder(folder) != ""


def type_of_folder(folder: Path) -> str:
    """What the config.json in a folder calls the architecture; empty where it does not say or cannot be read; quick."""
    if not is_file(folder / CONFIG):
        return ""
    try:
        with open_regular(folder / CONFIG) as file:
            values = parse_json(file.read(MAX_CONFIG_BYTES + 1), MAX_CONFIG_BYTES)
    except UserError:
        return ""
    return model_type(values) if isinstance(values, dict) else ""


def read_folder(folder: Path) -> HfFolder:
    """Read everything but the weights themselves.

    Raises:
        UserError: something is missing, broken, or belongs to a model that is not opened; the sentence names the file,
            and the key where there is one.
    """
    if not is_file(folder / CONFIG) and is_file(folder / ADAPTER):
        raise _only_adapter(folder)
    settings = read_object(folder / CONFIG)
    config = decoder_config(settings)
    paths = _weight_paths(folder)
    weights = read_weights(paths, shared_check())
    shapes = {one.name: one.shape for one in weights.tensors}
    kind = ARCHITECTURES[model_type(settings)]
    names = kind.names(Settings(settings)) if callable(kind.names) else kind.names
    plan = hf_plan(kind, names, config, shapes)
    unused = check_plan(plan, shapes, is_useless, is_of_model, lambda name: label(weights.owners[name]))
    check_kinds(plan, weights)
    return HfFolder(
        path=folder,
        title=kind.title,
        config=config,
        weights=weights,
        plan=plan,
        warnings=(*weights.warnings, *unused, *_oddities(folder)),
        settings=settings,
    )


def read_optional(folder: Path, name: str, max_bytes: int = MAX_BYTES, max_tokens: int = 2_000_000) -> dict[str, Any]:
    """The table in a JSON file that may be missing: empty then; raises UserError where it is broken."""
    return read_object(folder / name, max_bytes, max_tokens) if is_file(folder / name) else {}


def _weight_paths(folder: Path) -> tuple[Path, ...]:
    try:
        return find_weights(folder, "model")
    except UserError as error:
        if is_file(folder / ADAPTER):
            raise _only_adapter(folder) from error
        raise


def shared_check() -> Callable[[], NumberCheck]:
    """One look for values that are no numbers, whose budget all files share: folders may be large."""
    check = NumberCheck()
    return lambda: check


def check_kinds(
    plan: Plan,
    weights: WeightFiles,
    read: Collection[str] = READ,
    advice: str = N_("Use the model in float32, float16 or bfloat16, or as a GGUF file."),
) -> None:
    """Raise UserError, with some advice, where an array is stored as a kind of number that is not read."""
    wrong = next((one for one in weights.tensors if one.name in plan and one.dtype not in read), None)
    if wrong is not None:
        raise UserError(
            N_("“{name}” in “{file}” is stored as {dtype}, which cannot be read without special software.").format(
                name=wrong.name, file=label(weights.owners[wrong.name]), dtype=wrong.dtype
            ),
            advice,
        )


def _oddities(folder: Path) -> tuple[str, ...]:
    if not is_file(folder / ADAPTER):
        return ()
    return (N_("The adapter in “{name}” is not used: the model is opened without it.").format(name=ADAPTER),)


def _only_adapter(folder: Path) -> UserError:
    base = read_optional(folder, ADAPTER).get("base_model_name_or_path")
    name = printable(base) if isinstance(base, str) and base else N_("another model")
    return UserError(
        N_("“{file}” says that this folder contains only an adapter, for {base}.").format(
            file=label(folder / ADAPTER), base=name
        ),
        N_("Merge the adapter into its model and save both as one, then open that folder."),
    )
