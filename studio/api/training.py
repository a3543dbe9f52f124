"""The door for a family's recipes: trainings, data sets and judges; imports torch."""

from studio.compute.follower import Validation, follow_training
from studio.compute.machine import machine_name
from studio.compute.training import Training, TrainSettings
from studio.datasets.digits import Digits, load_digits
from studio.datasets.glyphs import FIELD_SCALE, Glyphs, load_glyphs
from studio.datasets.split import Split
from studio.metrics.judge import Judge, glyph_ink, load_judge, look_alike_groups

__all__ = [
    "FIELD_SCALE",
    "Digits",
    "Glyphs",
    "Judge",
    "Split",
    "TrainSettings",
    "Training",
    "Validation",
    "follow_training",
    "glyph_ink",
    "load_digits",
    "load_glyphs",
    "load_judge",
    "look_alike_groups",
    "machine_name",
]
