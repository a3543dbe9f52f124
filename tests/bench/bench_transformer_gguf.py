"""SmolLM2-135M in four bits against llama.cpp: the same file, one thread on both sides.

Two environment variables name the folder of the model (as `test_smollm2` says) and a Python in whose environment
`llama-cpp-python` is installed; where one is missing the rows say so.
"""

import json
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.api.engine import limited_threads
from studio.core.pausing import result_of
from studio.core.recording.recording import Recording, RunInfo
from tests.bench.statistic import percentile, seconds
from tests.bench.suite import Figure, UnmeasuredError, bench

FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
N_PROMPT, N_TOKENS, N_PREFILL, N_RUNS = 16, 64, 512, 5
PEER: Final = "llama.cpp, which captures nothing"
_PEER: Final = """
import json, sys, time
from llama_cpp import Llama
path, n_prompt, n_tokens, n_prefill, n_runs = sys.argv[1], *map(int, sys.argv[2:])
model = Llama(model_path=path, n_threads=1, n_threads_batch=1, n_ctx=2048, verbose=False, seed=1)
ids = [100 + 7 * place % 4000 for place in range(n_prefill)]
def write():
    model.reset()
    model.eval(ids[:n_prompt])
    for _ in range(n_tokens):
        model.eval([model.sample(temp=1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0)])
def read():
    model.reset()
    model.eval(ids)
def best(work):
    work()
    found = []
    for _ in range(n_runs):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return sorted(found)[n_runs // 2]
print(json.dumps([best(write), best(read)]))
"""


@bench("transformer.gguf_tokens", "x", at_least=0.6)
def gguf_tokens() -> Figure:
    """Sixteen tokens read and 64 written through the engine into a recording, everything captured."""
    return _against(N_TOKENS, _writing(), _peer_seconds()[0])


@bench("transformer.gguf_words_alone", "x", at_least=0.8)
def gguf_words_alone() -> Figure:
    """The same steps and dice that keep the words alone."""
    return _against(N_TOKENS, _bare_writing(), _peer_seconds()[0])


@bench("transformer.gguf_prefill", "x", at_least=0.35)
def gguf_prefill() -> Figure:
    """A prompt of 512 tokens."""
    return _against(N_PREFILL, _reading(), _peer_seconds()[1])


def _against(n_tokens: int, work: Callable[[], object], peer_s: float) -> Figure:
    """Both in time of the processor: two processes cannot take turns."""
    with limited_threads(1):
        work()
        ours_s = percentile([_processor_seconds(work) for _ in range(N_RUNS)], 50)
    rates = [n_tokens / one for one in (ours_s, peer_s)]
    return Figure(peer_s / ours_s, PEER, 1.0, note=f"ours {rates[0]:.0f} tokens/s, theirs {rates[1]:.0f}")


def _processor_seconds(work: Callable[[], object]) -> float:
    from time import process_time

    begin = process_time()
    seconds(work)
    return process_time() - begin


@cache
def _engine() -> Any:
    from plugins.transformer.importers import GgufImporter
    from plugins.transformer.text.engine import TransformerEngine
    from studio.compute.device import choose_device

    return TransformerEngine.open(result_of(GgufImporter().load(_file())), choose_device("cpu"))


def _file() -> Path:
    path = Path(os.environ.get("MANIFOLD_STUDIO_SMOLLM2", "missing")) / FILE
    if not path.is_file():
        raise UnmeasuredError("MANIFOLD_STUDIO_SMOLLM2 names no folder with the model")
    return path


@cache
def _peer_seconds() -> tuple[float, float]:
    python = os.environ.get("MANIFOLD_STUDIO_LLAMA_CPP", "")
    sizes = map(str, (N_PROMPT, N_TOKENS, N_PREFILL, N_RUNS))
    try:
        done = subprocess.run([python, "-c", _PEER, _file(), *sizes], capture_output=True, check=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        raise UnmeasuredError("MANIFOLD_STUDIO_LLAMA_CPP names no Python with llama-cpp-python") from error
    writing_s, reading_s = json.loads(done.stdout)
    return writing_s, reading_s


def _ids(n_tokens: int) -> list[int]:
    return [100 + 7 * place % 4000 for place in range(n_tokens)]


def _writing() -> Callable[[], None]:
    from plugins.transformer.text.model.reader import DecoderReader
    from plugins.transformer.text.params import TransformerParams

    engine, ids = _engine(), np.array(_ids(N_PROMPT), np.int32)
    params = TransformerParams(seed=1, length=N_TOKENS, temperature=1.0)

    def write() -> None:
        engine._reader = DecoderReader(engine.decoder)  # remembers no text
        recording = Recording(RunInfo("transformer/made", {}, 1))
        for frame in engine.generate(params, {"ids": ids, "prompt": ids}):
            recording.append(frame)

    return write


def _bare_writing() -> Callable[[], None]:
    from plugins.transformer.text.model.reader import DecoderReader
    from plugins.transformer.text.model.sampler import die_roll, drawn_token

    def write() -> None:
        reader, text = DecoderReader(_engine().decoder), _ids(N_PROMPT)
        for _ in range(N_TOKENS):
            text.append(drawn_token(reader.last_log_probabilities(text, N_PROMPT), die_roll(1, len(text))))

    return write


def _reading() -> Callable[[], None]:
    from plugins.transformer.text.model.reader import DecoderReader

    def read() -> None:
        DecoderReader(_engine().decoder).last_log_probabilities(_ids(N_PREFILL), N_PREFILL)

    return read
