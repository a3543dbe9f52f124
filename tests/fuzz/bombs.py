"""Files that no mutation makes: small ones that ask for a huge size, an endless time or a depth without end."""

import gzip
import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from studio.core.container.weights.torch_file import LEGACY_MAGIC
from tests.core.container.exported import riff
from tests.core.container.hostile import png_file, safetensors_file, torch_zip
from tests.fuzz.corpus import samples
from tests.plugins.nerf.foreign.made_foreign import ngp_values

HUGE: Final = 1 << 60
DEEP: Final = 100_000
Bombs = Iterator[tuple[str, bytes]]


def bombs(reader: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Each crafted file of a reader, by what it is, and the path to be read; `folder` is written anew for each."""
    for n, (name, put) in enumerate(_puts(reader)):
        yield name, put(folder / str(n))


def _puts(reader: str) -> Iterator[tuple[str, Callable[[Path], Path]]]:
    for inner, suffix, made in _MADE.get(reader, ()):
        for name, data in made():
            yield f"{inner or suffix}: {name}", partial(_put, reader, inner=inner, suffix=suffix, data=data)


def _put(reader: str, folder: Path, inner: str, suffix: str, data: bytes) -> Path:
    """The file alone, or in the place of `inner` in a sound sample."""
    if not inner:
        folder.mkdir(parents=True)
        path = folder / f"bomb{suffix}"
        path.write_bytes(data)
        return path
    for sample in samples(reader, folder):
        for path in sample.files:
            if path.name == inner:
                path.write_bytes(data)
                return sample.path
    raise LookupError(inner)


def _pickles() -> Bombs:
    """Little text that stands for a lot of work: from the memo, by calls, by depth."""
    plain = pickle.dumps(list(range(20_000)), 2)[2:-1]
    many = b"".join(b"ccollections\nOrderedDict\nh\xff\x85R" for _ in range(3_000))
    pairs = pickle.dumps([(n, n) for n in range(20_000)], 2)[2:-1]
    yield "a long list made a dictionary thousands of times", b"\x80\x02](" + pairs + b"q\xff" + many + b"e."
    yield "a long list made a set", b"\x80\x02](" + plain + b"q\xff" + b"cbuiltins\nset\nh\xff\x85R" * 3_000 + b"e."
    yield "lists without end", b"\x80\x02" + b"]" * DEEP + b"a" * (DEEP - 1) + b"."
    yield "tuples as keys", b"\x80\x02}" + b"N" + b"\x85" * DEEP + b"Ns."
    laughs = b"".join(b"](" + (b"h" + bytes([n])) * 9 + b"eq" + bytes([n + 1]) for n in range(200))
    yield "lists of lists of lists", b"\x80\x02]q\x00" + laughs + b"."
    yield (
        "the same text a million times",
        b"\x80\x02](X\xff\xff\x00\x00" + b"a" * 65535 + b"q\x00" + b"h\x00" * 10**6 + b"e.",
    )
    yield "a number of a million digits", b"\x80\x02I" + b"9" * 10**6 + b"\n."
    yield "a number of a million bytes", b"\x80\x02\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6 + b"."


def _torch_zips() -> Bombs:
    for name, data in _pickles():
        yield name, torch_zip(data)


def _legacy() -> Bombs:
    head = LEGACY_MAGIC + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    for name, data in _pickles():
        yield name, head + data + pickle.dumps([], 2)
        yield f"{name}, as keys", head + pickle.dumps({}, 2) + data


def _texts() -> Bombs:
    yield "lists without end", b"[" * DEEP
    yield "objects without end", b'{"a":' * DEEP
    yield "a key without end", b'{"' + b"a" * (5 << 20)
    yield "a number without end", b'{"a":' + b"9" * 10**6 + b"}"
    yield "a million values", b'{"a":[' + b"1," * 10**6 + b"1]}"
    yield "quotation marks", b'{"' + b'\\"' * 10**6


def _inside_text(**known: Any) -> Callable[[], Bombs]:
    """A sound object with one value that is a bomb."""

    def made() -> Bombs:
        for key in known:
            for name, value in (("depth", b"[" * 900 + b"]" * 900), ("infinity", b"1e999"), ("digits", b"9" * 5000)):
                others = {one: value for one, value in known.items() if one != key}
                rest = json.dumps(others).encode()[1:]
                yield f"{name} as {key}", b'{"%s":%s%s%s' % (key.encode(), value, b"," if others else b"", rest)

    return made


def _safetensors() -> Bombs:
    one = {"dtype": "F32", "shape": [HUGE, HUGE], "data_offsets": [0, 4]}
    yield "a huge shape", safetensors_file({"a": one}, bytes(4))
    yield "a shape of nothing times huge", safetensors_file({"a": one | {"shape": [HUGE, 0], "data_offsets": [0, 0]}})
    yield "a header of 2^60 bytes", struct.pack("<Q", HUGE) + b"{}"
    yield "many dimensions", safetensors_file({"a": one | {"shape": [1] * 100_000}}, bytes(4))
    yield "a deep header", safetensors_file(b'{"a":' * DEEP)


def _npys() -> Bombs:
    def head(text: bytes) -> bytes:
        return b"\x93NUMPY\2\0" + struct.pack("<I", len(text)) + text

    yield "a huge shape", head(b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d)}" % (HUGE, HUGE))
    yield "an item of 2^31 bytes", head(b"{'descr': '|S2147483647', 'fortran_order': False, 'shape': (9,)}")
    yield "a deep header", head(b"{'descr': " + b"(" * 60_000)
    yield "a header of 2^32 bytes", b"\x93NUMPY\2\0\xff\xff\xff\xff"
    yield "many dimensions", head(b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"1," * 3000 + b")}")


def _npzs() -> Bombs:
    for name, data in _npys():
        yield name, _zip({"a.npy": data})
    yield "nothing but zeros", _zip({"a.npy": b"\x93NUMPY" + bytes(400 << 20)})
    yield "twenty thousand members", _zip({f"{n}.npy": b"" for n in range(20_001)})


def _zip(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def _ggufs() -> Bombs:
    def file(n_tensors: int, n_values: int, rest: bytes = b"") -> bytes:
        return b"GGUF" + struct.pack("<IQQ", 3, n_tensors, n_values) + rest

    def setting(key: bytes, kind: int, value: bytes) -> bytes:
        return _text(key) + struct.pack("<I", kind) + value

    yield "2^60 tensors", file(HUGE, 0)
    yield "2^60 settings", file(0, HUGE)
    yield "a key of 2^60 letters", file(0, 1, struct.pack("<Q", HUGE))
    yield "a text of 2^60 letters", file(0, 1, setting(b"a", 8, struct.pack("<Q", HUGE)))
    yield "a list of 2^60 texts", file(0, 1, setting(b"a", 9, struct.pack("<IQ", 8, HUGE)))
    yield "a list of 2^60 bytes", file(0, 1, setting(b"a", 9, struct.pack("<IQ", 0, HUGE)))
    yield "lists in lists", file(0, 1, setting(b"a", 9, struct.pack("<IQ", 9, 1) * 50_000))
    empty = struct.pack("<Q", 0)
    yield "a million empty texts", file(0, 1, setting(b"a", 9, struct.pack("<IQ", 8, 10**6) + empty * 10**6))
    yield "a million empty keys", file(0, 10**6, (empty + struct.pack("<IB", 0, 1)) * 10**6)
    alignment = setting(b"general.alignment", 4, struct.pack("<I", 0))
    yield "an alignment of 0", file(0, 1, alignment)
    tensor = _text(b"a") + struct.pack("<I", 4) + struct.pack("<4Q", HUGE, HUGE, 1, 1) + struct.pack("<IQ", 0, 0)
    yield "a tensor of 2^120 numbers", file(1, 0, tensor)
    yield "a tensor of 2^32 dimensions", file(1, 0, _text(b"a") + struct.pack("<I", (1 << 32) - 1))


def _messages() -> Bombs:
    yield "a map of 2^32 entries", b"\xdf\xff\xff\xff\xff"
    yield "a list of 2^32 entries", b"\xdd\xff\xff\xff\xff"
    yield "a text of 2^32 letters", b"\xdb\xff\xff\xff\xff"
    yield "a list of a million lists", b"\xdd\x00\x0f\x42\x40" + b"\x90" * 10**6
    yield "lists without end", b"\x91" * DEEP
    yield "maps without end", b"\x81\xa1a" * DEEP
    yield "an unknown kind", b"\xc9\xff\xff\xff\xff\x05"
    yield "a time of its own", b"\xc7\x0c\xff" + b"\xff" * 12


def _packed_messages() -> Bombs:
    import msgpack

    for name, data in _messages():
        yield name, gzip.compress(data, 1)
    yield "nothing but zeros", gzip.compress(bytes(1 << 30), 1)
    for key, value in (("density_grid_size", 1 << 31), ("n_params", HUGE), ("training_step", HUGE)):
        yield f"{key} is huge", gzip.compress(msgpack.packb(ngp_values(**{key: value})), 1)
    for name in ("n_levels", "log2_hashmap_size", "base_resolution", "n_features_per_level"):
        values = ngp_values()
        values["encoding"][name] = 1 << 40
        yield f"{name} is huge", gzip.compress(msgpack.packb(values), 1)


def _pngs() -> Bombs:
    pixels = (b"IDAT", zlib.compress(b"\0\x80"))
    yield "2^31 pixels on each side", png_file([pixels], (1 << 31) - 1, (1 << 31) - 1)
    yield "12,000 pixels on each side", png_file([pixels], 12_000, 12_000)
    yield "a profile of zeros", png_file([(b"iCCP", b"a\0\0" + zlib.compress(bytes(200 << 20))), pixels])
    yield "a text of zeros", png_file([(b"zTXt", b"a\0\0" + zlib.compress(bytes(200 << 20))), pixels])
    yield "a hundred thousand texts", png_file([(b"tEXt", b"a\0b")] * 100_000 + [pixels])
    frames = (b"acTL", struct.pack(">II", (1 << 31) - 1, 0))
    yield "2^31 frames", png_file([frames, pixels])


def _tiffs() -> Bombs:
    def file(*tags: tuple[int, int, int, int]) -> bytes:
        body = b"".join(struct.pack("<HHII", *tag) for tag in tags)
        return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + struct.pack("<I", 8)

    size = ((256, 4, 1, 60_000), (257, 4, 1, 60_000))
    yield "a circle of pages", file(*size)
    yield "a tag of 2^32 values", file(*size, (273, 4, (1 << 32) - 1, 8))
    yield "a million samples a pixel", file((256, 4, 1, 9), (257, 4, 1, 9), (277, 3, 1, 65_535))


def _gifs() -> Bombs:
    head = b"GIF89a" + struct.pack("<2H3B", 65_535, 65_535, 0, 0, 0)
    frame = b"," + struct.pack("<4HB", 0, 0, 65_535, 65_535, 0) + b"\2\1\0\0"
    yield "65,535 pixels on each side", head + frame + b";"
    yield "a hundred thousand frames", b"GIF89a" + struct.pack("<2H3B", 1, 1, 0, 0, 0) + frame * 100_000 + b";"
    yield "comments without end", head + b"!\xfe\1a\0" * 100_000


def _bitmaps() -> Bombs:
    for width, height in ((1 << 30, 1 << 30), (-5, 5), (5, -(1 << 31)), (40_000, 40_000)):
        yield f"{width} x {height}", b"BM" + bytes(12) + struct.pack("<IiiHH", 40, width, height, 1, 24) + bytes(24)


def _jpegs() -> Bombs:
    frame = b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    yield (
        "65,535 pixels on each side",
        b"\xff\xd8" + frame + b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00",
    )
    yield "segments without end", b"\xff\xd8" + b"\xff\xe1\x00\x02" * 200_000


def _webps() -> Bombs:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body

    yield "16,384 pixels on each side", riff(b"WEBP", chunk(b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(9)))
    yield "a canvas of 2^24", riff(b"WEBP", chunk(b"VP8X", b"\x02\0\0\0" + b"\xff" * 6), chunk(b"ANIM", bytes(6)))


def _sounds() -> Bombs:
    def wav(form: bytes, data: bytes = bytes(64), claim: int = 64) -> bytes:
        return riff(b"WAVE", b"fmt " + struct.pack("<I", len(form)) + form, b"data" + struct.pack("<I", claim) + data)

    yield "65,535 channels", wav(struct.pack("<HHIIHH", 1, 65_535, 8000, 1 << 31, 65_535, 16))
    yield "2^32 samples a second", wav(struct.pack("<HHIIHH", 1, 1, (1 << 32) - 1, 1 << 31, 2, 16))
    yield "4 GB of data", wav(struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 2, 16), claim=(1 << 32) - 1)
    yield "frames of no bytes", wav(struct.pack("<HHIIHH", 1, 1, 8000, 0, 0, 0))
    head = struct.pack(">HH", 16, 65_535) + bytes(6) + struct.pack(">Q", (8000 << 44) | ((1 << 36) - 1))
    yield "2^36 samples", b"fLaC\x80\0\0\x22" + head + bytes(16)
    yield "comments of 16 MB", b"fLaC\0\0\0\x22" + head + bytes(16) + b"\x84\xff\xff\xff" + b"\xff" * 64


def _midis() -> Bombs:
    def file(track: bytes, n_tracks: int = 1, division: int = 480) -> bytes:
        return b"MThd" + struct.pack(">IHHH", 6, 1, n_tracks, division) + track

    def track(data: bytes) -> bytes:
        return b"MTrk" + struct.pack(">I", len(data)) + data

    note = b"\xff\xff\xff\x7f\x90\x40\x40\xff\xff\xff\x7f\x80\x40\x00"
    yield "notes of years", file(track(note * 20_000))
    yield "65,535 tracks", file(track(b"\0\xff\x2f\0") * 65_535, 65_535)
    yield "a track of 2^32 bytes", file(b"MTrk\xff\xff\xff\xff")
    yield "no division", file(track(note), division=0)
    yield "a text of 2^28 letters", file(track(b"\0\xff\x01\xff\xff\xff\x7fa"))
    yield "a hundred thousand tempos", file(track(b"\1\xff\x51\3\0\0\1" * 100_000 + note))
    yield "a hundred thousand notes at once", file(track(b"\0\x90\x40\x40" * 100_000))


def _tables() -> Bombs:
    yield "one line", b"1," * (2 << 20)
    yield "one cell", b'"' + b"a" * (4 << 20)
    yield "quotation marks", b'"",' * (1 << 20)
    yield "numbers of a million digits", b"date,value\n" + (b"2020-01-01," + b"9" * 10**6 + b"\n") * 3
    yield "empty lines", b"\n" * (4 << 20)
    yield "zeros", b"date,value\n" + bytes(1 << 20)
    dates = b"".join(b"%d-01-01,%d\n" % (10**n, n) for n in range(1, 300))
    yield "years without end", b"date,value\n" + dates
    yield "a hundred thousand names", b"date,name,value\n" + b"".join(b"2020-01-01,%d,1\n" % n for n in range(100_000))
    columns = b",".join(b"c%d" % n for n in range(20_000))
    yield "twenty thousand columns", (columns + b"\n") + (b"1," * 19_999 + b"1\n") * 4
    yield (
        "times a second apart for a thousand years",
        b"time,value\n0001-01-01,1\n0001-01-01T00:00:01,2\n9999-12-31,3\n",
    )


def _parquets() -> Bombs:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def written(table: Any) -> bytes:
        made = io.BytesIO()
        pq.write_table(table, made, compression="gzip")
        return made.getvalue()

    zeros = pa.array(np.zeros(20_000_000, np.int8))
    whole = written(pa.table({"day": zeros, "value": zeros}))
    yield "twenty million zeros", whole
    lists: Any = pa.array([1])
    for _ in range(60):
        lists = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), lists)
    yield "lists in lists", written(pa.table({"a": lists, "value": [1.0]}))
    yield "a text of 50 MB", written(pa.table({"day": ["a" * (50 << 20)], "value": [1.0]}))
    end = struct.pack("<I", (1 << 32) - 1) + b"PAR1"
    yield "a foot of 4 GB", b"PAR1" + bytes(64) + end
    yield "ten thousand columns", written(pa.table({f"c{n}": [1.0] for n in range(10_000)}))


def _tokenizers() -> Bombs:
    base: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "aa": 2}, "merges": ["a a"]},
    }

    def made(**changes: Any) -> bytes:
        return json.dumps(base | changes).encode()

    for regex in (
        "(a+)+$",
        "(a|a)*b",
        "(a*)*b",
        "(?:a?){60}a{60}",
        "((((((((((a{1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9})b",
        "(" * 5000 + "a" + ")" * 5000,
        "a{100000}{100000}",
    ):
        cut = {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}
        yield f"the expression {regex[:20]}", made(pre_tokenizer=cut)
        put = {"type": "Replace", "pattern": {"Regex": regex}, "content": "b"}
        yield f"the expression {regex[:20]} in a normalizer", made(normalizer=put)
    double = [{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}] * 60
    yield "every letter doubled sixty times", made(normalizer={"type": "Sequence", "normalizers": double})
    prepend = [{"type": "Prepend", "prepend": "a" * 1000}] * 1000
    yield "a million letters before every text", made(normalizer={"type": "Sequence", "normalizers": prepend})
    padding = {
        "strategy": {"Fixed": HUGE},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "a",
    }
    yield "a padding of 2^60", made(padding=padding)
    cut_off = {"direction": "Right", "max_length": 0, "strategy": "LongestFirst", "stride": HUGE}
    yield "a truncation to nothing", made(truncation=cut_off)
    yield "a token of number 2^32", made(model=base["model"] | {"vocab": {"a": 0, "b": (1 << 32) - 1, "aa": 2}})
    added = {
        "id": (1 << 32) - 1,
        "content": "b",
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
    yield "an added token of number 2^32", made(added_tokens=[added])
    yield "lists without end", b'{"model":' * DEEP
    nested: Any = {"type": "Sequence", "pretokenizers": []}
    for _ in range(100):
        nested = {"type": "Sequence", "pretokenizers": [nested]}
    yield "sequences in sequences", made(pre_tokenizer=nested)
    vocabulary = {"type": "Unigram", "unk_id": HUGE, "vocab": [["a", -1e308], ["b", 1e308]], "byte_fallback": True}
    yield "an unknown token of number 2^60", made(model=vocabulary)
    yield "no vocabulary", made(model={"type": "Unigram", "unk_id": 0, "vocab": []})
    yield "one piece of a million letters", made(model=base["model"] | {"vocab": {"a" * 10**6: 0}, "merges": []})
    yield "a charsmap of garbage", made(normalizer={"type": "Precompiled", "precompiled_charsmap": "/////w=="})


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes([*made, number])


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _sentencepieces() -> Bombs:
    piece = _field(1, _field(1, b"a") + b"\x15" + struct.pack("<f", -1.0))
    yield "a piece of 2^60 bytes", _varint(1 << 3 | 2) + _varint(HUGE)
    yield "a number without end", b"\x0a" + b"\xff" * 10**6
    yield "a million empty pieces", b"\x0a\0" * 10**6
    yield "the same piece a hundred thousand times", piece * 100_000
    yield "pieces that grow", b"".join(_field(1, _field(1, b"a" * n)) for n in range(1, 2000))
    yield (
        "all beginnings of a long piece",
        b"".join(_field(1, _field(1, b"a" * n) + b"\x15" + struct.pack("<f", -n)) for n in range(1, 257)),
    )
    for size in (0, 4, (1 << 32) - 1, HUGE & 0xFFFFFFFF):
        charsmap = struct.pack("<I", size) + b"\xff" * 64
        yield f"a table of characters of {size} bytes", piece + _field(3, _field(2, charsmap))
    yield "groups in groups", b"\x0b" * DEEP


def _recordings() -> Bombs:
    from tests.core.test_provenance import sample

    with zipfile.ZipFile(io.BytesIO(sample("frames"))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = next(name for name, data in members.items() if data.startswith(b"{") and b"n_frames" in data)
    told = json.loads(members[manifest])
    for n_frames in (HUGE, 10**6, -1):
        yield f"{n_frames} frames", _zip(members | {manifest: json.dumps(told | {"n_frames": n_frames}).encode()})
    for name, data in _texts():
        yield f"{name} as manifest", _zip(members | {manifest: data})
        for part in members:
            if part != manifest and part.endswith(".json"):
                yield f"{name} as {part}", _zip(members | {part: data})
    for name, data in _npys():
        for part in members:
            if part.endswith(".npy"):
                yield f"{name} as {part}", _zip(members | {part: data})


def _workspaces() -> Bombs:
    from tests.core.test_provenance import sample

    run = {"id": "a" * 8, "name": "a", "is_named": True, "is_hidden": True, "is_pinned": True, "is_current": True}
    tab = {"model_id": "vae/digits", "params": {}, "state": {}, "runs": [run]}
    told = {"format": "manifold-studio workspace", "version": 1, "tabs": [tab], "front": 0}
    member = f"runs/{run['id']}.frames"
    for name, data in _texts():
        yield f"{name} as manifest", _zip({"workspace.json": data})
    for name, tabs in (
        ("a tab for each of millions", [tab] * 20_000),
        ("a tab of runs", [tab | {"runs": [run] * 10**5}]),
    ):
        yield name, _zip({"workspace.json": json.dumps(told | {"tabs": tabs}).encode()})
    for version in (HUGE, -1, True):
        yield f"version {version}", _zip({"workspace.json": json.dumps(told | {"version": version}).encode()})
    manifest = json.dumps(told).encode()
    yield "a place for a front tab beyond all", _zip({"workspace.json": json.dumps(told | {"front": HUGE}).encode()})
    yield "zeros as a recording", _zip({"workspace.json": manifest, member: bytes(64 << 20)})
    for name, data in _recordings():
        yield f"a recording with {name}", _zip({"workspace.json": manifest, member: data})
    inner = _zip({"workspace.json": manifest, member: sample("frames")})
    yield "a workspace as a recording", _zip({"workspace.json": manifest, member: inner})


def _captions() -> Bombs:
    yield "one cell", b'"' + b"a" * (4 << 20)
    yield "quotation marks", b'a.png,"' + b'""' * (1 << 20)
    yield "zeros", b"file,caption\na.png,\0\0\n"
    yield "a million lines", b"a.png,b\n" * 10**6


def _plys() -> Bombs:
    columns = "".join(
        f"property float {name}\n"
        for name in (
            *("x", "y", "z", "rot_3", "opacity"),
            *(f"{a}_{n}" for a in ("f_dc", "scale", "rot") for n in range(3)),
            *(f"f_rest_{n}" for n in range(45)),
        )
    )
    for order in ("ascii", "binary_little_endian"):
        for n in (1, 10**6, 6_500_000, HUGE):
            yield f"{order} {n}", f"ply\nformat {order} 1.0\nelement vertex {n}\n{columns}end_header\n".encode()
        more = f"element other {HUGE}\nproperty int a\nelement vertex 9\n{columns}end_header\n"
        yield f"{order} behind much", f"ply\nformat {order} 1.0\n{more}".encode()
    many = "".join(f"property float a{n}\n" for n in range(DEEP))
    yield "many columns", f"ply\nformat ascii 1.0\nelement vertex 1\n{many}end_header\n".encode()
    yield "many elements", b"ply\nformat ascii 1.0\n" + b"element a 1\n" * DEEP + b"end_header\n"
    yield "spaces", b"ply\nformat ascii 1.0\nelement vertex 1\n" + b" " * 10**6 + b"\nend_header\n"


def _spzs() -> Bombs:
    for n, degree in ((10**6, 3), (3 * 10**6, 0), (6_500_000, 4), ((1 << 32) - 1, 4)):
        head = struct.pack("<4sIIBBBB", b"NGSP", 3, n, degree, 12, 0, 0)
        yield f"zeros for {n}", gzip.compress(head + bytes(min(n * 65, 200 << 20)), 9)
        yield (
            f"frames of {n}",
            struct.pack("<4sIIBBBBI12x", b"NGSP", 4, n, degree, 12, 0, 6, 32) + struct.pack("<12Q", *[40, n * 9] * 6),
        )


def _sogs() -> Bombs:
    files = {"means": ["a.webp", "a.webp"], "scales": ["a.webp"], "quats": ["a.webp"], "sh0": ["a.webp"]}
    book = {"codebook": [0.0] * 256, "mins": [0, 0, 0], "maxs": [1, 1, 1]}
    pixels = np.full((2560, 2560, 4), 255, np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", lossless=True)
    for n in (10**5, 6_500_000, HUGE):
        meta = {"version": 2, "count": n} | {name: book | {"files": names} for name, names in files.items()}
        yield f"one colour for {n}", _zip({"meta.json": json.dumps(meta).encode(), "a.webp": buffer.getvalue()})
    for name, data in _texts():
        yield name, _zip({"meta.json": data})


def _glbs() -> Bombs:
    for name, data in _texts():
        yield name, b"glTF" + struct.pack("<III4s", 2, 20 + len(data), len(data), b"JSON") + data
    data = json.dumps({"extensionsUsed": ["KHR_gaussian_splatting"], "nodes": [{"children": [0] * DEEP}] * 9}).encode()
    yield "nodes of nodes", b"glTF" + struct.pack("<III4s", 2, 20 + len(data), len(data), b"JSON") + data


_TABLE_BOMBS: Final = (("", ".csv", _tables), ("", ".parquet", _parquets))
_CONFIG = (("config.json", "", _texts),)
_MADE: Final[Mapping[str, tuple[tuple[str, str, Callable[[], Bombs]], ...]]] = {
    "safetensors": (("", ".safetensors", _safetensors),),
    "npy": (("", ".npy", _npys),),
    "npz": (("", ".npz", _npzs),),
    "torch": (("", ".pt", _torch_zips),),
    "torch legacy": (("", ".pt", _legacy), ("", ".pt", _torch_zips)),
    "pickle": (("", ".pkl", _pickles),),
    "stylegan": (("", ".pkl", _pickles), ("", ".pt", _torch_zips), ("", ".pt", _legacy)),
    "checkpoint of nerf": (("", ".ckpt", _torch_zips), ("", ".ckpt", _legacy)),
    "resumed": (("", ".checkpoint", _torch_zips),),
    "card": (
        ("digits.json", "", _texts),
        ("digits.json", "", _inside_text(id="vae/digits", title="a", n_params=1, kind="b")),
    ),
    "folder": _CONFIG,
    "hugging face": (
        *_CONFIG,
        ("config.json", "", _inside_text(model_type="llama", hidden_size=8, num_hidden_layers=2)),
    ),
    "seq2seq": (*_CONFIG, ("config.json", "", _inside_text(model_type="t5", num_layers=2, d_model=32))),
    "adapter": (("adapter_config.json", "", _texts), ("adapter_config.json", "", _inside_text(peft_type="LORA", r=2))),
    "xlnet": (*_CONFIG, ("config.json", "", _inside_text(model_type="xlnet", n_layer=2, d_model=16))),
    "chronos": (*_CONFIG, ("config.json", "", _inside_text(model_type="t5", num_layers=2, d_model=16))),
    "lora": (("", ".safetensors", _safetensors),),
    "diffusers": (("model_index.json", "", _texts), *_CONFIG),
    "gguf": (("", ".gguf", _ggufs),),
    "splats ply": (("", ".ply", _plys),),
    "splats packed": (("", ".ply", _plys),),
    "spz": (("", ".spz", _spzs),),
    "sog": (("", ".sog", _sogs), ("meta.json", "", _texts)),
    "splats gltf": (("", ".glb", _glbs),),
    "instant-ngp": (("", ".ingp", _packed_messages), ("", ".msgpack", _messages)),
    "picture": (
        ("", ".png", _pngs),
        ("", ".tiff", _tiffs),
        ("", ".gif", _gifs),
        ("", ".bmp", _bitmaps),
        ("", ".jpg", _jpegs),
        ("", ".webp", _webps),
    ),
    "metadata": (
        ("", ".png", _pngs),
        ("", ".gif", _gifs),
        ("", ".webp", _webps),
        ("", ".wav", _sounds),
        ("", ".mid", _midis),
    ),
    "sound": (("", ".wav", _sounds),),
    "music": (("", ".mid", _midis),),
    "table": _TABLE_BOMBS,
    "tokenizer": (
        ("tokenizer.json", "", _tokenizers),
        ("vocab.json", "", _texts),
        ("tokenizer_config.json", "", _texts),
    ),
    "sentencepiece": (("spiece.model", "", _sentencepieces),),
    "recording": (("", ".frames", _recordings),),
    "workspace": (("", ".manifold", _workspaces),),
    "captions": (("captions.csv", "", _captions),),
    "llff": (("poses_bounds.npy", "", _npys),),
    "transforms": (("transforms.json", "", _texts), ("transforms.json", "", _inside_text(frames=[], fl_x=1, w=2))),
    "settings": (
        ("settings.json", "", _texts),
        ("settings.json", "", _inside_text(version=1, values={}, families={})),
        (
            "settings.json",
            "",
            lambda: iter([("an export without end", json.dumps({"values": {"export": "[" * DEEP}}).encode())]),
        ),
    ),
    "session": (
        ("session.json", "", _texts),
        ("session.json", "", _inside_text(version=1, tabs=[], front=1, is_closed=True)),
    ),
    "trainings": (("training.json", "", _texts), ("model.checkpoint", "", _torch_zips)),
}
"""By reader: in whose place in a sample the file is put, else its ending, and what makes the files."""
