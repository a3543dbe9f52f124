"""What a frame shows of a picture that is being drawn. No torch."""

import numpy as np

from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import ByteArray, Field, FloatArray, Image, State

from .orders import Order
from .state import UNKNOWN

MOST_BITS = 10.0


def picture_frame(order: Order, block: int, pixels: ByteArray, state: State) -> Frame:
    """The frame after a block: pixels (H, W, 3) of all that is written."""
    n, blocks = len(state["tokens"]), order.blocks
    newest = state["bits"][n - blocks[block] :].astype(np.float32)
    if order.is_by_line:
        label = N_("Cell {n} of {all}").format(n=n, all=order.n_tokens)
    else:
        label = N_("{n} × {n} tokens").format(n=order.scales[block])
    return Frame(
        block,
        len(blocks),
        label,
        {
            "picture": Image(covered(pixels, order, n)),
            "tokens": Field(bit_map(order, block, state["bits"]), "surprise", 0.0, MOST_BITS),
        },
        {"bits": float(newest.mean())},
        state,
    )


def covered(pixels: ByteArray, order: Order, n_tokens: int) -> ByteArray:
    """Pixels (H, W, 3), grey where no token stands yet."""
    if not order.is_by_line or n_tokens == order.n_tokens:
        return pixels
    there = np.arange(order.side**2) < -(-n_tokens // len(order.scales))
    cell = len(pixels) // order.side
    mask = there.reshape(order.side, order.side).repeat(cell, 0).repeat(cell, 1)
    return np.where(mask[..., None], pixels, np.array(UNKNOWN, np.uint8))


def bit_map(order: Order, block: int, bits: FloatArray) -> FloatArray:
    """(S, S) how surprising the newest token of each cell was at the scale of a block, 0 where there is none."""
    scale = order.scale_of(block)
    found = np.zeros((scale, scale), np.float32)
    for row in range(scale):
        for column in range(scale):
            token = order.token_at(block, row, column)
            if token < len(bits):
                found[row, column] = bits[token]
    return found
