"""Classifier guidance, compiled: what all kinds say about the pixels so far tells how likely each kind is (Bayes).

With pi(c) the chance of kind c after the settled pixels, all alike before the first one, what is said whatever the kind
is p(x) = sum_c pi(c) p(x | c). Drawn is from p(x | k) (p(x | k) / p(x))^s, the formula of classifier-free guidance with
an exact p(x) (Ho & Salimans 2022, arXiv 2207.12598); the ratio is by how much a value makes the kind k likelier, as in
guidance by a classifier (Dhariwal & Nichol 2021, arXiv 2105.05233). Shape letters as in `pixel_tables`.
"""

import math

import numpy as np

from studio.api.kernel import kernel

from .pixel_head_kernel import SMALLEST, settle
from .pixel_maths import exp
from .pixel_tables import DoubleArray, FloatArray, Task


@kernel(is_inner=True)
def decide(told: FloatArray, pictures: FloatArray, task: Task, place: int, row: int, column: int) -> None:
    """Settle a place that lies at (row, column) of the pictures (M, ...), about which (M, V) was told."""
    if not task.evidence.shape[1]:
        task.said[place] = told
        settle(pictures, task, place, row, column)
        return
    _weigh(told, task, place)
    settle(pictures, task, place, row, column)
    _learn(told, task, place)


@kernel(is_inner=True)
def _weigh(told: FloatArray, task: Task, place: int) -> None:
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
def _learn(told: FloatArray, task: Task, place: int) -> None:
    """Count what each kind gave to the values of a place, kept ones too."""
    n_kinds = task.evidence.shape[1]
    for number in range(len(task.labels)):
        value = task.values[number, place]
        for kind in range(n_kinds):
            task.evidence[number, kind] += told[number * n_kinds + kind, value]
