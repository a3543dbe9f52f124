"""Every reader of what comes from outside, as a function of a path: it returns, or raises UserError with a sentence."""

import json
import os
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch

from plugins.autoregressive.foreign.midi.reader import read_midi
from plugins.autoregressive.foreign.xlnet_tokenizer import read_cutter
from plugins.diffusion.foreign.diffusers.checkpoint import read_checkpoint as read_whole_pipeline
from plugins.diffusion.foreign.diffusers.folder import read_pipeline
from plugins.diffusion.foreign.lora.file import read_lora
from plugins.diffusion.pictures.training.pictures_recipe import TABLE, folder_captions
from plugins.gan.foreign.stylegan.reader import read_stylegan
from plugins.nerf.field.model.weights import load_field
from plugins.nerf.foreign.colmap import read_colmap
from plugins.nerf.foreign.llff import read_llff
from plugins.nerf.foreign.nerf_pytorch.checkpoint import read_checkpoint, unread_keys
from plugins.nerf.foreign.ngp.snapshot import read_ngp
from plugins.nerf.foreign.splats.reader import read_splats
from plugins.nerf.foreign.transforms import read_transforms
from plugins.transformer.describe.model.weights import load_captioner
from plugins.transformer.foreign.hf.folder import read_chat_template
from plugins.transformer.foreign.tokenizer.folder import read_tokenizer
from plugins.transformer.text.interpret.sparse_features import load_features
from plugins.transformer.text.model.config import DecoderConfig
from plugins.transformer.translate.model.weights import load_translator
from plugins.vae.shared.compress.latent_code import read as read_symbols
from plugins.vae.shared.compress.packed_file import read_file as read_packed
from plugins.vae.tables.table_bytes import table_bytes, table_in
from studio.compute.checkpoint import load_checkpoint
from studio.compute.device import Device
from studio.core.container.encoding import text_of
from studio.core.container.weights.pickle_reader import walk_tensors
from studio.core.container.weights.torch_weights import open_torch
from studio.core.error import UserError
from studio.core.option import SETTINGS
from studio.core.pausing import result_of
from studio.core.picture import read_opacity_picture, read_picture
from studio.core.provenance import read_metadata
from studio.core.recording.file import load_recording
from studio.core.setting import Settings
from studio.core.sound.file import read_sound
from studio.datasets.table.mixed import reading_mixed
from studio.datasets.table.reader import reading_table
from studio.registry.catalog import Catalog
from studio.registry.download.download import download_in, unfinished
from studio.registry.download.offer import offer_of
from studio.registry.target import describe, find_opening, understand
from studio.registry.training_store import TrainingStore
from studio.shell.export.memory import last_choice
from studio.shell.made.store import MadeStore
from studio.shell.session.session import read_session
from studio.shell.session.workspace import reading

_TEXT: Final = "She opened the letter, read it twice: 字 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n"
_CPU: Final = Device("cpu", "float32", 1)
N_KNOWN: Final = 300


MAX_TEXT_BYTES: Final = 1 << 20


def _start(path: Path) -> bytes:
    """As much as a panel reads of a dropped text."""
    with path.open("rb") as file:
        return file.read(MAX_TEXT_BYTES)


@cache
def _catalog() -> Catalog:
    return Catalog()


def _understand(path: Path) -> None:
    """What `info`, a drop on the window and `sample` begin with; a report can always be printed."""
    found = result_of(understand(path, _catalog()))
    json.dumps(found.report.to_json(), allow_nan=False)


def _open(path: Path) -> None:
    """The same, and the engine."""
    _catalog().open_engine(find_opening(str(path), _catalog()).source, _CPU).close()


def _metadata(path: Path) -> None:
    read_metadata(path)
    describe(path, _catalog())


def _torch(path: Path) -> None:
    with open_torch(path) as file:
        for _, tensor in walk_tensors(file.root):
            file.array(tensor)


def _tokenizer(folder: Path) -> None:
    tokenizer = read_tokenizer(folder, {"model_type": "llama", "eos_token_id": [1]}, {}, N_KNOWN)
    tokenizer.decode(tokenizer.encode(_TEXT))
    tokenizer.vocabulary()
    read_chat_template(folder)


def _features(path: Path) -> None:
    features = load_features(
        path,
        DecoderConfig(
            n_vocab=20, n_context=16, n_layers=3, n_heads=1, n_kv_heads=1, width=8, head_width=8, mlp_width=8
        ),
        "f" * 64,
    )
    features.network(torch.ones(2, 8))


def _pieces(folder: Path) -> None:
    read_cutter(folder, N_KNOWN).encode(_TEXT)


def _picture(path: Path) -> None:
    read_picture(path)
    read_opacity_picture(path, 32, 32)


def _packed(path: Path) -> None:
    """As it is, and as somebody would write it who knows the sum of its bytes."""
    data = _start(path)
    for one in (data[:-4] + zlib.crc32(data[:-4]).to_bytes(4, "big"), data):
        found = read_packed(one)
        result_of(read_symbols(found.payload, found.n, found.n_latent, found.step))


def _recording(path: Path) -> None:
    recording = load_recording(path)
    try:
        for place in range(len(recording)):
            recording[place]
    finally:
        recording.close()


def _workspace(path: Path) -> None:
    """What a drop of it begins with, and then all of its recordings."""
    _understand(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            result_of(reading(path, folder))
        finally:
            assert all(one.suffix == ".frames" for one in folder.iterdir())
        for one in folder.iterdir():
            with suppress(UserError):  # such a run is left out
                load_recording(one).close()


def _settings(path: Path) -> None:
    settings = Settings(path)
    for option in SETTINGS:
        settings.get(option)
    settings.section("vae").get("model", "")
    last_choice(settings)


def _trainings(folder: Path) -> None:
    found, _ = TrainingStore(folder).trainings()
    for training in found:
        training.can_go_on()
        load_checkpoint(training.checkpoint_path)
        load_recording(training.learning_path).close()


def _download(path: Path) -> None:
    """A stored offer as its folder is read, and what the dialog would write of it again."""
    unfinished(path.parent.parent.parent)
    offer = download_in(path.parent).offer
    assert offer_of(offer.to_json()) == offer
    json.dumps([offer.size_bytes, offer.opens, offer.host, offer.title])


def _scene(path: Path) -> None:
    load_field(path, {})


def _checkpoint(path: Path) -> None:
    read_checkpoint(path)
    unread_keys(path)


READERS: Final[dict[str, Callable[[Path], object]]] = {
    **dict.fromkeys(("safetensors", "npz", "npy", "torch", "pickle", "card", "folder", "spreadsheet"), _understand),
    **dict.fromkeys(
        ("own weights", "gguf", "hugging face", "encoder", "seq2seq", "adapter", "xlnet", "chronos"), _open
    ),
    "torch legacy": _torch,
    "stylegan": read_stylegan,
    "checkpoint of nerf": _checkpoint,
    "instant-ngp": read_ngp,
    **dict.fromkeys(("splats ply", "splats packed", "splat", "spz", "sog", "splats gltf"), read_splats),
    "sparse features": _features,
    "translator": load_translator,
    "describer": load_captioner,
    "own scene": _scene,
    "diffusers": read_pipeline,
    "lora": read_lora,
    "whole pipeline": read_whole_pipeline,
    "tokenizer": _tokenizer,
    "sentencepiece": _pieces,
    "recording": _recording,
    "metadata": _metadata,
    "picture": _picture,
    "packed pictures": _packed,
    "sound": read_sound,
    "music": read_midi,
    "table": lambda path: result_of(reading_table(path)),
    "table with gaps": lambda path: table_bytes(result_of(reading_mixed(path))),
    "kept table": lambda path: table_in(np.frombuffer(_start(path), np.uint8)),
    "text": lambda path: text_of(_start(path)),
    "captions": lambda path: folder_captions(path.parent, ["a.png", "b.png"]) if path.name == TABLE else None,
    "transforms": read_transforms,
    "colmap": read_colmap,
    "llff": read_llff,
    "download": _download,
    "settings": _settings,
    "session": read_session,
    "workspace": _workspace,
    "made": lambda folder: MadeStore(folder).all(),
    "trainings": _trainings,
    "resumed": load_checkpoint,
}


def _mistake(path: Path) -> None:
    raise RuntimeError(path)


FAULTS: Final[dict[str, Callable[[Path], object]]] = {
    "_mistake": _mistake,
    "_memory": lambda path: bytearray(4 << 30),
    "_death": lambda path: os._exit(3),
}
"""For the test of the net itself."""
FOLDERS: Final = frozenset(
    {
        "folder",
        "hugging face",
        "encoder",
        "seq2seq",
        "adapter",
        "xlnet",
        "chronos",
        "diffusers",
        "tokenizer",
        "sentencepiece",
        "trainings",
        "made",
    }
) | {"colmap", "llff"}
"""Those that read a folder."""
