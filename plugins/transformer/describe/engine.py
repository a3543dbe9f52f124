"""A describer ready to work: each step of its search for words is a frame. No Qt."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Self

import numpy as np
import torch

from studio.api.engine import Device, Engine, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text.byte_tokens import END_ID
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import ByteArray, Field, Image, State
from studio.nn.pausing_layers import pause_between_layers

from ..text.model.tokenizer import vocabulary_of
from ..translate.engine import lanes_frame
from ..translate.model.beam import Beam, Lane
from ..translate.model.encoder_decoder import Memory
from ..translate.state import TranslationStart
from .model.captioner import picture_reader
from .model.weights import OpenCaptioner, load_captioner
from .params import DescribeParams
from .state import MAX_ASKED, DescriberInfo, DescribeStart, check_picture, read_start, started

MOST_SAID: Final = 64
"""Tokens of a sentence about a face."""
FAR_NATS: Final = 7.0
"""A thousandth of the best."""
_MARKS: Final = ("?", "!", ".")


def described_frame(
    start: DescribeStart, odd: tuple[float, float], lanes: Sequence[Lane], most: int, vocabulary: TextVocabulary
) -> Frame:
    """The lanes of one step, whose question is left out of what is shown."""
    n_asked = len(start.asked)
    said = [
        replace(lane, ids=lane.ids[n_asked:], logs=lane.logs[n_asked:], nexts=lane.nexts[n_asked:]) for lane in lanes
    ]
    n_said = max(len(one.ids) for one in said)
    frame = lanes_frame(TranslationStart((), start.forced), n_said, said, 0.0, most - n_asked, vocabulary)
    assert frame.state is not None
    state = {name: value for name, value in frame.state.items() if name != "source"}
    looks = np.stack([one.look for one in said[0].nexts]).astype(np.float32)
    state |= started(start.picture, start.asked, start.forced) | {
        "step": state["step"],
        "odd": np.array(odd, np.float32),
        "looks": np.round(255 * looks / np.maximum(looks.max(1, keepdims=True), 1e-9)).astype(np.uint8),
    }
    side = round(looks.shape[1] ** 0.5)
    heat = Field(looks[-1].reshape(side, side), "attention", 0.0, float(looks[-1].max()))
    views = {**frame.views, "picture": Image(start.picture), "looks": heat}
    return replace(frame, views=views, scalars={**frame.scalars, "oddness": odd[0]}, state=state)


class DescribeEngine(Engine):
    """One describer.

    A search is deterministic: a branch makes its lanes again from the forced tokens on, and so repeats its run bit for
    bit, also one that was saved.
    """

    def __init__(self, model: OpenCaptioner) -> None:
        self.network, self.tokenizer, self.words, self.faces = model.network, model.tokenizer, model.words, model.faces
        self.pauses = pause_between_layers(model.network)
        self.vocabulary = vocabulary_of(model.tokenizer)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        model = load_captioner(source.path)
        model.network.to(device.torch_device)
        return cls(model)

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> DescriberInfo:
        """What a panel has to know."""
        return DescriberInfo(self.vocabulary, self.words, self.faces)

    def cut(self, question: str) -> tuple[int, ...]:
        """The tokens of a question, which may begin small and lack its mark; none where nothing is asked.

        Raises:
            UserError: it is too long.
        """
        text = " ".join(question.split())
        if not text:
            return ()
        text = text[0].upper() + text[1:] + ("" if text.endswith(_MARKS) else "?")
        ids = tuple(one for one in self.tokenizer.encode(text, False) if one != END_ID)
        if len(ids) > MAX_ASKED:
            raise UserError(
                N_("The question is too long for this model."),
                N_("Ask in one short sentence, about one or two things."),
            )
        return ids

    def generate(self, params: DescribeParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the lanes before the first token, then after each step until all have ended.

        A state is a frame's, or one that `state.started` made, or a picture alone; what it has stands, the rest follows
        from the parameters. Its step is the first one that is shown.
        """
        begin = self._begin(params, start)
        n_asked = len(begin.asked)
        most = min(n_asked + MOST_SAID, self.network.config.n_context - 1)
        memory, odd = self._look_at(begin.picture)
        search = Beam(picture_reader(self.network, memory), params.lanes, 0.0, most, END_ID)
        for lanes in search.steps([*begin.asked, *begin.forced]):
            frame, is_decided = described_frame(begin, odd, lanes, most, self.vocabulary), _is_decided(lanes)
            if frame.step >= begin.step or is_decided:
                yield frame
            if is_decided:
                return

    @torch.inference_mode()
    def _look_at(self, picture: ByteArray) -> tuple[Memory, tuple[float, float]]:
        device = self.network.tokens.weight.device
        pixels = torch.tensor(picture, device=device).permute(2, 0, 1)[None].float() / 255
        patches = self.network.patches(pixels)
        odd = float(self.network.oddness(patches)), float(self.network.familiar_limit)
        return self.network.remembered(patches, None), odd

    def _begin(self, params: DescribeParams, start: State | None) -> DescribeStart:
        if start is not None and "asked" in start:
            config = self.network.config
            return read_start(start, config.n_vocab, config.n_context - 1)
        picture = self.faces[(params.seed - 1) % len(self.faces)] if start is None else start.get("picture")
        if picture is None:
            raise UserError(N_("There is no picture to describe."))
        check_picture(picture)
        return DescribeStart(picture, self.cut(params.prompt))


def _is_decided(lanes: Sequence[Lane]) -> bool:
    """Whether the best lane has ended, and each other one too or is so unlikely that its end is of no interest."""
    least = lanes[0].score(0.0) - FAR_NATS
    return lanes[0].is_over and all(lane.is_over or lane.score(0.0) < least for lane in lanes)
