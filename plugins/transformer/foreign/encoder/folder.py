"""Reads a Hugging Face folder of an encoder: whether it is whole and fills gaps, and where arrays go; no torch."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from studio.core.container.json_settings import Settings
from studio.core.container.source import printable
from studio.core.container.weights.folder import WeightFiles, label, read_arrays, read_object
from studio.core.error import UserError
from studio.core.translation import N_

from ...fill_in.model.config import EncoderConfig
from ...fill_in.model.cutter import MaskCutter
from ..hf.folder import CONFIG, check_kinds, is_of_model
from ..weight_plan import Plan, Shape, WeightPlace, check_plan
from .architectures import ENCODERS, EncoderKind, Reader, activation, integer
from .tokenizer import longest_text, read_mask_cutter

PLACES: Final = "positions.weight"
_NORM: Final = re.compile(r"(.*LayerNorm\.)(gamma|beta)")
_NOW: Final = {"gamma": "weight", "beta": "bias"}
# Numbers of places, and heads for other tasks that were learnt along with this one.
_USELESS: Final = re.compile(r".*\.(position_ids|token_type_ids|pooler\..*)|(cls\.seq_relationship|sop_classifier)\..*")
_BERT_FIELDS: Final[Mapping[str, Reader]] = {
    "n_vocab": integer("vocab_size"),
    "n_layers": integer("num_hidden_layers"),
    "n_heads": integer("num_attention_heads"),
    "width": integer("hidden_size"),
    "mlp_width": integer("intermediate_size"),
    "n_segments": integer("type_vocab_size", 2),
    "norm_eps": lambda settings: settings.number("layer_norm_eps", 1e-12),
    "activation": activation("hidden_act"),
    "is_tied": lambda settings: settings.flag("tie_word_embeddings", True),
}
_REFUSED: Final[Mapping[str, tuple[object, ...]]] = {
    "quantization_config": (),
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "position_embedding_type": ("absolute",),
    "pruned_heads": ({},),
}
_OTHERS: Final = (
    (r"TokenClassification", N_("“{name}” is a {title} that marks words in a text. It cannot fill gaps.")),
    (
        r"QuestionAnswering|^qa_outputs\.",
        N_("“{name}” is a {title} that finds answers in a text. It cannot fill gaps."),
    ),
    (
        r"SequenceClassification|MultipleChoice|NextSentence|^classifier\.",
        N_("“{name}” is a {title} that sorts texts into classes. It cannot fill gaps."),
    ),
    (
        r"^discriminator_predictions\.",
        N_("“{name}” is a {title} that tells which words of a text were replaced. It cannot fill gaps."),
    ),
    ("", N_("“{name}” is a {title} that turns texts into rows of numbers (embeddings). It cannot fill gaps.")),
)
"""What a model is, by its class or its arrays, that has no part for missing words."""


@dataclass(frozen=True, kw_only=True)
class EncoderFolder:
    """An encoder of other people that can be opened.

    Attributes:
        title: what people call its architecture.
        config: its sizes, with no more places than its tokenizer was made for.
        first_position: the row of the first place in the file's table of places.
        plan: where each array goes, by its name in the file. warnings: what is odd but does no harm.
    """

    path: Path
    title: str
    config: EncoderConfig
    first_position: int
    weights: WeightFiles
    plan: Plan
    cutter: MaskCutter
    warnings: tuple[str, ...] = ()

    @property
    def n_params(self) -> int:
        """How many numbers our encoder has."""
        return sum(map(math.prod, encoder_shapes(self.config).values()))


def read_encoder_folder(folder: Path) -> EncoderFolder:
    """Read everything but the weights themselves.

    Raises:
        UserError: something is missing, broken, or belongs to a model that fills no gaps; the sentence names it.
    """
    values = read_object(folder / CONFIG)
    kind, settings = ENCODERS[str(values.get("model_type"))], Settings(values)
    config, first = encoder_sizes(settings, kind)
    weights = read_arrays(folder)
    stored = {present_name(one.name): one for one in weights.tensors}
    if not any(name in stored for name in (f"{part}.weight" for part in kind.head)):
        raise _headless(folder, kind, values, stored)
    plan = encoder_plan(kind, config, first, stored)
    shapes = {name: one.shape for name, one in stored.items()}
    copies = {f"{kind.words}.weight", f"{kind.words}.bias", *(f"{part}.bias" for part in kind.head)}
    unused = check_plan(
        plan,
        shapes,
        lambda name: name in copies or _USELESS.fullmatch(name) is not None,
        lambda name: name.startswith(kind.prefix) or is_of_model(name),
        lambda name: label(weights.owners[stored[name].name]),
    )
    found = {stored[name].name: place for name, place in plan.items()}
    check_kinds(found, weights)
    return EncoderFolder(
        path=folder,
        title=kind.title,
        config=replace(config, n_context=longest_text(folder, config.n_context)),
        first_position=first,
        weights=weights,
        plan=found,
        cutter=_fitting_cutter(folder, config),
        warnings=(*weights.warnings, *unused),
    )


def _fitting_cutter(folder: Path, config: EncoderConfig) -> MaskCutter:
    """The tokenizer of a folder; raises UserError where what it puts around a text leaves no room for one."""
    cutter = read_mask_cutter(folder, config.n_vocab)
    if longest_text(folder, config.n_context) <= len(cutter.before) + len(cutter.after):
        raise UserError(N_("The sizes in “config.json” leave no room for a text."))
    return cutter


def present_name(name: str) -> str:
    """An array as it is called today; the first BERTs called weight and bias of a norm gamma and beta."""
    found = _NORM.fullmatch(name)
    return found[1] + _NOW[found[2]] if found else name


def encoder_sizes(settings: Settings, kind: EncoderKind) -> tuple[EncoderConfig, int]:
    """The sizes in a config.json, and the row of the first place in its table.

    Raises:
        UserError: a setting is missing, cannot be, or would make another network.
    """
    for name, harmless in {**_REFUSED, **kind.refused}.items():
        settings.refuse(name, *harmless)
    first = settings.integer("pad_token_id", 1) + 1 if kind.first_position is None else kind.first_position
    readers = {**_BERT_FIELDS, "head_activation": _BERT_FIELDS["activation"], **kind.config}
    fields = {name: read(settings) for name, read in readers.items()}
    try:
        return EncoderConfig(n_context=settings.integer("max_position_embeddings") - first, **fields), first
    except ValueError as error:
        raise UserError(N_("The sizes in “config.json” do not match each other: {why}.").format(why=error)) from error


def encoder_plan(kind: EncoderKind, config: EncoderConfig, first: int, found: Collection[str]) -> Plan:
    """The place of every array by its name; `first` rows of the table of places are left out."""
    names = {kind.prefix + theirs: WeightPlace(ours, ()) for theirs, ours in kind.top.items()}
    names |= {theirs: WeightPlace(ours, ()) for theirs, ours in kind.head.items()}
    for layer in range(config.n_blocks):
        before = kind.prefix + kind.layer.format(layer)
        names |= {before + theirs: _in_layer(layer, ours, config) for theirs, ours in kind.names.items()}
    shapes, plan = encoder_shapes(config), dict[str, WeightPlace]()
    for name, place in names.items():
        for ending in (".weight", ".bias"):
            target = place.target + ending
            if target in shapes:
                rows = config.width if ".qkv." in target else shapes[target][0] + (first if target == PLACES else 0)
                plan[name + ending] = WeightPlace(target, (rows, *shapes[target][1:]), place.first)
    if not config.is_tied:
        plan[f"{kind.words}.weight"] = WeightPlace("words.weight", shapes["words.weight"])
    return _with_bias(plan, kind, config.is_tied, found)


def _with_bias(plan: dict[str, WeightPlace], kind: EncoderKind, is_tied: bool, found: Collection[str]) -> Plan:
    """Take the bias of the head's last matrix where there is no other, or where the matrix is one of its own."""
    own, other = next(name for name, place in plan.items() if place.target == "head.bias"), f"{kind.words}.bias"
    if other in found and (own not in found or not is_tied):
        plan[other] = plan.pop(own)
    return plan


def _in_layer(layer: int, ours: str, config: EncoderConfig) -> WeightPlace:
    parts = ("query", "key", "value")
    if ours not in parts:
        return WeightPlace(f"blocks.{layer}.{ours}", ())
    return WeightPlace(f"blocks.{layer}.attention.qkv", (), parts.index(ours) * config.width)


def encoder_shapes(config: EncoderConfig) -> dict[str, Shape]:
    """The tensors of our encoder with their shapes."""
    begin, width = config.n_begin, config.width
    tables = {"tokens": config.n_vocab, "positions": config.n_context, "segments": config.n_segments}
    tables["words"] = 0 if config.is_tied else config.n_vocab
    shapes: dict[str, Shape] = {f"{name}.weight": (size, begin) for name, size in tables.items() if size}
    linears = {"head.dense": (begin, width)} | ({"widening": (width, begin)} if config.token_width else {})
    norms = {"embedding_norm": begin, "head.norm": begin}
    for layer in range(config.n_blocks):
        block = f"blocks.{layer}."
        linears |= {f"{block}attention.qkv": (3 * width, width), f"{block}attention.out": (width, width)}
        linears |= {f"{block}up": (config.mlp_width, width), f"{block}down": (width, config.mlp_width)}
        norms |= {f"{block}attention_norm": width, f"{block}mlp_norm": width}
    for name, shape in linears.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    for name, size in norms.items():
        shapes |= {f"{name}.weight": (size,), f"{name}.bias": (size,)}
    return shapes | {"head.bias": (config.n_vocab,)}


def _headless(folder: Path, kind: EncoderKind, settings: Mapping[str, Any], found: Mapping[str, Any]) -> UserError:
    """What to say of a model that was made of an encoder for something else."""
    classes = settings.get("architectures")
    names = [*(one for one in classes if isinstance(one, str)), *found] if isinstance(classes, list) else [*found]
    said = next(words for pattern, words in _OTHERS if not pattern or any(re.search(pattern, one) for one in names))
    return UserError(
        said.format(name=printable(folder.resolve().name), title=kind.title),
        N_("Open the model that it was made from: its “config.json” names a class that ends in “ForMaskedLM”."),
    )
