"""Small atlases made by hand, whose every number can be checked in the head."""

import numpy as np

from plugins.vae.shared.atlas import Atlas, AtlasDirection

LETTER_NAMES = ("Plain", "Bold", "Wide", "Slanted")


def directions(n):
    names = ("Weight", "Width", "Slant", *(f"Shape {i}" for i in range(4, n + 1)))
    return tuple(AtlasDirection(name, 0.2 / (i + 1), -2.0, 2.0, i < 3) for i, name in enumerate(names[:n]))


def letter_atlas(n_latent=4):
    """Four typefaces on the axes of the first three numbers; the map shows the first two."""
    places = np.zeros((4, n_latent), np.float32)
    places[1, 0] = places[2, 1] = places[3, 2] = 2.0
    vectors = np.eye(n_latent, dtype=np.float32)
    vectors[0, -1] = 0.5  # not orthogonal, as measured directions are not
    axes = np.eye(2, n_latent, dtype=np.float32)
    mean = np.full(n_latent, 0.25, np.float32)
    return Atlas(directions(n_latent), vectors, places, LETTER_NAMES, None, mean, axes, (3.0, 2.5))


def digit_atlas():
    """Twenty 3s at the left and twenty 7s at the right."""
    rng = np.random.default_rng(1)
    places = rng.normal(0, 0.1, (40, 2)).astype(np.float32)
    places[:20, 0] -= 2
    places[20:, 0] += 2
    labels = np.repeat([3, 7], 20)
    names = tuple(str(label) for label in labels)
    vectors = np.array([[0.8, 0.6], [-0.6, 0.8]], np.float32)
    mean, axes = np.zeros(2, np.float32), np.eye(2, dtype=np.float32)
    return Atlas(directions(2), vectors, places, names, labels, mean, axes, (3.0, 3.0))
