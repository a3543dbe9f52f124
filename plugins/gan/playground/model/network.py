"""A small multilayer perceptron in plain numpy with gradients written by hand, and how a gradient becomes a step.

B points in a batch, D numbers of a point, W neurons of a layer, n weights.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
AnyFloat: TypeAlias = npt.NDArray[np.floating]

WIDTH: Final = 32
GENERATOR: Final = (2, WIDTH, WIDTH, 2)
DISCRIMINATOR: Final = (2, WIDTH, WIDTH, 1)
BETAS: Final = (0.5, 0.9)
"""A rival's gradient turns often, so little of it is kept (Radford et al. 2016)."""
EPSILON: Final = 1e-8


def n_weights(widths: Sequence[int]) -> int:
    """How many weights and biases a network of these widths has, input and output included."""
    return sum((before + 1) * after for before, after in itertools.pairwise(widths))


def first_weights(widths: Sequence[int], rng: np.random.Generator) -> Floats:
    """Weights (n,) to begin with: Glorot's normal ones (Glorot and Bengio 2010), biases zero."""
    parts = []
    for before, after in itertools.pairwise(widths):
        scale = np.sqrt(2.0 / (before + after))
        parts += [scale * rng.standard_normal(before * after), np.zeros(after)]
    return np.concatenate(parts).astype(np.float32)


@dataclass(frozen=True, eq=False)
class PerceptronTrace:
    """What a pass leaves for the way back: the inputs of each layer, (B, D) then (B, W) each."""

    inputs: tuple[AnyFloat, ...]


class Perceptron:
    """A network over a flat array of weights; hidden layers squash by tanh, the last one does not.

    Attributes:
        layers: (matrix (before, after), bias (after,)) of each layer, views of `weights`.
    """

    def __init__(self, widths: Sequence[int], weights: AnyFloat) -> None:
        """Raises ValueError where there is another number of weights (n,) than these widths have."""
        if weights.shape != (n_weights(widths),):
            raise ValueError(f"{weights.shape} weights for a network of {tuple(widths)}")
        self.weights = weights
        self.layers: list[tuple[AnyFloat, AnyFloat]] = []
        at = 0
        for before, after in itertools.pairwise(widths):
            matrix = weights[at : at + before * after].reshape(before, after)
            at += before * after
            self.layers.append((matrix, weights[at : at + after]))
            at += after

    def forward(self, x: AnyFloat) -> tuple[AnyFloat, PerceptronTrace]:
        """The outputs (B, last) of inputs (B, D), and what the way back needs."""
        inputs = [x]
        for matrix, bias in self.layers[:-1]:
            inputs.append(np.tanh(inputs[-1] @ matrix + bias))  # (B, W)
        matrix, bias = self.layers[-1]
        return inputs[-1] @ matrix + bias, PerceptronTrace(tuple(inputs))

    def __call__(self, x: AnyFloat) -> AnyFloat:
        """The outputs (B, last) of inputs (B, D)."""
        return self.forward(x)[0]

    def backward(self, trace: PerceptronTrace, slope: AnyFloat) -> AnyFloat:
        """The gradient (n,) of a loss by the weights; `slope` (B, last) is its gradient by the outputs."""
        parts: list[AnyFloat] = []
        for place in range(len(self.layers) - 1, -1, -1):
            below = trace.inputs[place]
            parts += [slope.sum(0), (below.T @ slope).ravel()]
            if place:
                slope = (slope @ self.layers[place][0].T) * (1 - below * below)
        return np.concatenate(parts[::-1])

    def input_slope(self, trace: PerceptronTrace, slope: AnyFloat) -> AnyFloat:
        """The gradient (B, D) of a loss by the inputs; `slope` (B, last) is its gradient by the outputs."""
        for place in range(len(self.layers) - 1, 0, -1):
            below = trace.inputs[place]
            slope = (slope @ self.layers[place][0].T) * (1 - below * below)
        return slope @ self.layers[0][0].T

    def directional_backward(self, trace: PerceptronTrace, way: AnyFloat) -> AnyFloat:
        """The gradient (n,) by the weights of sum_b way_b · (gradient of output b by input b), for one output.

        `way` (B, D) counts as constant. The sum is the output's derivative along `way`: its tangents go forward through
        the network, then both values and tangents go back (Pearlmutter 1994). It is what a penalty on the slope needs.
        """
        tangents = self._tangents(trace, way)
        value_slope = np.zeros_like(trace.inputs[0][:, :1])  # (B, 1), of the sum by the output itself
        tangent_slope = np.ones_like(value_slope)  # and by the output's tangent
        parts: list[AnyFloat] = []
        for place in range(len(self.layers) - 1, -1, -1):
            below, tangent_below = trace.inputs[place], tangents[place]
            parts += [value_slope.sum(0), (below.T @ value_slope + tangent_below.T @ tangent_slope).ravel()]
            if place:
                matrix = self.layers[place][0]
                squash = 1 - below * below  # tanh'
                by_value, by_tangent = value_slope @ matrix.T, tangent_slope @ matrix.T
                # Of h = tanh(a) and its tangent tanh'(a) t, where tanh'(a) t is `tangent_below`; tanh'' = -2 h tanh'.
                value_slope = by_value * squash - 2 * by_tangent * below * tangent_below
                tangent_slope = by_tangent * squash
        return np.concatenate(parts[::-1])

    def _tangents(self, trace: PerceptronTrace, way: AnyFloat) -> list[AnyFloat]:
        """How the inputs of each layer change along `way`, one (B, W) for each layer."""
        tangents = [way]
        for place, (matrix, _) in enumerate(self.layers[:-1]):
            above = trace.inputs[place + 1]
            tangents.append((tangents[-1] @ matrix) * (1 - above * above))
        return tangents


@dataclass(frozen=True, eq=False)
class AdamMoments:
    """What Adam keeps: running means of gradient and squared gradient (n,), and how many steps they hold."""

    mean: AnyFloat
    square: AnyFloat
    n_steps: int = 0


def adam(weights: AnyFloat, gradient: AnyFloat, moments: AdamMoments, rate: float) -> tuple[AnyFloat, AdamMoments]:
    """The weights (n,) after a step down the gradient, and the moments with it; nothing is changed in place."""
    keep, keep_square = BETAS
    n_steps = moments.n_steps + 1
    mean = keep * moments.mean + (1 - keep) * gradient
    square = keep_square * moments.square + (1 - keep_square) * gradient * gradient
    unbiased = np.sqrt(square / (1 - keep_square**n_steps)) + EPSILON
    return weights - rate / (1 - keep**n_steps) * mean / unbiased, AdamMoments(mean, square, n_steps)


def sgd(weights: AnyFloat, gradient: AnyFloat, moments: AdamMoments, rate: float) -> tuple[AnyFloat, AdamMoments]:
    """The weights (n,) a step straight down the gradient; the moments stay as they are."""
    return weights - rate * gradient, moments
