"""The door for a family's recipes: trainings, data sets and judges; imports torch."""

from studio.compute.curve import measuring_frames
from studio.compute.machine import has_fast_bfloat16, machine_name, training_autocast
from studio.compute.stages import Stages
from studio.compute.timed_training import peer_checkpoint, trained_for
from studio.compute.train_settings import TrainSettings
from studio.compute.trained_facts import trained_facts, which_set
from studio.compute.training import DivergedError, Training, TrainStep
from studio.compute.training_loop import Moment, Preview, SlowPreview, Validation, follow_training
from studio.datasets.avatar_layers import AvatarLayers, load_avatar_layers
from studio.datasets.avatar_parts import PART_NAMES, face_colours, part_colours
from studio.datasets.avatars import AVATAR_LABELS, Avatars, artist, load_avatars
from studio.datasets.digits import Digits, load_digits
from studio.datasets.emoji.caption import EXAMPLES as SCENE_EXAMPLES
from studio.datasets.emoji.caption import MEASURED_HOW as SCENE_NOTES
from studio.datasets.emoji.caption import NEARBY as SCENE_NEARBY
from studio.datasets.emoji.caption import caption_of, held_out_prompts, scene_facts
from studio.datasets.emoji.caption import vocabulary as scene_vocabulary
from studio.datasets.emoji.nearest import N_ICONS, nearest_icons
from studio.datasets.emoji.scenes import Scenes, load_scenes
from studio.datasets.emoji.styles import EmojiStyles, load_emoji_styles
from studio.datasets.folder.flat import FlatPictures, is_flat_folder, look_at_flat
from studio.datasets.folder.frames import read_flat_pictures, read_pictures, read_sounds, read_texts, reading_frames
from studio.datasets.folder.pictures import (
    FolderFiles,
    FolderPictures,
    Framing,
    framed,
    left_out_sentence,
    load_folder,
    skipped_sentence,
    walk_folder,
)
from studio.datasets.folder.sounds import FolderSounds, load_sounds, sound_files
from studio.datasets.folder.texts import FolderTexts, is_text_folder, load_text, load_texts
from studio.datasets.glyphs import FIELD_SCALE, Glyphs, load_glyphs
from studio.datasets.molecules import PROPERTIES, Molecules, load_described_molecules, load_molecules
from studio.datasets.music.chorales import Chorales, load_chorales
from studio.datasets.music.notes import INSTRUMENTS, Notes, load_notes
from studio.datasets.nearest_pictures import NearestPictures, distances_to, near_pictures
from studio.datasets.outlines import Outlines, load_outlines, load_shipped_outlines
from studio.datasets.part_maps import PartMaps
from studio.datasets.photos import Photos, load_examples, load_photos
from studio.datasets.python_code import PythonFunctions, load_python
from studio.datasets.python_function import n_statements
from studio.datasets.series import DataSeries, SeriesFacts, load_series
from studio.datasets.shakespeare import Works, load_shakespeare, unseen_passage
from studio.datasets.small import AVATARS_NAME, DIGITS_NAME, read_small, reading_small
from studio.datasets.speech import PHONEMES, VOICELESS, VOICES, WORDS, Speech, load_speech_parts
from studio.datasets.split import Split
from studio.datasets.verses import N_SHARED as N_SHARED_WORDS
from studio.datasets.verses import Verses, load_verses
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
from studio.metrics.scene_judge import (
    SceneJudge,
    SceneScore,
    load_scene_judge,
    random_scene_judge,
    read_score,
    scene_score,
)
from studio.metrics.word_picture import N_SAMPLES as N_JUDGED_SAMPLES
from studio.metrics.word_picture import in_the_middle, word_pictures
