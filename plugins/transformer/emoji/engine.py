"""A drawer ready to work: each block of tokens that it writes is a frame. No Qt."""

from collections.abc import Iterator
from typing import Final, Self

import numpy as np
import torch
from torch import Tensor

from studio.api.engine import Device, Engine, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import ByteArray, State
from studio.nn.pausing_layers import pause_between_layers

from .frames import covered, picture_frame
from .model.sampling import Asking, Written, pictures_of, written
from .model.weights import load_drawer
from .model.writer import Drawer
from .orders import Order
from .params import MOST_CHARS, EmojiParams
from .state import DrawerInfo, PictureStart, TokenChoices, read_start, started
from .words import WordTable

LEAST_BITS: Final = 2.0**-16


class EmojiEngine(Engine):
    """One drawer: a coder of pictures and a writer of tokens for either order.

    The draw of each token follows from seed and block alone, so that a branch repeats its run to the bit.
    """

    def __init__(self, drawer: Drawer) -> None:
        self.drawer, self.words = drawer, WordTable(drawer.config.words)
        self.pauses = pause_between_layers(drawer)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_drawer(source.path).to(device.torch_device))

    def close(self) -> None:
        """Free the weights."""
        del self.drawer

    def about(self) -> DrawerInfo:
        """What a panel has to know."""
        drawer = self.drawer
        return DrawerInfo(drawer.by_scale.order, drawer.by_line.order, frozenset(drawer.config.words))

    def generate(self, params: EmojiParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the picture after each block of tokens; a start is a frame's state, whose frame comes first.

        Raises:
            UserError: the sentence is empty, or the state is of another model.
        """
        text = params.prompt.strip()[:MOST_CHARS]
        if not text:
            raise UserError(N_("There is nothing to draw."), N_("Write what you want to see in the picture."))
        writer = self.drawer.writer(params.is_by_line)
        order, coder = writer.order, self.drawer.coder
        begin = PictureStart() if start is None else read_start(start, order, coder.config.n_codes)
        known = torch.tensor([begin.tokens], dtype=torch.int64, device=coder.quantiser.codes.device)
        asking = Asking((text,), (params.seed,), params.guidance, params.variety)
        marks: list[Written] = []
        for block, step in enumerate(written(writer, coder.quantiser, self.words, asking, known)):
            marks.append(step)
            if order.ends[block] >= len(begin.tokens):
                yield picture_frame(order, block, self._pixels(order, step.tokens)[0], _state(begin, order, marks))

    def choices(self, state: State, token: int) -> TokenChoices:
        """What a token of a frame might have been, and the picture with each of them at the time of its block."""
        is_by_line = bool(state["by_line"][0])
        order = self.drawer.writer(is_by_line).order
        end = len(state["tokens"]) if is_by_line else order.ends[order.block_of(token)]
        ids = state["next_ids"][token]
        rows = np.repeat(state["tokens"][None, :end], len(ids), 0)
        rows[:, token] = ids
        pictures = self._pixels(order, torch.from_numpy(rows).long())
        shares = state["next_shares"][token].astype(np.float32)
        shown = np.stack([covered(one, order, end) for one in pictures])
        return TokenChoices(token, ids, shares, int(state["tokens"][token]), shown)

    def _pixels(self, order: Order, tokens: Tensor) -> ByteArray:
        """(B, H, W, 3) of the first tokens (B, n)."""
        found = pictures_of(self.drawer.coder, order, tokens.to(self.drawer.coder.quantiser.codes.device))
        pixels: ByteArray = (found * 255).round().byte().movedim(1, 3).cpu().numpy()
        return np.ascontiguousarray(pixels)


def _state(begin: PictureStart, order: Order, marks: list[Written]) -> State:
    """All that is known of one picture after some blocks."""
    shares = torch.cat([one.shares[0] for one in marks]).clamp_min(LEAST_BITS)
    return started(order.is_by_line, marks[-1].tokens[0].cpu().numpy(), begin.forced) | {
        "bits": (-shares.log2()).cpu().numpy().astype(np.float16),
        "next_ids": torch.cat([one.next_ids[0] for one in marks]).cpu().numpy().astype(np.int32),
        "next_shares": torch.cat([one.next_shares[0] for one in marks]).cpu().numpy().astype(np.float16),
    }
