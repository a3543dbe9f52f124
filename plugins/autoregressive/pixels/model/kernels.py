"""Pictures pixel by pixel, compiled: classifier guidance, a gated PixelCNN, and Row LSTMs.

With pi(c) the chance of kind c after the settled pixels, all alike before the first one, what is said whatever the kind
is p(x) = sum_c pi(c) p(x | c). Drawn is from p(x | k) (p(x | k) / p(x))^s, the formula of classifier-free guidance with
an exact p(x) (Ho & Salimans 2022, arXiv 2207.12598); the ratio is by how much a value makes the kind k likelier, as in
guidance by a classifier (Dhariwal & Nichol 2021, arXiv 2105.05233).

Ramachandran et al. 2017 (arXiv 1704.06001).

Shape letters as in `shared.kernel_tables`.
"""

import math

import numpy as np

from studio.api.kernel import kernel

from ...shared.model.kernel_maths import SMALLEST, add_products, exp, gate, settle, sigmoid, tanh, tell
from ...shared.model.kernel_tables import (
    DoubleArray,
    FloatArray,
    GatedMemory,
    GatedWeights,
    PixelTask,
    RowMemory,
    RowWeights,
)


@kernel(is_inner=True)
def decide(told: FloatArray, pictures: FloatArray, task: PixelTask, place: int, row: int, column: int) -> None:
    """Settle a place that lies at (row, column) of the pictures (M, ...), about which (M, V) was told."""
    if not task.evidence.shape[1]:
        task.said[place] = told
        settle(pictures, task, place, row, column)
        return
    _weigh(told, task, place)
    settle(pictures, task, place, row, column)
    _learn(told, task, place)


@kernel(is_inner=True)
def _weigh(told: FloatArray, task: PixelTask, place: int) -> None:
    """Write what the kind asked for says, and the law that follows from what the others say."""
    n_kinds = task.evidence.shape[1]
    chances, mixed = np.empty(n_kinds, np.float32), np.empty(told.shape[1], np.float32)
    for number in range(len(task.labels)):
        each = told[number * n_kinds : (number + 1) * n_kinds]
        own, law = each[task.labels[number]], task.law[place, number]
        task.said[place, number] = own
        _find_chances(task.evidence[number], chances)
        _mix(each, chances, mixed)
        for level in range(len(own)):
            unlike = own[level] - np.float32(math.log(max(mixed[level], SMALLEST)))
            law[level] = own[level] + task.guidance * unlike


@kernel(is_inner=True)
def _find_chances(evidence: DoubleArray, chances: FloatArray) -> None:
    """The chance of each kind, (C,), from the logarithms of what they gave to the settled values."""
    highest, total = evidence.max(), 0.0
    for kind in range(len(evidence)):
        total += math.exp(evidence[kind] - highest)
    for kind in range(len(evidence)):
        chances[kind] = np.float32(math.exp(evidence[kind] - highest) / total)


@kernel(is_inner=True)
def _mix(each: FloatArray, chances: FloatArray, mixed: FloatArray) -> None:
    """The probability of each level (V,) whatever the kind, from the logarithms of each kind's (C, V)."""
    mixed[:] = np.float32(0.0)
    for kind in range(len(each)):
        row, chance = each[kind], chances[kind]
        for level in range(len(row)):
            mixed[level] += chance * exp(row[level])


@kernel(is_inner=True)
def _learn(told: FloatArray, task: PixelTask, place: int) -> None:
    """Count what each kind gave to the values of a place, kept ones too."""
    n_kinds = task.evidence.shape[1]
    for number in range(len(task.labels)):
        value = task.values[number, place]
        for kind in range(n_kinds):
            task.evidence[number, kind] += told[number * n_kinds + kind, value]


@kernel()
def go_on_gated(weights: GatedWeights, memory: GatedMemory, task: PixelTask, first: int, last: int) -> None:
    """Settle the places from `first` up to `last`; all before them have been settled by earlier calls."""
    size, reach = memory.across.shape[2], weights.first_horizontal.shape[1]
    seen = np.empty((len(task.passes), weights.out.shape[1]), np.float32)
    skipped = np.empty((len(task.passes), len(weights.skip_bias)), np.float32)
    told = np.empty((len(task.passes), task.said.shape[2]), np.float32)
    for place in range(first, last):
        row, column = place // size, place % size
        if not column:
            _gated_vertical(weights, memory, task, row)
            memory.left[:] = np.float32(0.0)
        _gated_horizontal(weights, memory, row, column, seen, skipped)
        tell(skipped if len(weights.skip_bias) else seen, weights.head, told)
        decide(told, memory.pictures, task, place, row + reach, column + reach)


@kernel(is_inner=True)
def _gated_vertical(weights: GatedWeights, memory: GatedMemory, task: PixelTask, row: int) -> None:
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
def _gated_horizontal(
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


@kernel()
def go_on_rows(weights: RowWeights, memory: RowMemory, task: PixelTask, first: int, last: int) -> None:
    """Settle the places from `first` up to `last`; all before them have been settled by earlier calls."""
    size, reach = memory.cells.shape[2], weights.first_left.shape[1]
    seen = np.empty((len(task.passes), len(weights.first_bias)), np.float32)
    told = np.empty((len(task.passes), task.said.shape[2]), np.float32)
    for place in range(first, last):
        row, column = place // size, place % size
        if not column:
            _row_above(weights, memory, task, row)
            memory.left[:] = np.float32(0.0)
        _read_row_above(weights, memory, row, column, seen)
        for layer in range(len(weights.out)):
            _row_left(weights, memory, layer, column, seen)
        tell(seen, weights.head, told)
        decide(told, memory.pictures, task, place, row + reach, column + reach)


@kernel(is_inner=True)
def _row_above(weights: RowWeights, memory: RowMemory, task: PixelTask, row: int) -> None:
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
def _read_row_above(weights: RowWeights, memory: RowMemory, row: int, column: int, seen: FloatArray) -> None:
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
def _row_left(weights: RowWeights, memory: RowMemory, layer: int, column: int, seen: FloatArray) -> None:
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
        _row_step(gates[number], cell, shown[number])
        memory.hidden[layer, number, start : start + width] = shown[number]
        seen[number] += weights.out_bias[layer]
    add_products(weights.out[layer], shown.ravel(), width, seen)


@kernel(is_inner=True)
def _row_step(gates: FloatArray, cell: FloatArray, shown: FloatArray) -> None:
    """The LSTM's formula: gates (4D,) to keep, write and show, and what is new; cell and shown (D,)."""
    width = len(cell)
    for number in range(width):
        kept, written = sigmoid(gates[number]), sigmoid(gates[width + number])
        cell[number] = kept * cell[number] + written * tanh(gates[3 * width + number])
        shown[number] = sigmoid(gates[2 * width + number]) * tanh(cell[number])
