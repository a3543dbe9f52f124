"""The training that makes `autoregressive/chorales`, and what it is held to."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

import torch
from torch import nn

from studio.api.engine import TrainOptions
from studio.api.training import (
    Moment,
    SlowPreview,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    load_chorales,
    measuring_frames,
    which_set,
)
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.learning import LogThinning
from studio.core.translation import N_
from studio.core.view import Image

from ...shared.training.card import common_card
from ..frames import roll_picture
from ..grid import VoiceGrid
from ..model.transformer import ChoraleTransformer, MusicConfig, load_music, save_music
from .data import ChoraleBatches, grids_of
from .evaluation import all_harmonised, five_gram_accuracy, harmonised, parallels_of, piece_bits, usual_range
from .objective import BITS, Measuring, NextCell, bits_per_beat, note_accuracy

TRAINING: Final = TrainSettings(
    n_steps=4000,
    n_micro=1,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=3400,
    weight_decay=0.05,
    average_decay=0.998,
    keep_best=True,
)
N_PIECES: Final = 8
N_STEPS: Final = 160
DROPOUT: Final = 0.15
EXCERPTS: Final = {"n_pieces": N_PIECES, "n_sixteenths": N_STEPS, "dropout": DROPOUT}
SEED: Final = 88
CONFIG: Final = MusicConfig()
TEMPERATURE: Final = 0.75
N_PREVIEW_STEPS: Final = 128
PREVIEWS: Final = LogThinning(dense=2, growth=1.6)
BETTER_THAN_FIVE_GRAM: Final = 1.15
MOST_PARALLELS: Final = 2.0
MOST_LOSS: Final = 1.0
SOPRANO: Final = (0,)


@dataclass(frozen=True, kw_only=True)
class ChoralesRecipe:
    """Four voices in the manner of Bach, any of them given."""

    id: str = "autoregressive/chorales"
    title: str = N_("Chorales")
    summary: str = N_("Learns from Bach’s chorales what each of four voices may sing next, and completes any of them.")
    task: str = N_("Completes music for four voices in the manner of Bach’s chorales, note by note.")
    minutes: float = 15
    needs_folder: bool = False
    settings: TrainSettings = TRAINING
    config: MusicConfig = CONFIG

    def grids(self, split: Split) -> list[VoiceGrid]:
        """What is learnt from and measured on."""
        return grids_of(load_chorales(split))

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(SEED)
        device = options.device.torch_device
        batches = ChoraleBatches(self.grids(Split.TRAIN), N_PIECES, N_STEPS, SEED, device)
        settings = self.settings.chosen(options.settings, options.n_steps)
        training = Training(ChoraleTransformer(self.config, DROPOUT), NextCell(batches), settings, device)
        held_out = self.grids(Split.VALIDATION)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=SlowPreview(partial(self.preview, held_out[0]), PREVIEWS),
            validation=Validation(partial(self.validate, held_out, device), BITS),
        )
        yield from measuring_frames(settings.n_steps, self.write(options, training, batches))

    def preview(self, grid: VoiceGrid, network: nn.Module, step: int) -> Measuring[Moment]:
        """A held-out melody as the averaged weights harmonise it."""
        assert isinstance(network, ChoraleTransformer)
        some = grid.cut(0, N_PREVIEW_STEPS)
        values = yield from harmonised(copy.deepcopy(network).cpu(), some, SOPRANO, SEED, TEMPERATURE)
        return Moment({"picture": Image(roll_picture(values, some.places))})

    def validate(
        self, held_out: list[VoiceGrid], device: torch.device, network: nn.Module
    ) -> Measuring[Mapping[str, float]]:
        """The bits per beat of held-out pieces: halfway between those with nothing given and with the soprano given."""
        free = yield from bits_per_beat(network, held_out, (), device)
        given = yield from bits_per_beat(network, held_out, SOPRANO, device)
        return {BITS: (free + given) / 2}

    def write(self, options: TrainOptions, training: Training, batches: ChoraleBatches) -> Measuring[None]:
        """Write the averaged network, then measure what was written on test chorales for the card."""
        average, path, test = training.average, options.out, self.grids(Split.TEST)
        assert isinstance(average, ChoraleTransformer)
        save_music(path, average)
        network = load_music(path)
        checks, usual = yield from self.checks(network, average, batches, test)
        card = {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            **common_card(network, training, SEED, True, "music"),
            "data": N_("{n} chorales by Bach, read from the corpus of music21").format(n=len(batches.grids)),
            "settings": {**asdict(training.settings), **EXCERPTS},
            "data_set": {"name": "chorales", "n_items": len(batches.grids), "which": which_set(True)},
            "defaults": {"temperature": TEMPERATURE},
            "usual_bits": usual,
            "notes": [
                N_("The music is in the public domain; music21 shares its encodings with their encoders’ permission."),
                N_("They are no part of this program: it learnt from them, and only the weights are here."),
                N_("Parallels are counted at the panel’s default settings, which rule them out before the die."),
            ],
        }
        write_card(path.with_suffix(".json"), card, checks)

    def checks(
        self, network: ChoraleTransformer, average: nn.Module, batches: ChoraleBatches, test: list[VoiceGrid]
    ) -> Measuring[tuple[list[Check], dict[str, float]]]:
        """Figures of test chorales with their floors, and the usual bits per beat."""
        cpu = torch.device("cpu")
        accuracy = 100 * (yield from note_accuracy(network, test, (), cpu))
        with_soprano = 100 * (yield from note_accuracy(network, test, SOPRANO, cpu))
        peer = 100 * (yield from five_gram_accuracy(batches.grids, test))
        each = yield from piece_bits(network, test)
        bits = yield from bits_per_beat(network, test, (), cpu)
        exact = yield from bits_per_beat(average.cpu(), test, (), cpu)
        made = yield from all_harmonised(network, test, SEED, TEMPERATURE)
        free = yield from all_harmonised(network, test[::2], SEED, TEMPERATURE, no_parallels=False)
        ours, alone, bach = (parallels_of(one) for one in (made, free, [grid.values for grid in test]))
        name = N_("Next note right on test chorales, %; the better of two 5-grams {peer:.1f}").format(peer=peer)
        fifths = N_("Parallel fifths per 100 beats under {n} test melodies; Bach {bach:.2f}")
        octaves = N_("Parallel octaves per 100 beats; Bach {bach:.2f}").format(bach=bach.octaves)
        return [
            Check(name, accuracy, BETTER_THAN_FIVE_GRAM * peer),
            Check(fifths.format(n=len(test), bach=bach.fifths), ours.fifths, MOST_PARALLELS * bach.fifths, False),
            Check(N_("The same where none is ruled out, under every second melody"), alone.fifths, None, False),
            Check(N_("Next note right with the soprano given, %"), with_soprano),
            Check(N_("Bits per beat, all four voices"), bits),
            Check(octaves, ours.octaves, None, False),
            Check(N_("Loss by whole numbers of one byte, %"), 100 * (bits / exact - 1), MOST_LOSS, False),
        ], usual_range(each)


CHORALES: Final = ChoralesRecipe()
