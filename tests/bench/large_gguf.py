"""Makes a GGUF file of the shape of LLaMA 2 with 7 billion weights out of random blocks, and writes with it.

    python -m tests.bench.large_gguf FILE N_TOKENS LIMIT_BYTES

opens it in a process that may not have more memory of its own than the limit, and prints the bytes that it had at most.
The mixture is that of Q4_K_M: half of the values' and of the last MLP matrices, and the head, are Q6_K.
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

N_LAYERS, WIDTH, MLP_WIDTH, N_HEADS, N_VOCAB, N_CONTEXT = 32, 4096, 11008, 32, 32_000, 4096
F32, Q4_K, Q6_K = 0, 12, 14
BLOCK_BYTES: Final = {F32: 4, Q4_K: 144, Q6_K: 210}
"""Of 256 numbers, of F32 of one."""
_ALIGNMENT: Final = 32
_CHUNK_BLOCKS: Final = 1 << 16
Array = tuple[str, tuple[int, ...], int]


def write_large_gguf(path: Path) -> int:
    """Write the file, which has random codes and small scales, and return how many weights it has."""
    arrays = list(_arrays())
    with path.open("wb") as file:
        file.write(_header(arrays))
        chunks = {kind: _blocks(kind) for kind in BLOCK_BYTES}
        for _, shape, kind in arrays:
            file.write(bytes(-file.tell() % _ALIGNMENT))
            _write_repeated(file, chunks[kind], _n_bytes(shape, kind))
    return sum(int(np.prod(shape)) for _, shape, _ in arrays)


def _arrays() -> Iterator[Array]:
    """Names, shapes (rows, columns) and kinds, in the order of the file."""
    yield "token_embd.weight", (N_VOCAB, WIDTH), Q4_K
    for layer in range(N_LAYERS):
        better = Q6_K if layer % 2 else Q4_K
        for name in ("attn_norm", "ffn_norm"):
            yield f"blk.{layer}.{name}.weight", (WIDTH,), F32
        for name in ("attn_q", "attn_k", "attn_output"):
            yield f"blk.{layer}.{name}.weight", (WIDTH, WIDTH), Q4_K
        yield f"blk.{layer}.attn_v.weight", (WIDTH, WIDTH), better
        for name in ("ffn_gate", "ffn_up"):
            yield f"blk.{layer}.{name}.weight", (MLP_WIDTH, WIDTH), Q4_K
        yield f"blk.{layer}.ffn_down.weight", (WIDTH, MLP_WIDTH), better
    yield "output_norm.weight", (WIDTH,), F32
    yield "output.weight", (N_VOCAB, WIDTH), Q6_K


def _header(arrays: list[Array]) -> bytes:
    settings = b"".join(_setting(name, value) for name, value in _settings().items())
    claims, offset = [], 0
    for name, shape, kind in arrays:
        columns_first = shape[::-1]
        claims.append(_text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *columns_first, kind, offset))
        offset += -(-_n_bytes(shape, kind) // _ALIGNMENT) * _ALIGNMENT
    counts = struct.pack("<IQQ", 3, len(arrays), len(_settings()))
    return b"GGUF" + counts + settings + b"".join(claims)


def _settings() -> dict[str, Any]:
    pieces = ["<unk>", "<s>", "</s>", *(f"▁word{number}" for number in range(3, N_VOCAB))]
    return {
        "general.architecture": "llama",
        "llama.context_length": N_CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.block_count": N_LAYERS,
        "llama.feed_forward_length": MLP_WIDTH,
        "llama.attention.head_count": N_HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": pieces,
        "tokenizer.ggml.scores": [-float(number) for number in range(N_VOCAB)],
        "tokenizer.ggml.token_type": [2, 3, 3, *[1] * (N_VOCAB - 3)],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
    }


def _setting(name: str, value: Any) -> bytes:
    kind, data = _value(value)
    if not isinstance(value, list):
        return _text(name) + struct.pack("<I", kind) + data
    kind = _value(value[0])[0]
    return _text(name) + struct.pack("<IIQ", 9, kind, len(value)) + b"".join(_value(one)[1] for one in value)


def _value(value: Any) -> tuple[int, bytes]:
    """The format's number of a kind, and the bytes."""
    if isinstance(value, str):
        return 8, _text(value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    return (4, struct.pack("<I", value)) if isinstance(value, int) else (9, b"")


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def _n_bytes(shape: tuple[int, ...], kind: int) -> int:
    n_numbers = int(np.prod(shape))
    return n_numbers * BLOCK_BYTES[kind] // (1 if kind == F32 else 256)


def _blocks(kind: int) -> bytes:
    """Many blocks: numbers of F32 are 1, of the others the codes are random and the scale is that of real weights."""
    if kind == F32:
        return np.ones(WIDTH, "<f4").tobytes()
    blocks = np.random.default_rng(kind).integers(0, 256, (_CHUNK_BLOCKS, BLOCK_BYTES[kind]), dtype=np.uint8)
    scale = np.array([1e-4], "<f2").view(np.uint8)
    if kind == Q6_K:
        blocks[:, 208:210] = scale
    else:
        blocks[:, :2], blocks[:, 2:4] = scale, scale
    return blocks.tobytes()


def _write_repeated(file: BinaryIO, chunk: bytes, n_bytes: int) -> None:
    for begin in range(0, n_bytes, len(chunk)):
        file.write(chunk[: min(len(chunk), n_bytes - begin)])


def main(path: str, n_tokens: int, limit_bytes: int) -> None:
    """Open the file as the program does, write, and print the largest resident memory of this process in bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))

    from plugins.transformer.importers import GgufImporter
    from plugins.transformer.text.engine import TransformerEngine
    from plugins.transformer.text.params import TransformerParams
    from studio.compute.device import choose_device
    from studio.core.pausing import result_of

    source = result_of(GgufImporter().load(Path(path)))
    engine = TransformerEngine.open(source, choose_device("cpu"))
    params = TransformerParams(prompt="word7 word8", length=n_tokens)
    n_written = sum(1 for _ in engine.generate(params))
    assert n_written > n_tokens
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
