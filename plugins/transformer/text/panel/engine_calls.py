"""What the panel asks the engine besides texts; these run on the Lane. T tokens, L layers, N heads."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from studio.core.frame import whole_frames
from studio.core.view import State

from ..chat_template import Message
from ..interpret.ablation import AblationEffect, SwapEffect, TokenAttribution, TokenSwap
from ..interpret.continuation_tree import TreeBlock
from ..model.forms.tokens import TextForm
from ..params import TransformerParams
from ..state import LogitLens, OpenTransformer
from ..trace import TextTrace

if TYPE_CHECKING:
    from ..engine import TransformerEngine

T = TypeVar("T")
Steps: TypeAlias = Generator[Any, None, T]
"""Work that gives way between its parts, and returns its result."""


def about(engine: "TransformerEngine") -> OpenTransformer:
    """The tokens of the open model and its size."""
    return engine.about()


def attention_of(engine: "TransformerEngine", ids: Sequence[int], muted: str) -> npt.NDArray[np.float16]:
    """Attention (L, N, T, T) of all heads over these tokens."""
    return engine.attention(ids, muted)


def logit_lens_of(engine: "TransformerEngine", ids: Sequence[int], muted: str, pinned: int | None) -> Steps[LogitLens]:
    """What each layer would say after each of these tokens."""
    return engine.layers(ids, muted, pinned)


def logit_lens_at_end_of(engine: "TransformerEngine", ids: Sequence[int], muted: str) -> LogitLens:
    """What each layer would say after the last of these tokens."""
    return engine.path(ids, muted)


def tree_of(
    engine: "TransformerEngine", ids: Sequence[int], width: int, depth: int, muted: str
) -> Steps[Sequence[TreeBlock]]:
    """The likeliest ways on, `width` tokens after each one, `depth` deep."""
    return engine.tree(ids, width, depth, muted)


def effect_of(engine: "TransformerEngine", ids: Sequence[int], muted: str) -> AblationEffect:
    """What comes after these tokens with all of the network, and without what is muted."""
    return engine.effect(ids, muted)


def swapped_in(engine: "TransformerEngine", ids: Sequence[int], swap: TokenSwap, muted: str) -> SwapEffect:
    """What comes after these tokens with a word, and with another one in its place."""
    return engine.swapped(ids, swap, muted)


def form_of(engine: "TransformerEngine", params: TransformerParams) -> TextForm | None:
    """What a text with these settings keeps to; raises UserError where that is unsound."""
    return engine.form(params)


def chat_of(engine: "TransformerEngine", messages: Sequence[Message]) -> str:
    """The prompt that asks for an answer to these messages; raises UserError where the template does not take them."""
    return engine.chat(messages)


def scored(engine: "TransformerEngine", params: TransformerParams, written: str) -> Steps[TextTrace]:
    """What is known of a text that stands behind the prompt of these settings, as the model reads it."""
    run = engine.generate(replace(params, prompt=params.prompt + written, length=0))
    state: State | None = None
    for frame in whole_frames(run):
        state = frame.state
        yield
    assert state is not None  # a text has at least the frame of its prompt
    return TextTrace(state)


def attribution_in(engine: "TransformerEngine", ids: Sequence[int], token: int) -> Steps[TokenAttribution]:
    """How much each of these tokens mattered for `token` to come after them."""
    return engine.mattered(ids, token)
