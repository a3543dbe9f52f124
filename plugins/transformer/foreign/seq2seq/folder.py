"""Reads a Hugging Face folder of an encoder–decoder: what it is, whether it is whole, where its arrays go; no torch.

Nothing in it is run: JSON is read within bounds, weights are safetensors, or torch files read as data.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from studio.core.container.json_settings import Settings
from studio.core.container.source import is_file, printable
from studio.core.container.weights.folder import PICKLED, WeightFiles, label, read_arrays, read_object
from studio.core.error import UserError
from studio.core.translation import N_

from ...translate.model.seq2seq_config import OFFSET, Seq2SeqConfig, SideConfig
from ..hf.config import model_type
from ..hf.folder import CONFIG, READ, check_kinds, folder_of, shared_check
from ..weight_plan import Plan, Shape, WeightPlace, check_plan
from .architectures import SEQ2SEQ, Seq2SeqArchitecture

HEAD: Final = "lm_head.weight"
_BIAS: Final = "final_logits_bias"
_COPIES: Final = ("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
# Sines that are computed anew, and what old versions of the library stored without use.
_USELESS: Final = re.compile(
    r"(model\.)?((en|de)coder\.(version|embed_positions\.weight)|"
    r"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight)"
)
_OTHER_TASKS: Final = ("Classification", "QuestionAnswering", "EncoderModel", "ForCausalLM")


@dataclass(frozen=True, kw_only=True)
class Seq2SeqFolder:
    """An encoder–decoder of other people that can be opened.

    Attributes:
        kind: its row in the table. settings: its config.json. plan: where each array goes.
        copies: arrays that must be the same as the table of tokens, since the network has only one.
        warnings: sentences about what is odd but does no harm.
    """

    path: Path
    kind: Seq2SeqArchitecture
    config: Seq2SeqConfig
    settings: Mapping[str, Any]
    weights: WeightFiles
    plan: Plan
    copies: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


def is_seq2seq_folder(path: Path) -> bool:
    """Whether a folder, or the one of a file in it, says that it holds an encoder–decoder; quick."""
    folder = folder_of(path)
    if path != folder and path.suffix not in (".json", ".safetensors", ".bin", ".spm"):
        return False
    try:
        values = read_object(folder / CONFIG) if is_file(folder / CONFIG) else {}
    except UserError:
        return False
    return model_type(values) in SEQ2SEQ or (model_type(values) != "" and values.get("is_encoder_decoder") is True)


def read_seq2seq_folder(folder: Path) -> Seq2SeqFolder:
    """Read everything but the weights themselves.

    Raises:
        UserError: something is missing, broken, or belongs to a model that is not opened; the sentence names the file.
    """
    values = read_object(folder / CONFIG)
    kind, config = _kind_of(values), seq2seq_config(values)
    weights = read_arrays(folder, shared_check())
    shapes = {one.name: one.shape for one in weights.tensors}
    plan, config = seq2seq_plan(kind, config, shapes, _may_have_head(values))
    useless = {*(kind.prefix + name for name in _COPIES), *_COPIES, HEAD}
    unused = check_plan(
        plan,
        shapes,
        lambda name: name in useless or _USELESS.fullmatch(name) is not None,
        lambda name: re.search(r"(^|\.)(layers|block)\.\d+\.", name) is not None or "adapter" in name,
        lambda name: label(weights.owners[name]),
    )
    read = READ[:3] if weights.paths[0].name == PICKLED else READ
    check_kinds(plan, weights, read, N_("Save the model again in float32, as safetensors."))
    return Seq2SeqFolder(
        path=folder,
        kind=kind,
        config=config,
        settings=values,
        weights=weights,
        plan=plan,
        copies=frozenset(shapes) & useless - frozenset(plan) - {HEAD},
        warnings=(*weights.warnings, *unused),
    )


def seq2seq_config(values: Mapping[str, Any]) -> Seq2SeqConfig:
    """What the network is built of; raises UserError where a setting is missing, cannot be or makes another model."""
    kind, settings = _kind_of(values), Settings(values)
    for name, harmless in {"quantization_config": (), "is_encoder_decoder": (True,), **(kind.refused or {})}.items():
        settings.refuse(name, *harmless)
    for name in settings.texts("architectures"):
        if any(part in name for part in _OTHER_TASKS):
            raise UserError(
                N_("The model in this folder (“{name}”) does not write text, so there is nothing to show.").format(
                    name=printable(name)
                ),
                N_("Open a folder of a model that translates, summarises or answers."),
            )
    try:
        return kind.read(settings)
    except (ValueError, ZeroDivisionError) as error:
        raise UserError(N_("The sizes in “config.json” do not match each other: {why}.").format(why=error)) from error


def _kind_of(values: Mapping[str, Any]) -> Seq2SeqArchitecture:
    name = model_type(values)
    if name in SEQ2SEQ:
        return SEQ2SEQ[name]
    titles = ", ".join(kind.title for kind in SEQ2SEQ.values())
    raise UserError(
        N_("Models of the type “{name}” cannot be opened.").format(name=printable(name) or N_("unknown")),
        N_("Of models that turn one text into another, these can: {titles}.").format(titles=titles),
    )


def _may_have_head(values: Mapping[str, Any]) -> bool:
    """Whether a head in the file is another one than the table of tokens: newer T5s have their own."""
    settings = Settings(values)
    is_newer = model_type(values) == "t5" and settings.flag("scale_decoder_outputs", True) is False
    return model_type(values) == "mt5" or is_newer or not settings.flag("tie_word_embeddings", True)


def seq2seq_plan(
    kind: Seq2SeqArchitecture, config: Seq2SeqConfig, found: Mapping[str, Shape], may_have_head: bool
) -> tuple[Plan, Seq2SeqConfig]:
    """The place of every array by its name in the file, and the configuration with what else the file has."""
    has_head = may_have_head and HEAD in found
    config = replace(config, is_tied=not has_head, has_logit_bias=_BIAS in found)
    base = kind.prefix if any(name.startswith(kind.prefix) for name in found) else ""
    shapes = target_shapes(config)
    table = next((name for name in (*(base + one for one in _COPIES), HEAD) if name in found), base + _COPIES[0])
    plan = {table: WeightPlace("tokens.weight", shapes["tokens.weight"])}
    if has_head:
        plan[HEAD] = WeightPlace("head.weight", shapes["head.weight"])
    if config.has_logit_bias:
        plan[_BIAS] = WeightPlace("logit_bias", (1, config.n_vocab))
    for file, ours in _names(kind, config):
        for ending in (".weight", ".bias"):
            if ours + ending in shapes:
                plan[base + file + ending] = WeightPlace(ours + ending, shapes[ours + ending])
    return plan, config


def _names(kind: Seq2SeqArchitecture, config: Seq2SeqConfig) -> Iterator[tuple[str, str]]:
    """What files call the parts of both sides, and what we do."""
    left_out = ".wi" if config.is_gated else ".wi_1"
    for side, sizes, names in (("encoder", config.encoder, kind.encoder), ("decoder", config.decoder, kind.decoder)):
        yield from ((f"{side}.{file}", f"{side}.{ours}") for file, ours in kind.sides.items())
        for layer in range(sizes.n_layers):
            for file, ours in names.items():
                if not file.endswith(left_out):
                    yield f"{side}.{kind.layer}.{layer}.{file}", f"{side}.layers.{layer}.{ours}"


def target_shapes(config: Seq2SeqConfig) -> dict[str, Shape]:
    """The tensors of our network with their shapes."""
    shapes: dict[str, Shape] = {"tokens.weight": (config.n_vocab, config.width)}
    if not config.is_tied:
        shapes["head.weight"] = (config.n_vocab, config.width)
    if config.has_logit_bias:
        shapes["logit_bias"] = (config.n_vocab,)
    for name, side in (("encoder", config.encoder), ("decoder", config.decoder)):
        if config.positions == "learnt":
            shapes[f"{name}.positions.weight"] = (config.n_context + OFFSET, config.width)
        if config.positions == "distances":
            shapes[f"{name}.distances.weight"] = (config.n_buckets, side.n_heads)
        for is_there, norm in ((config.has_embedding_norm, "embedding_norm"), (config.has_final_norm, "norm")):
            shapes |= _norm_shapes(config, f"{name}.{norm}") if is_there else {}
        for layer in range(side.n_layers):
            shapes |= _layer_shapes(config, side, f"{name}.layers.{layer}", name == "decoder")
    return shapes


def _layer_shapes(config: Seq2SeqConfig, side: SideConfig, where: str, is_decoder: bool) -> dict[str, Shape]:
    inner, width, mlp = config.inner(side), config.width, side.mlp_width
    sizes: dict[str, Shape] = {"mlp.up": (mlp, width), "mlp.down": (width, mlp)}
    if config.is_gated:
        sizes["mlp.gate"] = (mlp, width)
    for part in ("attention", "cross") if is_decoder else ("attention",):
        sizes |= {f"{part}.{name}": (inner, width) for name in ("query", "key", "value")} | {
            f"{part}.out": (width, inner)
        }
    shapes = {f"{where}.{name}.weight": shape for name, shape in sizes.items()}
    if config.has_biases:
        shapes |= {f"{where}.{name}.bias": shape[:1] for name, shape in sizes.items()}
    for name in ("attention_norm", "mlp_norm", *(("cross_norm",) if is_decoder else ())):
        shapes |= _norm_shapes(config, f"{where}.{name}")
    return shapes


def _norm_shapes(config: Seq2SeqConfig, name: str) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {f"{name}.weight": (config.width,)}
    return shapes if config.is_rms else shapes | {f"{name}.bias": (config.width,)}
