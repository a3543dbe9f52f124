"""The trainings that make the judges."""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.compute.train_options import TrainOptions
from studio.compute.train_settings import TrainSettings
from studio.compute.trained_facts import trained_facts
from studio.compute.training import Training
from studio.compute.training_loop import Validation, follow_training
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.datasets.avatars import AVATAR_LABELS, load_avatars
from studio.datasets.digits import load_digits
from studio.datasets.emoji.styles import load_emoji_styles
from studio.datasets.glyphs import FIELD_SCALE, load_glyphs
from studio.datasets.music.notes import load_notes
from studio.datasets.speech import load_speech
from studio.datasets.split import Split
from studio.metrics.judge import (
    AVATARS,
    DIGITS,
    GLYPHS,
    LOOK_ALIKES,
    NOTES,
    SPEECH,
    STYLES,
    Judge,
    JudgeConfig,
    glyph_ink,
    look_alike_groups,
    save_judge,
)
from studio.metrics.note_picture import copied_note_pictures, note_pictures
from studio.metrics.scene_recipe import SceneJudgeRecipe
from studio.metrics.style_pictures import copied_style_pictures, style_pictures
from studio.metrics.word_picture import N_COPIES, pictured_speech

N_VALIDATION: Final = 512
PART: Final = 64
ERROR: Final = "read wrong, share"


@dataclass(frozen=True)
class Labelled:
    """Pictures (N, H, W) or (N, 3, H, W), in [0, 1] or uint8, labels (N,) or (N, L), and whether the set is full."""

    pictures: Tensor
    labels: Tensor
    is_full: bool


def digit_pictures(split: Split) -> Labelled:
    """One part of the digits."""
    digits = load_digits(split)
    return Labelled(
        torch.from_numpy(digits.pictures).float() / 255, torch.from_numpy(digits.labels).long(), digits.is_full
    )


def avatar_pictures(split: Split) -> Labelled:
    """One part of the faces, with all labels of each."""
    avatars = load_avatars(split)
    pictures = torch.from_numpy(avatars.pictures).movedim(3, 1).contiguous()  # (N, 3, 64, 64)
    return Labelled(pictures, torch.from_numpy(avatars.labels).long(), avatars.is_full)


def glyph_pictures(split: Split) -> Labelled:
    """One part of the letterforms, glyph by glyph, as the judge sees them."""
    glyphs = load_glyphs(split)
    fields = torch.from_numpy(glyphs.fields).flatten(0, 1)  # (F 62, 64, 64)
    ink = torch.cat([glyph_ink(part.float() / FIELD_SCALE).half() for part in torch.split(fields, 2048)])
    return Labelled(ink, torch.arange(62).repeat(len(glyphs.names)), glyphs.is_full)


def pictured_notes(split: Split) -> Labelled:
    """One part of the notes as spectrograms; those that are learnt from several times, disturbed."""
    notes = load_notes(split)
    if split is Split.TRAIN:
        return Labelled(*copied_note_pictures(notes), notes.is_full)
    return Labelled(note_pictures(notes.sound()), torch.from_numpy(notes.instruments).long(), notes.is_full)


def pictured_words(split: Split) -> Labelled:
    """One part of the spoken digits as spectrograms; those that are learnt from several times, disturbed."""
    return Labelled(*pictured_speech(load_speech(split), N_COPIES if split is Split.TRAIN else 1), True)


def emoji_of_styles(split: Split) -> Labelled:
    """One part of the emoji in both art styles; those that are learnt from several times, spoilt."""
    emoji = load_emoji_styles(split)
    prepare = copied_style_pictures if split is Split.TRAIN else style_pictures
    return Labelled(*prepare(emoji), emoji.is_full)


@dataclass(frozen=True)
class JudgeRecipe:
    """How one judge is made: network, pictures, names of several labels, classes that count as one, settings.

    `items` is what its pictures are called in the card.
    """

    id: str
    title: str
    task: str
    config: JudgeConfig
    pictures: Callable[[Split], Labelled]
    settings: TrainSettings
    seed: int
    labels: tuple[str, ...] = ()
    look_alikes: tuple[str, ...] = ()
    n_pictures: int = 64
    minutes: float = 3
    needs_folder: bool = False
    items: str = N_("pictures")

    @property
    def summary(self) -> str:
        """What it is for."""
        return self.task

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per step; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        settings = self.settings.chosen(options.settings, options.n_steps)
        examples = self.pictures(Split.TRAIN)
        objective = ClassObjective(examples, self.n_pictures, self.seed, options.device.torch_device)
        training = Training(Judge(self.config), objective, settings, options.device.torch_device)
        checkpoint = options.out.with_suffix(".checkpoint")
        validation = Validation(partial(self.validate, self.pictures(Split.VALIDATION)), ERROR)
        yield from follow_training(training, checkpoint, options.is_resumed, validation=validation)
        judge = training.average.cpu()
        assert isinstance(judge, Judge)
        save_judge(options.out, judge, self._card(judge, training, examples))

    def validate(self, examples: Labelled, judge: nn.Module) -> Generator[None, None, Mapping[str, float]]:
        """The share of labels of validation pictures that are read wrong, classes of one group counting as one."""
        assert isinstance(judge, Judge)
        device = next(judge.parameters()).device
        pictures, labels = examples.pictures[:N_VALIDATION], self._groups[examples.labels[:N_VALIDATION]]
        n_wrong = 0
        for first in range(0, len(pictures), PART):
            read = judge.read(unit(pictures[first : first + PART]).to(device)).cpu()
            n_wrong += int((self._groups[read] != labels[first : first + PART]).sum())
            yield
        return {ERROR: n_wrong / labels.numel()}

    def _card(self, judge: Judge, training: Training, examples: Labelled) -> dict[str, Any]:
        figures: dict[str, float] = {}
        for part in (Split.VALIDATION, Split.TEST):
            figures |= self._figures(judge, part)
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "licence": "MIT",
            "data": N_("{n:,} training {items}").format(n=len(examples.labels), items=self.items),
            "n_params": sum(weight.numel() for weight in judge.parameters()),
            "figures": figures,
            "trained": trained_facts([training], self.seed, examples.is_full),
            "settings": {**asdict(training.settings), "n_pictures": self.n_pictures},
            "look_alikes": list(self.look_alikes),
        }

    @property
    def _groups(self) -> Tensor:
        return look_alike_groups() if self.look_alikes else torch.arange(self.config.n_classes)

    def _figures(self, judge: Judge, part: Split) -> dict[str, float]:
        shares = shares_right(judge, self.pictures(part), self._groups)
        names = [f"Right on {part.value} {self.items}, {label}, share" for label in self.labels]
        names = names or [f"Right on {part.value} {self.items}, share"]
        return {name: round(share, 4) for name, share in zip(names, shares, strict=True)}


@dataclass(frozen=True)
class ClassObjective:
    """Cross entropy of pictures; grey ones are turned, scaled and moved a little, coloured ones all lie alike."""

    examples: Labelled
    n_pictures: int
    seed: int
    device: torch.device

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss and the share read right of one micro-batch; with several labels, their mean."""
        random = np.random.default_rng([self.seed, step, micro])
        chosen = torch.from_numpy(random.integers(0, len(self.examples.labels), self.n_pictures))
        pictures = unit(self.examples.pictures[chosen])
        pictures = (moved(pictures, random) if pictures.dim() == 3 else pictures).to(self.device)
        labels = self.examples.labels[chosen].to(self.device).view(self.n_pictures, -1)  # (B, L)
        assert isinstance(model, Judge)
        losses, rights = [], []
        for logits, wanted in zip(model.split(model(pictures).float()), labels.T, strict=True):
            losses.append(F.cross_entropy(logits, wanted, label_smoothing=0.05))
            rights.append((logits.argmax(1) == wanted).float().mean())
        return torch.stack(losses).mean(), {"right": torch.stack(rights).mean()}


def unit(pictures: Tensor) -> Tensor:
    """Pictures as float32 in [0, 1], also of uint8."""
    return pictures.float() / 255 if pictures.dtype == torch.uint8 else pictures.float()


def moved(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Pictures (B, H, W) turned by about 6 degrees, sheared, scaled by about 8 % and shifted by about 4 %."""
    n = len(pictures)
    turn, shear = random.normal(0, 0.1, n), random.normal(0, 0.1, n)
    across, down = np.exp(random.normal(0, 0.08, (2, n)))
    shift = random.normal(0, 0.04, (n, 2))
    first = np.stack([np.cos(turn) * across, np.sin(turn) + shear, shift[:, 0]], 1)
    second = np.stack([-np.sin(turn), np.cos(turn) * down, shift[:, 1]], 1)
    theta = torch.from_numpy(np.stack([first, second], 1).astype(np.float32))  # (B, 2, 3)
    grid = F.affine_grid(theta, [n, 1, *pictures.shape[1:]], align_corners=False)
    return F.grid_sample(pictures[:, None], grid, align_corners=False)[:, 0]  # (B, H, W)


def shares_right(judge: Judge, examples: Labelled, groups: Tensor) -> list[float]:
    """The share of pictures of which the judge reads each label right, classes of one group counting as one."""
    read = torch.cat([judge.read(unit(part)) for part in torch.split(examples.pictures, 2048)])
    right = (groups[read] == groups[examples.labels]).float().view(len(read), -1)  # (N, L)
    return [float(share) for share in right.mean(0)]


CLASS_TASK: Final = N_("Says which digit or letter a picture shows; used to measure other models.")
RECIPES: Final = {
    recipe.id: recipe
    for recipe in (
        JudgeRecipe(
            "metrics/digits",
            N_("Judge of digits"),
            CLASS_TASK,
            DIGITS,
            digit_pictures,
            TrainSettings(n_steps=2000, n_micro=2, learning_rate=2e-3, n_warmup=50, n_decay=1200, weight_decay=1e-2),
            seed=101,
        ),
        JudgeRecipe(
            "metrics/glyphs",
            N_("Judge of letters"),
            CLASS_TASK,
            GLYPHS,
            glyph_pictures,
            TrainSettings(n_steps=1200, n_micro=2, learning_rate=2e-3, n_warmup=50, n_decay=800, weight_decay=1e-2),
            seed=102,
            look_alikes=LOOK_ALIKES,
        ),
        JudgeRecipe(
            "metrics/avatars",
            N_("Judge of faces"),
            N_("Says what hair, beard, mouth, eyes, clothes and colours a face has; used to measure other models."),
            AVATARS,
            avatar_pictures,
            TrainSettings(n_steps=500, n_micro=2, learning_rate=2e-3, n_warmup=50, n_decay=200, weight_decay=1e-2),
            seed=103,
            labels=tuple(AVATAR_LABELS),
        ),
        JudgeRecipe(
            "metrics/notes",
            N_("Judge of notes"),
            N_("Says which instrument plays a note; used to measure other models."),
            NOTES,
            pictured_notes,
            TrainSettings(n_steps=700, learning_rate=2e-3, n_warmup=50, n_decay=400, weight_decay=1e-2),
            seed=105,
            items=N_("notes"),
        ),
        JudgeRecipe(
            "metrics/speech",
            N_("Judge of spoken digits"),
            N_("Says which digit is spoken; used to measure other models."),
            SPEECH,
            pictured_words,
            TrainSettings(n_steps=1000, learning_rate=2e-3, n_warmup=50, n_decay=600, weight_decay=1e-2),
            seed=107,
            items=N_("spoken digits"),
        ),
        JudgeRecipe(
            "metrics/emoji-styles",
            N_("Judge of emoji styles"),
            N_("Says in which of two art styles an emoji is drawn; used to measure other models."),
            STYLES,
            emoji_of_styles,
            TrainSettings(n_steps=1800, learning_rate=2e-3, n_warmup=50, n_decay=1200, weight_decay=1e-1),
            seed=106,
            items=N_("emoji"),
        ),
        SceneJudgeRecipe(),
    )
}
