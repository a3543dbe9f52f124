"""Row LSTMs pixel by pixel: what the row above gives is computed once a row, the gates for one pixel at a time.

Shape letters as in `pixel_tables`.
"""

import numpy as np

from studio.api.kernel import kernel

from .pixel_guidance_kernel import decide
from .pixel_head_kernel import tell
from .pixel_maths import add_products, sigmoid, tanh
from .pixel_tables import FloatArray, RowMemory, RowWeights, Task


@kernel()
def go_on(weights: RowWeights, memory: RowMemory, task: Task, first: int, last: int) -> None:
    """Settle the places from `first` up to `last`; all before them have been settled by earlier calls."""
    size, reach = memory.cells.shape[2], weights.first_left.shape[1]
    seen = np.empty((len(task.passes), len(weights.first_bias)), np.float32)
    told = np.empty((len(task.passes), task.said.shape[2]), np.float32)
    for place in range(first, last):
        row, column = place // size, place % size
        if not column:
            _look_up(weights, memory, task, row)
            memory.left[:] = np.float32(0.0)
        _read_picture(weights, memory, row, column, seen)
        for layer in range(len(weights.out)):
            _look_left(weights, memory, layer, column, seen)
        tell(seen, weights.head, told)
        decide(told, memory.pictures, task, place, row + reach, column + reach)


@kernel(is_inner=True)
def _look_up(weights: RowWeights, memory: RowMemory, task: Task, row: int) -> None:
    """What the kinds and the states of the row above give to the gates of a new row."""
    width = len(weights.first_bias)
    for layer in range(len(weights.out)):
        for number in range(len(task.passes)):
            above = memory.above[layer, number]
            above[:] = weights.bias[layer] + weights.labels[layer, task.passes[number]]
            if not layer and memory.kind_maps.shape[1]:
                above += memory.kind_maps[memory.map_of[number], row]
            add_products(weights.states[layer], memory.hidden[layer, number], width, above)


@kernel(is_inner=True)
def _read_picture(weights: RowWeights, memory: RowMemory, row: int, column: int, seen: FloatArray) -> None:
    """The masked first layer at one pixel, (M, D)."""
    reach = weights.first_left.shape[1]
    for number in range(len(seen)):
        here = seen[number : number + 1]
        here[0] = weights.first_bias
        for tap in range(reach):
            above = memory.pictures[number, row + tap, column : column + 2 * reach + 1]
            add_products(weights.first_above[tap], above, 0, here)
        left = memory.pictures[number, row + reach, column : column + reach]
        add_products(weights.first_left, left, 0, here)


@kernel(is_inner=True)
def _look_left(weights: RowWeights, memory: RowMemory, layer: int, column: int, seen: FloatArray) -> None:
    """One layer at one pixel: adds to what was seen (M, D), and keeps its state."""
    n, width = seen.shape
    n_columns = memory.left.shape[1]
    memory.left[layer, column % n_columns] = seen
    gates, shown = np.empty((n, 4 * width), np.float32), np.empty((n, width), np.float32)
    for number in range(n):
        gates[number] = memory.above[layer, number, column]
    for tap in range(n_columns):
        left = memory.left[layer, (column + 1 + tap) % n_columns]
        add_products(weights.inputs[layer, tap], left.ravel(), width, gates)
    start = (column + n_columns - 1) * width
    for number in range(n):
        cell = memory.cells[layer, number, column]
        _step(gates[number], cell, shown[number])
        memory.hidden[layer, number, start : start + width] = shown[number]
        seen[number] += weights.out_bias[layer]
    add_products(weights.out[layer], shown.ravel(), width, seen)


@kernel(is_inner=True)
def _step(gates: FloatArray, cell: FloatArray, shown: FloatArray) -> None:
    """The LSTM's formula: gates (4D,) to keep, write and show, and what is new; cell and shown (D,)."""
    width = len(cell)
    for number in range(width):
        kept, written = sigmoid(gates[number]), sigmoid(gates[width + number])
        cell[number] = kept * cell[number] + written * tanh(gates[3 * width + number])
        shown[number] = sigmoid(gates[2 * width + number]) * tanh(cell[number])
