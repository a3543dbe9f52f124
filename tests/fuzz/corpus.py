"""Small sound files of every kind that the program reads, written by the tests' own writers."""

import csv
import io
import json
import shutil
import wave
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import safetensors.numpy
import torch
from PIL import Image

from plugins.transformer.describe.model.captioner import Captioner, CaptionerConfig
from plugins.transformer.describe.model.weights import save_captioner
from plugins.transformer.text.interpret.sparse_features import (
    SparseAutoencoder,
    SparseConfig,
    SparseFeatures,
    save_features,
)
from plugins.transformer.text.state import FeatureWords
from plugins.transformer.translate.model.encoder_decoder import Translator, TranslatorConfig
from plugins.transformer.translate.model.weights import save_translator
from plugins.vae.shared.compress.latent_code import written
from plugins.vae.shared.compress.packed_file import PackedFile, file_bytes
from studio.commands.track import KeptRun
from studio.compute.checkpoint import save_checkpoint
from studio.core.pausing import result_of
from studio.core.setting import MIGRATIONS
from studio.core.text.byte_tokens import learnt_tokenizer
from studio.core.text.word_pieces import word_tokenizer
from studio.registry.download.download import RECORD, begun
from studio.registry.download.offer import Offer, OfferedFile
from studio.registry.training_store import TrainingStore
from studio.shell.made.store import MadeStore
from studio.shell.session.session import Bookmark, Session, TabMemory, write_session
from studio.shell.session.workspace import writing
from tests.core.container.exported import with_text
from tests.core.container.hostile import npy, pickled_tensor, torch_zip
from tests.core.container.hostile_networks import sound_network
from tests.core.container.test_container import ARRAYS, npz_bytes
from tests.core.container.test_torch_weights import saved, tensors
from tests.core.test_provenance import FORMATS, sample
from tests.datasets.table.made import table_text
from tests.fuzz.keeper import ROOT
from tests.plugins.autoregressive.foreign.xlnet_folder_made import write_folder as write_xlnet
from tests.plugins.autoregressive.foreign.xlnet_folder_made import write_pieces
from tests.plugins.autoregressive.series.bolt_made import write_bolt
from tests.plugins.diffusion.foreign.diffusers.bare_pipeline import PIPELINES, write_checkpoint
from tests.plugins.diffusion.foreign.lora.made_lora import write_bare as write_lora
from tests.plugins.gan.foreign.stylegan_made import THREE, TWO, made, nvidia_pickle, rosinality_state, torch_bytes
from tests.plugins.nerf.field.made_scene import cameras, photos_of_ball, write_scene
from tests.plugins.nerf.foreign.made_colmap import Made, write_binary, write_llff, write_photo, write_text
from tests.plugins.nerf.foreign.made_foreign import (
    SMALL_NERF,
    krrish94_root,
    make_network,
    ngp_values,
    write_ngp,
    yenchenlin_state,
)
from tests.plugins.nerf.foreign.made_foreign import torch_bytes as nerf_bytes
from tests.plugins.nerf.foreign.splats.compared import DATA as SPLATS
from tests.plugins.transformer.foreign.bare_adapter import write_adapter
from tests.plugins.transformer.foreign.bare_folder import write_bare as write_decoder
from tests.plugins.transformer.foreign.encoder.bare_encoder import WORDS as BERT_WORDS
from tests.plugins.transformer.foreign.encoder.bare_encoder import bert_arrays, write_bert
from tests.plugins.transformer.foreign.made_folder import made_model
from tests.plugins.transformer.foreign.made_gguf import write_gguf
from tests.plugins.transformer.foreign.seq2seq.made_seq2seq import made_seq2seq
from tests.plugins.vae.tables.tables_made import made_bytes
from tests.render.export.clips import every_clip, picture, tone, write_recording


class Sample(NamedTuple):
    """A sound file or folder, and which of its files are broken in turn."""

    path: Path
    files: tuple[Path, ...]


_Maker = Callable[[Path], Iterator[Sample]]


def samples(reader: str, folder: Path) -> list[Sample]:
    """The samples of a reader, written into `folder`; each has a file at least."""
    folder.mkdir(parents=True)
    return list(_MAKERS[reader](folder))


def _file(path: Path, data: bytes) -> Sample:
    path.write_bytes(data)
    return Sample(path, (path,))


def _folder(folder: Path, path: Path | None = None) -> Sample:
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return Sample(path or folder, tuple(files))


def _files(suffix: str, *contents: bytes) -> _Maker:
    return lambda folder: (_file(folder / f"{n}{suffix}", data) for n, data in enumerate(contents))


def _numbers(folder: Path) -> Iterator[Sample]:
    yield from _files(".safetensors", safetensors.numpy.save(ARRAYS, {"x": "y"}))(folder)


def _torch(folder: Path) -> Iterator[Sample]:
    yield from _files(".pt", torch_zip(pickled_tensor(4, 0, (2, 2), (2, 1))), saved({"a": tensors()}, False))(folder)


def _own_weights(folder: Path) -> Iterator[Sample]:
    """Models that came with the program: one of each way of keeping them, small."""
    for family, name in (("gan", "playground"), ("autoregressive", "forecast"), ("vae", "digits"), ("gan", "enlarge")):
        for suffix in (".safetensors", ".json"):
            target = folder / family / f"{name}{suffix}"
            target.parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / "plugins" / family / "models" / target.name, target)
        weights = folder / family / f"{name}.safetensors"
        yield Sample(weights, (weights, weights.with_suffix(".json"), weights))


def _card(folder: Path) -> Iterator[Sample]:
    shipped = (("vae", "digits"), ("gan", "avatars-style"), ("transformer", "shakespeare"), ("diffusion", "arcade"))
    for family, name in shipped:
        card = folder / f"{name}.json"
        shutil.copy(ROOT / "plugins" / family / "models" / card.name, card)
        weights = card.with_suffix(".safetensors")
        weights.write_bytes(safetensors.numpy.save(ARRAYS))
        yield Sample(weights, (card,))


def _describer(folder: Path) -> Iterator[Sample]:
    path, cutter = folder / "small-describer.safetensors", learnt_tokenizer(["A face with a smile."], 300)
    config = CaptionerConfig(cutter.get_vocab_size(), width=8, n_heads=1, mlp_width=8, eye_widths=(8, 8, 8))
    save_captioner(path, Captioner(config), cutter, ("face", "smile"), np.zeros((1, 64, 64, 3), np.uint8))
    yield Sample(path, (path,))


def _features(folder: Path) -> Iterator[Sample]:
    path, config = folder / "small-features.safetensors", SparseConfig(8, 6, 2, 1)
    words = tuple(FeatureWords((f"word {number}",), (f"a «word {number}»",)) for number in range(6))
    save_features(path, SparseFeatures(SparseAutoencoder(config), words), "f" * 64)
    yield Sample(path, (path,))


def _gguf(folder: Path) -> Iterator[Sample]:
    path = folder / "small.gguf"
    write_gguf(path, made_model("LLaMA 2", vocab_size=20), tokenizer__chat_template="{{ messages[0].content }}")
    yield Sample(path, (path,))


def _decoders(folder: Path) -> Iterator[Sample]:
    yield _folder(write_decoder(folder / "bytes"))


def _encoders(folder: Path) -> Iterator[Sample]:
    """With a list of words, and with numbers in a pickle beside a whole tokenizer."""
    yield _folder(write_bert(folder / "words"))
    whole = write_bert(folder / "whole")
    word_tokenizer(BERT_WORDS).save(str(whole / "tokenizer.json"))
    (whole / "vocab.txt").unlink()
    (whole / "model.safetensors").unlink()
    arrays = {name: torch.from_numpy(values) for name, values in bert_arrays().items()}
    torch.save(arrays, whole / "pytorch_model.bin")
    yield _folder(whole)


def _seq2seq(folder: Path) -> Iterator[Sample]:
    for name in ("T5", "Marian"):
        (folder / name).mkdir()
        made_seq2seq(folder / name, name)
        yield _folder(folder / name)


def _translator(folder: Path) -> Iterator[Sample]:
    tokenizer = learnt_tokenizer(["the king of the house", "el rey de la casa"] * 4, 300)
    config = TranslatorConfig(tokenizer.get_vocab_size(), 16, 8, 1, 1, 2, 8)
    path = folder / "small.safetensors"
    save_translator(path, Translator(config), tokenizer, ["king", "house"])
    yield Sample(path, (path,))


def _adapter(folder: Path) -> Iterator[Sample]:
    write_decoder(folder / "base")
    yield _folder(write_adapter(folder / "adapter"))


def _stylegan(folder: Path) -> Iterator[Sample]:
    two, three = made(TWO), made(THREE)
    layers = {"synthesis_kwargs": {"channel_base": 2048}}
    yield from _files(
        ".pt", nvidia_pickle(two), nvidia_pickle(three, kwargs=layers), torch_bytes({"g_ema": rosinality_state(two)})
    )(folder)


def _checkpoints(folder: Path) -> Iterator[Sample]:
    root = {"global_step": 2, "network_fn_state_dict": yenchenlin_state(make_network(SMALL_NERF))}
    contents = [nerf_bytes(one, is_legacy=old) for one in (krrish94_root(), root) for old in (True, False)]
    yield from _files(".ckpt", *contents)(folder)


def _snapshots(folder: Path) -> Iterator[Sample]:
    for name in ("scene.ingp", "scene.msgpack"):
        path = write_ngp(folder / name, ngp_values())
        yield Sample(path, (path,))


def _splats(*names: str) -> _Maker:
    """Splats that other people's programs wrote."""

    def write(folder: Path) -> Iterator[Sample]:
        for name in names:
            yield _file(folder / name, (SPLATS / name).read_bytes())

    return write


def _sog(folder: Path) -> Iterator[Sample]:
    """As one file, and as a folder whose text is broken."""
    yield from _splats("splat-transform.sog", "made-v1.sog")(folder)
    inside = folder / "inside"
    shutil.unpack_archive(SPLATS / "splat-transform.sog", inside, "zip")
    yield Sample(inside / "meta.json", (inside / "meta.json", inside / "quats.webp", inside / "shN_centroids.webp"))


def _own_scene(folder: Path) -> Iterator[Sample]:
    path = folder / "scene.safetensors"
    shutil.copy(ROOT / "plugins" / "nerf" / "models" / "glossy.safetensors", path)
    yield Sample(path, (path,))


def _tokenizers(folder: Path) -> Iterator[Sample]:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    bytes_folder = write_decoder(folder / "pairs")
    yield Sample(
        bytes_folder, tuple(bytes_folder / name for name in ("vocab.json", "merges.txt", "tokenizer_config.json"))
    )
    whole = folder / "whole"
    whole.mkdir()
    names = [*(chr(code) for code in range(97, 123)), "ab", "cd", "</s>", "<s>", "\u0120"]
    tokenizer = Tokenizer(models.BPE({name: n for n, name in enumerate(names)}, [("a", "b"), ("c", "d")]))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex("x{2,}"), "y")])
    cut = pre_tokenizers.Split(Regex(r"'s|\p{L}+|\s+(?!\S)|[^\s]+"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([cut, pre_tokenizers.ByteLevel(use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["</s>", "<s>"])
    tokenizer.save(str(whole / "tokenizer.json"))
    settings = {"eos_token": "</s>", "bos_token": {"content": "<s>"}, "chat_template": "{{ messages }}"}
    (whole / "tokenizer_config.json").write_text(json.dumps(settings))
    yield _folder(whole)


def _pieces(folder: Path) -> Iterator[Sample]:
    write_pieces(folder)
    (folder / "spiece.vocab").unlink()
    yield _folder(folder)


def _recording(folder: Path) -> Iterator[Sample]:
    for n, kind in enumerate(("png", "wav", "midi", "svg", "page")):
        path = write_recording(every_clip(kind), folder / f"{n}.frames")
        yield Sample(path, (path,))


_SUFFIXES: Final = {"midi": "mid", "page": "html"}


def _exports(folder: Path) -> Iterator[Sample]:
    for kind in FORMATS:
        yield _file(folder / f"a.{_SUFFIXES.get(kind, kind)}", sample(kind))
    yield _file(folder / "b.html", with_text("html", '{"model": "vae/digits", "seed": 7}'))
    (folder / "poem.txt").write_text("a poem")
    beside = folder / "poem.txt.json"
    beside.write_bytes(sample("json"))
    yield Sample(folder / "poem.txt", (beside,))


def _pictures(folder: Path) -> Iterator[Sample]:
    image = Image.fromarray(picture(0, 19, 23))
    modes = {"png": "RGBA", "jpg": "CMYK", "webp": "RGB", "gif": "P", "bmp": "RGB", "tiff": "I;16", "ppm": "RGB"}
    for suffix, mode in modes.items():
        path = folder / f"a.{suffix}"
        deep = Image.fromarray(np.arange(437, dtype=np.uint16).reshape(19, 23) * 100)
        (deep if mode == "I;16" else image.convert(mode)).save(path)
        yield Sample(path, (path,))


def _packed(folder: Path) -> Iterator[Sample]:
    """One picture without a name, and a few with."""
    for n in (1, 5):
        symbols = np.random.default_rng(n).integers(-3, 4, (n, 6))
        names = tuple(f"bild {one} ö.png" for one in range(n)) if n > 1 else ()
        payload = result_of(written(symbols, 5))
        yield _file(folder / f"{n}.mlz", file_bytes(PackedFile("vae/avatars", b"abcd", 5, 6, n, names, payload)))


def _sounds(folder: Path) -> Iterator[Sample]:
    for kind in ("wav", "flac", "ogg", "mp3"):
        yield _file(folder / f"a.{kind}", sample(kind))
    with wave.open(str(folder / "b.wav"), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes((tone(800).samples * 20000).astype("<i2").repeat(2).tobytes())
    yield Sample(folder / "b.wav", (folder / "b.wav",))


def _tables(folder: Path) -> Iterator[Sample]:
    texts = {"a.csv": table_text(), "b.tsv": table_text(30, "\t", ","), "c.txt": table_text(20, ";", ",")}
    months = "year,jan,feb,mar\n" + "\n".join(f"{year},1.5,2.5,{year % 7}" for year in range(1990, 2010))
    keyed = "day,shop,sold\n" + "\n".join(f"{1 + n % 28:02}.{1 + n // 28:02}.2020,{'ab'[n % 2]},{n}" for n in range(90))
    for name, text in {**texts, "d.csv": months, "e.csv": keyed}.items():
        yield _file(folder / name, text.encode())
    yield _file(folder / "f.csv", table_text().encode("utf-16"))
    yield from _parquet(folder)


def _parquet(folder: Path) -> Iterator[Sample]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = np.datetime64("2024-01-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    columns = {"day": days, "sold": np.arange(40.0), "shop": ["a", "b"] * 20, "list": [[1]] * 40}
    for packing in ("none", "snappy", "gzip"):
        path = folder / f"g-{packing}.parquet"
        pq.write_table(pa.table(columns), path, compression=packing)
        yield Sample(path, (path,))


def _spreadsheet(folder: Path) -> Iterator[Sample]:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet><row><c><v>1</v></c></row></worksheet>")
    yield Sample(path, (path,))


def _captions(folder: Path) -> Iterator[Sample]:
    text = io.StringIO()
    csv.writer(text).writerows([("file", "caption"), ("a.png", "a fox, asleep"), ("sub\\b.png", 'an "owl"')])
    yield _file(folder / "captions.csv", text.getvalue().encode())


def _transforms(folder: Path) -> Iterator[Sample]:
    """Photos with cameras, in both flavours; without the pictures, which `picture` breaks."""
    numbers: dict[str, Any] = {"fl_x": 20.0, "fl_y": 21, "cx": 7.5, "cy": 8.5, "k1": 0.05, "p2": 0.001}
    box: dict[str, Any] = {"aabb_scale": 4, "scale": 0.5, "offset": [0.5, 0.25, 1]}
    nerfstudio: dict[str, Any] = {"camera_model": "OPENCV_FISHEYE", "train_filenames": ["images/000.png"]}
    for n, more in enumerate((numbers | box, nerfstudio)):
        path = write_scene(folder / str(n), photos_of_ball(6, 16), **more) / "transforms.json"
        yield Sample(path, (path,))


def _colmap(folder: Path) -> Iterator[Sample]:
    """Models with two photos of three, binary and text."""
    photos = [(f"{n}.png", 1, matrix.astype(np.float64)) for n, matrix in enumerate(cameras(3))]
    made = Made({1: ("RADIAL", 16, 12, [20.0, 8.0, 6.0, 0.1, 0.01])}, photos, np.eye(3))
    for write, ending in ((write_binary, "bin"), (write_text, "txt")):
        for name, *_ in photos[:2]:
            write_photo(folder / ending / name)
        files = (write(folder / ending, made) / f"{name}.{ending}" for name in ("cameras", "images", "points3D"))
        yield Sample(folder / ending, tuple(files))


def _llff(folder: Path) -> Iterator[Sample]:
    """Three photos with bounds."""
    for n in range(3):
        write_photo(folder / "scene" / f"{n}.png")
    path = write_llff(folder / "scene", cameras(3), (12, 16, 20), (2, 6))
    yield Sample(path, (path / "poses_bounds.npy",))


def _downloads(folder: Path) -> Iterator[Sample]:
    """One of a hub's folder, and one of the catalogue."""
    files = (OfferedFile("config.json", 23, "0" * 40), OfferedFile("sub/model.safetensors", 1 << 20, "f" * 64))
    hub = Offer("some/little", "Little", "mit", files, 1 << 20, host="hub.example", revision="0" * 40)
    packaged = Offer("llm-little", "Little", "Apache-2.0", (OfferedFile("a.gguf", 9),), 5, choice="Q4_0")
    for offer in (hub, packaged):
        yield Sample(path := begun(offer, folder / offer.title / offer.name[:4]).folder / RECORD, (path,))


def _settings(folder: Path) -> Iterator[Sample]:
    values = {"theme": "dark", "keys": {"save": "Ctrl+S"}, "recent": ["/a", "/b"], "export": '{"format": "gif"}'}
    families = {"vae": {"model": "vae/digits", "n": [1, 2.5, None]}}
    text = json.dumps({"version": len(MIGRATIONS) + 1, "values": values, "families": families})
    yield _file(folder / "settings.json", text.encode())


def _session(folder: Path) -> Iterator[Sample]:
    tab = TabMemory("vae/digits", {"seed": 4}, {"z": [0.5, 1], "path": {"keys": [1, 2]}})
    write_session(folder / "session.json", Session((tab, tab), 1, False))
    yield _folder(folder, folder / "session.json")


def _workspace(folder: Path) -> Iterator[Sample]:
    kept = [write_recording(every_clip(kind), folder / f"{n}.frames") for n, kind in enumerate(("svg", "gif"))]
    runs = tuple(KeptRun(f"{n}" * 8, f"Run {n}", is_current=n == 1) for n in range(len(kept)))
    tab = TabMemory("vae/digits", {"seed": 4}, {"z": [0.5, 1]}, runs, "Digits", bookmarks=(Bookmark("a", {}, {}),))
    path = folder / "a.manifold"
    files = {run.id: file for run, file in zip(runs, kept, strict=True)}
    result_of(writing(Session((tab, TabMemory("gan/gone")), 1), files, path))
    yield Sample(path, (path,))


def _made(folder: Path) -> Iterator[Sample]:
    MadeStore(folder).add(Path("/a/b.png"), {"model": "vae/digits", "seed": 4, "params": {"text": "abc"}}, b"png")
    yield _folder(folder)


def _trainings(folder: Path) -> Iterator[Sample]:
    training = TrainingStore(folder).planned("vae/pictures", "Mine", {"data": "/a"}).changed(step=3, figures={"a": 0.5})
    save_checkpoint(training.checkpoint_path, {"step": 3, "network": {"a": tensors()["whole"]}})
    write_recording(every_clip("svg"), training.learning_path, 1)
    record = training.folder / "training.json"
    yield Sample(folder, (record, training.checkpoint_path, record, training.learning_path))


def _resumed(folder: Path) -> Iterator[Sample]:
    path = folder / "a.checkpoint"
    state = {"step": 3, "name": "x", "rng": [1, 2.5], "network": {"a": tensors()["whole"], "b": tensors()["half"]}}
    save_checkpoint(path, state)
    yield Sample(path, (path,))


_MAKERS: Final[Mapping[str, _Maker]] = {
    "safetensors": _numbers,
    "npz": _files(".npz", npz_bytes(False), npz_bytes(True)),
    "npy": _files(".npy", npy(np.ones((2, 2))), npy(np.array(["ab"]))),
    "torch": _torch,
    "torch legacy": _files(".pt", saved({"a": tensors()}, True)),
    "pickle": _files(".pkl", sound_network()),
    "card": _card,
    "folder": lambda folder: iter([_folder(write_decoder(folder / "bare"))]),
    "spreadsheet": _spreadsheet,
    "own weights": _own_weights,
    "gguf": _gguf,
    "hugging face": _decoders,
    "encoder": _encoders,
    "seq2seq": _seq2seq,
    "translator": _translator,
    "adapter": _adapter,
    "xlnet": lambda folder: iter([_folder(write_xlnet(folder / "xlnet"))]),
    "chronos": lambda folder: iter([_folder(write_bolt(folder / "bolt"))]),
    "stylegan": _stylegan,
    "checkpoint of nerf": _checkpoints,
    "instant-ngp": _snapshots,
    "splats ply": _splats("inria.ply", "text.ply", "big-endian.ply"),
    "splats packed": _splats("splat-transform.compressed.ply", "without-colour-bounds.compressed.ply"),
    "splat": _splats("ply2splat.splat"),
    "spz": _splats("splat-transform-v3.spz", "gaussforge-v2.spz", "made-v1.spz", "splat-transform-v4.spz"),
    "sog": _sog,
    "splats gltf": _splats("splat-transform.glb"),
    "sparse features": _features,
    "describer": _describer,
    "own scene": _own_scene,
    "whole pipeline": lambda folder: iter([Sample(path := write_checkpoint(folder / "whole.safetensors"), (path,))]),
    "lora": lambda folder: iter([Sample(path := write_lora(folder / "a.safetensors"), (path,))]),
    "diffusers": lambda folder: iter([_folder(write(folder / name)) for name, write in PIPELINES.items()]),
    "tokenizer": _tokenizers,
    "sentencepiece": _pieces,
    "recording": _recording,
    "metadata": _exports,
    "picture": _pictures,
    "packed pictures": _packed,
    "sound": _sounds,
    "music": lambda folder: iter([_file(folder / "a.mid", sample("midi"))]),
    "table": _tables,
    "table with gaps": _tables,
    "kept table": lambda folder: iter([_file(folder / "kept", made_bytes(n_rows=40).tobytes())]),
    "text": _files(".txt", "größe 字\r\n".encode(), "größe".encode("utf-16"), "größe".encode("cp1252")),
    "captions": _captions,
    "transforms": _transforms,
    "colmap": _colmap,
    "llff": _llff,
    "download": _downloads,
    "settings": _settings,
    "session": _session,
    "workspace": _workspace,
    "made": _made,
    "trainings": _trainings,
    "resumed": _resumed,
}
