"""The door for a family's recipes: trainings, data sets and judges; imports torch."""

from studio.compute.follower import Moment, SlowPreview, Validation, follow_training
from studio.compute.machine import machine_name
from studio.compute.train_settings import TrainSettings
from studio.compute.training import DivergedError, Training, TrainStep
from studio.datasets.avatars import AVATAR_LABELS, Avatars, load_avatars
from studio.datasets.digits import Digits, load_digits
from studio.datasets.folder import FolderPictures, load_folder, skipped_sentence
from studio.datasets.glyphs import FIELD_SCALE, Glyphs, load_glyphs
from studio.datasets.split import Split
from studio.metrics.distance import features_of, kernel_distance, precision_recall, random_judge
from studio.metrics.judge import AVATARS, Judge, JudgeConfig, glyph_ink, load_judge, look_alike_groups
from studio.metrics.picture_quality import psnr_db, ssim
from studio.metrics.recipe import ClassObjective, Labelled

__all__ = [
    "AVATARS",
    "AVATAR_LABELS",
    "FIELD_SCALE",
    "Avatars",
    "ClassObjective",
    "Digits",
    "DivergedError",
    "FolderPictures",
    "Glyphs",
    "Judge",
    "JudgeConfig",
    "Labelled",
    "Moment",
    "SlowPreview",
    "Split",
    "TrainSettings",
    "TrainStep",
    "Training",
    "Validation",
    "features_of",
    "follow_training",
    "glyph_ink",
    "kernel_distance",
    "load_avatars",
    "load_digits",
    "load_folder",
    "load_glyphs",
    "load_judge",
    "look_alike_groups",
    "machine_name",
    "precision_recall",
    "psnr_db",
    "random_judge",
    "skipped_sentence",
    "ssim",
]
