"""The training that makes `autoregressive/chorales`, and what it is held to."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import torch
from torch import nn

from studio.api.recipe import Measuring, TrainingRecipe, packing_check
from studio.api.training import Moment, SlowPreview, Split, Training, TrainSettings, Validation, load_chorales
from studio.core.card import Check, write_card
from studio.core.learning import LogThinning
from studio.core.translation import N_
from studio.core.view import Image

from ..frames import roll_picture
from ..grid import VoiceGrid
from ..model.transformer import ChoraleTransformer, MusicConfig, load_music, save_music
from .data import ChoraleBatches, grids_of
from .evaluation import all_harmonised, five_gram_accuracy, harmonised, parallels_of, piece_bits, usual_range
from .objective import BITS, NextCell, bits_per_beat, note_accuracy

TRAINING: Final = TrainSettings(
    n_steps=4000, learning_rate=2e-3, n_warmup=100, n_decay=3400, weight_decay=0.05, keep_best=True
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
SOPRANO: Final = (0,)


@dataclass(frozen=True, kw_only=True)
class ChoralesRecipe(TrainingRecipe[list[VoiceGrid]]):
    """Four voices in the manner of Bach, any of them given."""

    id: str = "autoregressive/chorales"
    title: str = N_("Chorales")
    summary: str = N_("Learns from Bach’s chorales what each of four voices may sing next, and completes any of them.")
    task: str = N_("Completes music for four voices in the style of Bach’s chorales, note by note.")
    minutes: float = 15
    config: MusicConfig = CONFIG
    settings: TrainSettings = TRAINING
    seed: int = SEED
    kind: ClassVar[str] = "music"

    def data(self, split: Split) -> list[VoiceGrid]:
        return grids_of(load_chorales(split))

    def network_and_objective(
        self, grids: list[VoiceGrid], device: torch.device
    ) -> tuple[ChoraleTransformer, NextCell]:
        batches = ChoraleBatches(grids, N_PIECES, N_STEPS, self.seed, device)
        return ChoraleTransformer(self.config, DROPOUT), NextCell(batches)

    def preview(self, grids: list[VoiceGrid], device: torch.device) -> SlowPreview:
        return SlowPreview(partial(self._preview, self.data(Split.VALIDATION)[0]), PREVIEWS)

    def _preview(self, grid: VoiceGrid, network: ChoraleTransformer, step: int) -> Measuring[Moment]:
        """A held-out melody as the averaged weights harmonise it."""
        some = grid.cut(0, N_PREVIEW_STEPS)
        values = yield from harmonised(copy.deepcopy(network).cpu(), some, SOPRANO, self.seed, TEMPERATURE)
        return Moment({"picture": Image(roll_picture(values, some.places))})

    def validation(self, grids: list[VoiceGrid], device: torch.device) -> Validation:
        return Validation(partial(self._validate, self.data(Split.VALIDATION), device), BITS)

    def _validate(
        self, held_out: list[VoiceGrid], device: torch.device, network: nn.Module
    ) -> Measuring[Mapping[str, float]]:
        """The bits per beat of held-out pieces: halfway between those with nothing given and with the soprano given."""
        free = yield from bits_per_beat(network, held_out, (), device)
        given = yield from bits_per_beat(network, held_out, SOPRANO, device)
        return {BITS: (free + given) / 2}

    def write(self, out: Path, training: Training, grids: list[VoiceGrid]) -> Measuring[None]:
        """Write the averaged network, then measure what was written on test chorales for the card."""
        average, test = training.average, self.data(Split.TEST)
        assert isinstance(average, ChoraleTransformer)
        save_music(out, average)
        network = load_music(out)
        checks, usual = yield from self.checks(network, average, grids, test)
        card = {
            **self.common_card(network, [training], "chorales", len(grids), **EXCERPTS),
            "data": N_("{n} chorales by Bach, read from the music21 corpus").format(n=len(grids)),
            "defaults": {"temperature": TEMPERATURE},
            "usual_bits": usual,
            "notes": [
                N_(
                    "The music is in the public domain; music21 distributes its encodings with the permission of those "
                    "who made them."
                ),
                N_(
                    "The chorales themselves are not included: the model was trained on them, and only its weights "
                    "are here."
                ),
                N_(
                    "Parallels are counted at the panel’s default settings, which rule them out before each note "
                    "is chosen."
                ),
            ],
        }
        write_card(out.with_suffix(".json"), card, checks)

    def checks(
        self, network: ChoraleTransformer, average: nn.Module, grids: list[VoiceGrid], test: list[VoiceGrid]
    ) -> Measuring[tuple[list[Check], dict[str, float]]]:
        """Figures of test chorales with their floors, and the usual bits per beat."""
        cpu = torch.device("cpu")
        accuracy = 100 * (yield from note_accuracy(network, test, (), cpu))
        with_soprano = 100 * (yield from note_accuracy(network, test, SOPRANO, cpu))
        peer = 100 * (yield from five_gram_accuracy(grids, test))
        each = yield from piece_bits(network, test)
        bits = yield from bits_per_beat(network, test, (), cpu)
        exact = yield from bits_per_beat(average.cpu(), test, (), cpu)
        made = yield from all_harmonised(network, test, self.seed, TEMPERATURE)
        free = yield from all_harmonised(network, test[::2], self.seed, TEMPERATURE, no_parallels=False)
        ours, alone, bach = (parallels_of(one) for one in (made, free, [grid.values for grid in test]))
        name = N_("Next note right in test chorales, %; the better of two 5-grams {peer:.1f}").format(peer=peer)
        fifths = N_("Parallel fifths per 100 beats under {n} test melodies; Bach {bach:.2f}")
        octaves = N_("Parallel octaves per 100 beats; Bach {bach:.2f}").format(bach=bach.octaves)
        return [
            Check(name, accuracy, BETTER_THAN_FIVE_GRAM * peer),
            Check(fifths.format(n=len(test), bach=bach.fifths), ours.fifths, MOST_PARALLELS * bach.fifths, False),
            Check(N_("The same with parallels allowed, under every second melody"), alone.fifths, None, False),
            Check(N_("Next note right when the soprano is given, %"), with_soprano),
            Check(N_("Bits per beat, all four voices"), bits),
            Check(octaves, ours.octaves, None, False),
            packing_check(bits, exact),
        ], usual_range(each)


CHORALES: Final = ChoralesRecipe()
