"""What a model that learns writes by now, for the frames of its training."""

import copy
from collections.abc import Generator
from typing import Any, Final

from torch import nn

from studio.api.training import Moment, SlowPreview
from studio.core.frame import whole_frames
from studio.core.thinning import LogThinning

from .engine import TransformerEngine
from .model import Decoder
from .params import SampleParams
from .tokenizer import TextTokenizer

SELDOM: Final = LogThinning(dense=1, growth=1.3, first=20)
N_TOKENS: Final = 64
TEMPERATURE: Final = 0.8


def text_preview(tokenizer: TextTokenizer, prompt: str, seed: int) -> SlowPreview:
    """The same prompt gone on with by the averaged weights, from the same dice."""
    params = SampleParams(prompt=prompt, seed=seed, length=N_TOKENS, temperature=TEMPERATURE)

    def draw(average: nn.Module, _: int) -> Generator[Any, None, Moment]:
        assert isinstance(average, Decoder)
        engine, views = TransformerEngine(copy.deepcopy(average).cpu().eval(), tokenizer), {}
        for frame in whole_frames(engine.generate(params)):
            views = {"text": frame.views["text"]}
            yield
        return Moment(views)

    return SlowPreview(draw, SELDOM)
