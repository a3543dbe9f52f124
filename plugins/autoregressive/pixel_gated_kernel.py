"""A gated PixelCNN pixel by pixel: its vertical stack once a row, its horizontal one from what is kept of the row.

Ramachandran et al. 2017 (arXiv 1704.06001). Shape letters as in `pixel_tables`.
"""

import numpy as np

from studio.api.kernel import kernel

from .pixel_guidance_kernel import decide
from .pixel_head_kernel import tell
from .pixel_maths import add_products, gate
from .pixel_tables import FloatArray, GatedMemory, GatedWeights, Task


@kernel()
def go_on(weights: GatedWeights, memory: GatedMemory, task: Task, first: int, last: int) -> None:
    """Settle the places from `first` up to `last`; all before them have been settled by earlier calls."""
    size, reach = memory.across.shape[2], weights.first_horizontal.shape[1]
    seen = np.empty((len(task.passes), weights.out.shape[1]), np.float32)
    skipped = np.empty((len(task.passes), len(weights.skip_bias)), np.float32)
    told = np.empty((len(task.passes), task.said.shape[2]), np.float32)
    for place in range(first, last):
        row, column = place // size, place % size
        if not column:
            _look_up(weights, memory, task, row)
            memory.left[:] = np.float32(0.0)
        _look_left(weights, memory, row, column, seen, skipped)
        tell(skipped if len(weights.skip_bias) else seen, weights.head, told)
        decide(told, memory.pictures, task, place, row + reach, column + reach)


@kernel(is_inner=True)
def _look_up(weights: GatedWeights, memory: GatedMemory, task: Task, row: int) -> None:
    """The vertical stack of a row, of which all rows above are settled."""
    n_layers, width = weights.out.shape[0], weights.out.shape[1]
    n_rows, size = memory.rows.shape[1], memory.across.shape[2]
    margin = (n_rows - 1) * width
    maps = np.empty((size, 2 * width), np.float32)
    for layer in range(n_layers):
        for number in range(len(task.passes)):
            kind = weights.labels[layer, task.passes[number]]
            maps[:] = weights.vertical_bias[layer] + kind[: 2 * width]
            if layer:
                for tap in range(n_rows):
                    above = memory.rows[layer - 1, (row + 1 + tap) % n_rows, number]
                    add_products(weights.vertical[layer - 1, tap], above, width, maps)
            else:
                for tap in range(len(weights.first_vertical)):
                    add_products(weights.first_vertical[tap], memory.pictures[number, row + tap], 1, maps)
            handed = memory.across[layer, number]
            handed[:] = weights.horizontal_bias[layer] + kind[2 * width :]
            if not layer and memory.kind_maps.shape[1]:
                said = memory.kind_maps[memory.map_of[number], row]
                maps += said[:, : 2 * width]
                handed += said[:, 2 * width :]
            add_products(weights.across[layer], maps.ravel(), 2 * width, handed)
            kept = memory.rows[layer, row % n_rows, number]
            gate(maps, kept[margin : len(kept) - margin].reshape(size, width))


@kernel(is_inner=True)
def _look_left(
    weights: GatedWeights, memory: GatedMemory, row: int, column: int, seen: FloatArray, skipped: FloatArray
) -> None:
    """The horizontal stack of one pixel; what its last layer gives goes into `seen` (M, D), all skips into the other.

    `skipped` is (M, S).
    """
    n, width = seen.shape
    reach, n_columns = weights.first_horizontal.shape[1], memory.left.shape[1]
    maps, gated = np.empty((n, 2 * width), np.float32), np.empty((n, width), np.float32)
    for layer in range(weights.out.shape[0]):
        for number in range(n):
            maps[number] = memory.across[layer, number, column]
        if layer:
            for tap in range(n_columns):
                left = memory.left[layer - 1, (column + 1 + tap) % n_columns]
                add_products(weights.horizontal[layer - 1, tap], left.ravel(), width, maps)
        else:
            for number in range(n):
                left = memory.pictures[number, row + reach, column : column + reach]
                add_products(weights.first_horizontal, left, 0, maps[number : number + 1])
            seen[:] = np.float32(0.0)
            skipped[:] = weights.skip_bias
        gate(maps, gated)
        for number in range(n):
            seen[number] += weights.out_bias[layer]
        add_products(weights.out[layer], gated.ravel(), width, seen)
        add_products(weights.skip[layer], seen.ravel(), width, skipped)
        memory.left[layer, column % n_columns] = seen
