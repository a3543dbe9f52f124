"""The training that makes `transformer/caption`, and what its card says.

One head is shown the place of the part that a word tells (guided attention: Liu et al. 2017, arXiv 1605.09553), so that
it looks there long before it would have found out by itself.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    PART_NAMES,
    AvatarLayers,
    Avatars,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_avatar_layers,
    load_avatars,
    load_digits,
    load_emoji_styles,
    load_judge,
)
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.seed import generator
from studio.core.text.byte_tokens import learnt_tokenizer
from studio.core.text.face_words import LEADS
from studio.core.translation import N_

from ...text.model.tokenizer import TextTokenizer, own_tokenizer
from ...translate.model.encoder_decoder import ALIGNED_HEAD, Memory
from ...translate.training.recipe import words_of
from ..model.captioner import SIDE_PX, Captioner, CaptionerConfig
from ..model.weights import load_captioner, save_captioner
from ..words import BOTH, KNOWN_TRAITS, LABELS, NO, OPEN, SAID, YES
from .evaluation import (
    Pixels,
    answers,
    learn_familiar,
    parts_and_whole,
    sentences,
    share_odd,
    share_right,
    yes_or_no,
)
from .lessons import NOTHING, PADDING, FaceLessons, Texts
from .questions import PART, PARTS, WHAT, FaceQuestions

CONFIG: Final = CaptionerConfig(n_vocab=640)
SETTINGS: Final = TrainSettings(n_steps=1500, learning_rate=2e-3, n_warmup=40, n_decay=1000, weight_decay=0.02)
LEAST_RIGHT, MOST_BLIND = 95.0, 55.0
WHOLE, ANSWERED = "sentences right, %", "answers right, %"
N_SHOWN: Final = 24
N_VALIDATION: Final = 96
N_FAMILIAR: Final = 4000
N_OTHERS: Final = 500
_FREQUENT: Final = 300
"""How often an answer counts against a phrase while tokens are learnt, so that it becomes one."""
GUIDANCE: Final = 0.1
LEAST: Final = 1e-6
# The parts of a drawing that tell a label. Brows are drawn as beards are, and a bun as hair that hangs down.
_HAIR: Final = ("hair", "hair_shade")
_CLOTHES: Final = ("clothes", "clothes_shade", "shirt", "shirt_shade", "clothes_inside")
_PARTS: Final = {
    "hair": _HAIR,
    "rear_hair": ("hair_behind",),
    "beard": ("beard",),
    "mouth": ("mouth", "tongue", "lip"),
    "eyes": ("eyes",),
    "brows": ("beard",),
    "clothes": _CLOTHES,
    "hair_colour": _HAIR,
    "skin_colour": ("skin",),
    "clothes_colour": _CLOTHES,
}
_MIDDLE: Final = 0.5
"""Of the height: brows and buns lie above, beards and long hair below."""


def places_of_parts(layers: AvatarLayers, n_side: int) -> npt.NDArray[np.float32]:
    """How much of each label's part lies in each of n_side² cells, row by row, (L, S), 1 in sum for each."""
    maps = np.stack([layers.parts(index) for index in range(len(layers.seeds))])  # (N, 512, 512)
    n_px = maps.shape[1] // n_side
    found = []
    for label in LABELS:
        is_there = np.isin(maps, [PART_NAMES.index(name) for name in _PARTS[label]])
        middle = round(_MIDDLE * maps.shape[1])
        if label == "brows":
            is_there[:, middle:] = False
        elif label in ("rear_hair", "beard"):
            is_there[:, :middle] = False
        cells = is_there.reshape(len(maps), n_side, n_px, n_side, n_px).sum((0, 2, 4)).ravel()
        found.append(cells / cells.sum())
    return np.stack(found).astype(np.float32)


@dataclass(frozen=True)
class DescribeObjective:
    """Cross-entropy in nats of sentences and of answers, added, and that of one head's look against the parts' places.

    Attributes:
        places: (L, S), where the part that each label tells lies in the mean, 1 in sum for each; see `places_of_parts`.
    """

    lessons: FaceLessons
    places: Tensor

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, Captioner)
        pictures, *texts = self.lessons.draw(step + micro)
        memory = model.encode(pictures)
        (said, off), (short, _), (long, away) = (text_losses(model, memory, some, self.places) for some in texts)
        answered, astray = (short + long) / 2, off + away
        return said + answered + GUIDANCE * astray, {"sentence": said, "answer": answered, "astray": astray}


def text_losses(model: Captioner, memory: Memory, texts: Texts, places: Tensor) -> tuple[Tensor, Tensor]:
    """Of texts about pictures that were looked at: what follows, and where one head looks for it, in nats."""
    seen: list[Tensor] = []
    logits = model.decode(texts.given, memory.chosen(texts.rows), seen).float()
    loss = F.cross_entropy(logits.flatten(0, 1), texts.following.flatten(), ignore_index=PADDING)
    is_told = texts.about != NOTHING
    looked = seen[-1][:, ALIGNED_HEAD].float()[is_told].clamp_min(LEAST).log()
    return loss, -(places[texts.about[is_told]] * looked).sum() / is_told.sum().clamp_min(1)


@dataclass(frozen=True, kw_only=True)
class DescribeRecipe(TrainingRecipe[Avatars]):
    """`transformer/caption`: drawn faces to sentences and answers.

    Attributes:
        n_faces: in a batch. n_pairs: pairs of test faces that each kind of question is put to. n_each: test faces with
            each answer to open questions.
    """

    id: str = "transformer/caption"
    title: str = N_("Describe")
    summary: str = N_("Looks at drawn faces, and learns to describe them and to answer questions about them.")
    task: str = N_("Describes a drawn face and answers questions about it.")
    minutes: float = 20
    config: CaptionerConfig = CONFIG
    settings: TrainSettings = SETTINGS
    n_faces: int = 32
    n_pairs: int = 1000
    n_each: int = 40
    seed: int = 29
    kind: ClassVar[str] = "describe"

    def read(self, device: torch.device) -> Generator[Frame, None, Avatars]:
        yield Frame(0, self.settings.n_steps, N_("Reading the faces"))
        return load_avatars(Split.TRAIN)

    def network_and_objective(self, data: Avatars, device: torch.device) -> tuple[Captioner, DescribeObjective]:
        lessons = FaceLessons(data, learnt_cutter(self.config.n_vocab), self.n_faces, self.seed, device)
        network, blocks = Captioner(self.config), load_judge("avatars").blocks
        for own, known in zip(network.eye.blocks, blocks, strict=False):
            own.load_state_dict(known.state_dict())
        n_side = round(len(network.places) ** 0.5)
        places = torch.from_numpy(places_of_parts(load_avatar_layers(Split.TRAIN), n_side)).to(device)
        return network, DescribeObjective(lessons, places)

    def validation(self, data: Avatars, device: torch.device) -> Validation:
        faces = load_avatars(Split.VALIDATION)
        faces = replace(faces, pictures=faces.pictures[:N_VALIDATION], labels=faces.labels[:N_VALIDATION])
        cutter = learnt_cutter(self.config.n_vocab)
        return Validation(partial(_held_out, faces, cutter), ANSWERED, is_higher_better=True)

    def write(self, out: Path, training: Training, data: Avatars) -> Measuring[None]:
        """Write the averaged network, then measure what was written on faces of combinations that it never saw."""
        network, test = training.average, load_avatars(Split.TEST)
        assert isinstance(network, Captioner)
        network.cpu()
        yield from learn_familiar(network, data.pictures[:N_FAMILIAR])
        cutter = learnt_cutter(self.config.n_vocab)
        save_captioner(out, network, cutter.library, words_of(all_texts()), test.pictures[:N_SHOWN])
        checks = yield from self._measured(out, test)
        card = self.common_card(network, [training], "avatars", len(data.labels), data.is_full, n_faces=self.n_faces)
        write_card(out.with_suffix(".json"), {**card, **_told(data, test)}, checks)

    def _measured(self, out: Path, test: Avatars) -> Measuring[list[Check]]:
        model = load_captioner(out)
        network, cutter, random = model.network, model.tokenizer, generator(self.seed, "test questions", 0)
        said = yield from sentences(network, cutter, test.pictures)
        part, whole = parts_and_whole(said, test.labels)
        asked = list(FaceQuestions(test.labels).balanced(self.n_pairs, self.n_each, random))
        told = yield from answers(network, cutter, test.pictures, asked)
        closed = yes_or_no(asked)
        blind = yield from answers(network, cutter, np.full_like(test.pictures, 255), closed)
        odd_test = yield from share_odd(network, test.pictures)
        odd_others = yield from share_odd(network, other_pictures())
        share = partial(share_right, asked, told)
        return [
            Check(N_("Questions answered right, %"), 100 * share((PART, PARTS, WHAT)), LEAST_RIGHT),
            Check(N_("Yes or no about one part, right, %"), 100 * share((PART,)), LEAST_RIGHT),
            Check(N_("Yes or no about two parts at once, right, %"), 100 * share((PARTS,)), LEAST_RIGHT),
            Check(N_("Open questions answered word for word, %"), 100 * share((WHAT,)), LEAST_RIGHT),
            Check(
                N_("Yes or no with a blank picture, right, %"),
                100 * share_right(closed, blind, (PART, PARTS)),
                MOST_BLIND,
                is_higher_better=False,
            ),
            Check(N_("Parts told right in sentences, %"), 100 * part, LEAST_RIGHT),
            Check(N_("Sentences without a slip, %"), 100 * whole),
            Check(N_("Test faces taken for something else, %"), 100 * odd_test),
            Check(N_("Emoji and digits known not to be such faces, %"), 100 * odd_others),
        ]


def _held_out(faces: Avatars, cutter: TextTokenizer, network: Any) -> Measuring[dict[str, float]]:
    said = yield from sentences(network, cutter, faces.pictures)
    asked = list(FaceQuestions(faces.labels).balanced(N_VALIDATION // 2, 1, generator(0, "held-out questions", 0)))
    told = yield from answers(network, cutter, faces.pictures, asked)
    whole = parts_and_whole(said, faces.labels)[1]
    return {WHOLE: 100 * whole, ANSWERED: 100 * share_right(asked, told, (PART, PARTS, WHAT))}


def _told(data: Avatars, test: Avatars) -> dict[str, Any]:
    return {
        "data": N_("{n:,} drawn faces, “Toon Head” by Johan Melin (CC BY 4.0), drawn by DiceBear").format(
            n=len(data.labels)
        ),
        "questions": list(QUESTIONS),
        "notes": [
            N_(
                "The {n:,} test faces have combinations of hair, beard, mouth and clothes that no face had which it "
                "learnt from."
            ).format(n=len(test.labels)),
            N_(
                "Its first convolutions are those of the judge metrics/avatars, which was trained on the same training "
                "faces; they learnt no more."
            ),
            N_(
                "One head was shown where each part lies in the mean face while it learnt: the glow on the face shows "
                "this head."
            ),
            N_(
                "Every question with yes or no was put to two faces, of which it is true of one only: words alone "
                "tell nothing."
            ),
        ],
    }


QUESTIONS: Final = (
    "Is this person smiling?",
    "What colour is the hair?",
    "Does this person have a beard and red clothes?",
    "What is this person wearing?",
    "Are the clothes blue?",
    "Does this person have long hair?",
    "What are the eyes like?",
    "Is this person winking?",
)


def all_texts() -> list[str]:
    """Everything that the network reads and writes, phrase by phrase."""
    asks = [one for trait in KNOWN_TRAITS for one in trait.asks]
    names = [f" {name}" for name in SAID] * 4
    rest = [*(one for some in OPEN.values() for one in some), *BOTH, *(f"{lead.capitalize()} with" for lead in LEADS)]
    return [*asks, *names, *rest * 20, *(f" {YES} {NO}", "A face with a", ", in", " and") * _FREQUENT]


def learnt_cutter(n_tokens: int) -> TextTokenizer:
    """The tokenizer of all texts, the same each time."""
    return own_tokenizer(learnt_tokenizer(all_texts(), n_tokens))


def other_pictures() -> Pixels:
    """Pictures that are no faces of this kind: emoji and digits, (N, 64, 64, 3)."""
    digits = 255 - load_digits(Split.TEST).pictures[:N_OTHERS]
    grey = np.stack([np.asarray(Image.fromarray(one).resize((SIDE_PX, SIDE_PX))) for one in digits])
    return np.concatenate([load_emoji_styles(Split.TEST).flat[:N_OTHERS], np.repeat(grey[..., None], 3, 3)])
