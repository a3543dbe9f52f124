"""The door for a family's recipes: trainings, data sets and judges; imports torch."""

from studio.compute.curve import measuring_frames
from studio.compute.machine import machine_name
from studio.compute.precision import has_fast_bfloat16, training_autocast
from studio.compute.stages import Stages
from studio.compute.timed_training import peer_checkpoint, trained_for
from studio.compute.train_settings import TrainSettings
from studio.compute.trained_facts import trained_facts, which_set
from studio.compute.training import DivergedError, Training, TrainStep
from studio.compute.training_loop import Moment, Preview, SlowPreview, Validation, follow_training
from studio.datasets.avatars import AVATAR_LABELS, Avatars, load_avatars
from studio.datasets.chorales import Chorales, load_chorales
from studio.datasets.digits import Digits, load_digits
from studio.datasets.emoji.caption import EXAMPLES as SCENE_EXAMPLES
from studio.datasets.emoji.caption import NEARBY as SCENE_NEARBY
from studio.datasets.emoji.caption import caption_of
from studio.datasets.emoji.caption import vocabulary as scene_vocabulary
from studio.datasets.emoji.nearest import N_ICONS, nearest_icons
from studio.datasets.emoji.scenes import Scenes, load_scenes
from studio.datasets.emoji.styles import EmojiStyles, load_emoji_styles
from studio.datasets.folder.frames import read_pictures, read_sounds, read_texts, reading_frames
from studio.datasets.folder.pictures import FolderPictures, framed, left_out_sentence, skipped_sentence
from studio.datasets.folder.sounds import FolderSounds, load_sounds, sound_files
from studio.datasets.folder.texts import FolderTexts, is_text_folder, load_texts
from studio.datasets.glyphs import FIELD_SCALE, Glyphs, load_glyphs
from studio.datasets.nearest_pictures import NearestPictures, distances_to, near_pictures
from studio.datasets.notes import INSTRUMENTS, Notes, load_notes
from studio.datasets.outlines import Outlines, load_outlines, load_shipped_outlines
from studio.datasets.photos import Photos, load_examples, load_photos
from studio.datasets.python_code import PythonFunctions, load_python
from studio.datasets.python_function import n_statements
from studio.datasets.series import DataSeries, SeriesFacts, load_series
from studio.datasets.shakespeare import Works, load_shakespeare
from studio.datasets.small import AVATARS_NAME, DIGITS_NAME, read_small, reading_small
from studio.datasets.speech import PHONEMES, VOICELESS, VOICES, WORDS, Speech, load_speech_parts
from studio.datasets.split import Split
from studio.metrics.distance import (
    FeatureJudge,
    KernelDistance,
    PictureLikeness,
    features_of,
    kernel_distance,
    picture_likeness,
    random_judge,
)
from studio.metrics.judge import AVATARS, Judge, JudgeConfig, glyph_ink, load_judge, look_alike_groups
from studio.metrics.note_picture import note_pictures
from studio.metrics.picture_quality import psnr_db, ssim
from studio.metrics.pitch import pitch_hz
from studio.metrics.recipe import ClassObjective, Labelled
from studio.metrics.scene_judge import SceneJudge, SceneScore, load_scene_judge, random_scene_judge, scene_score
from studio.metrics.word_picture import N_SAMPLES as N_JUDGED_SAMPLES
from studio.metrics.word_picture import in_the_middle, word_pictures

__all__ = [
    "AVATARS",
    "AVATARS_NAME",
    "AVATAR_LABELS",
    "DIGITS_NAME",
    "FIELD_SCALE",
    "INSTRUMENTS",
    "N_ICONS",
    "N_JUDGED_SAMPLES",
    "PHONEMES",
    "SCENE_EXAMPLES",
    "SCENE_NEARBY",
    "VOICELESS",
    "VOICES",
    "WORDS",
    "Avatars",
    "Chorales",
    "ClassObjective",
    "DataSeries",
    "Digits",
    "DivergedError",
    "EmojiStyles",
    "FeatureJudge",
    "FolderPictures",
    "FolderSounds",
    "FolderTexts",
    "Glyphs",
    "Judge",
    "JudgeConfig",
    "KernelDistance",
    "Labelled",
    "Moment",
    "NearestPictures",
    "Notes",
    "Outlines",
    "Photos",
    "PictureLikeness",
    "Preview",
    "PythonFunctions",
    "SceneJudge",
    "SceneScore",
    "Scenes",
    "SeriesFacts",
    "SlowPreview",
    "Speech",
    "Split",
    "Stages",
    "TrainSettings",
    "TrainStep",
    "Training",
    "Validation",
    "Works",
    "caption_of",
    "distances_to",
    "features_of",
    "follow_training",
    "framed",
    "glyph_ink",
    "has_fast_bfloat16",
    "in_the_middle",
    "is_text_folder",
    "kernel_distance",
    "left_out_sentence",
    "load_avatars",
    "load_chorales",
    "load_digits",
    "load_emoji_styles",
    "load_examples",
    "load_glyphs",
    "load_judge",
    "load_notes",
    "load_outlines",
    "load_photos",
    "load_python",
    "load_scene_judge",
    "load_scenes",
    "load_series",
    "load_shakespeare",
    "load_shipped_outlines",
    "load_sounds",
    "load_speech_parts",
    "load_texts",
    "look_alike_groups",
    "machine_name",
    "measuring_frames",
    "n_statements",
    "near_pictures",
    "nearest_icons",
    "note_pictures",
    "peer_checkpoint",
    "picture_likeness",
    "pitch_hz",
    "psnr_db",
    "random_judge",
    "random_scene_judge",
    "read_pictures",
    "read_small",
    "read_sounds",
    "read_texts",
    "reading_frames",
    "reading_small",
    "scene_score",
    "scene_vocabulary",
    "skipped_sentence",
    "sound_files",
    "ssim",
    "trained_facts",
    "trained_for",
    "training_autocast",
    "which_set",
    "word_pictures",
]
