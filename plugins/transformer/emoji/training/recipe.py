"""The training that makes `transformer/emoji`: a coder of pictures, then a writer of its tokens in either order."""

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import torch
from torch import nn

from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring, ModelRecipe, told_settings
from studio.api.training import (
    SCENE_NOTES,
    Split,
    Stages,
    Training,
    TrainSettings,
    Validation,
    held_out_prompts,
    load_scenes,
    read_score,
    scene_facts,
    scene_vocabulary,
)
from studio.core.card import write_card
from studio.core.frame import Frame
from studio.core.translation import N_

from ...translate.model.encoder_decoder import TranslatorConfig
from ..model.coder import CoderConfig, PictureCoder
from ..model.weights import load_drawer, save_drawer
from ..model.writer import Drawer, DrawerConfig, PictureWriter
from ..words import N_SPECIAL, WordTable, known_words
from .coder_objective import CoderObjective, unit_pictures
from .evaluation import STAGES, drawn, measured, redrawn, token_rows
from .writer_objective import WriterObjective, token_loss

CODER: Final = TrainSettings(n_steps=6000, learning_rate=2e-3, n_warmup=100, n_decay=4000, average_decay=0.995)
BY_SCALE: Final = TrainSettings(
    n_steps=5000, learning_rate=2e-3, n_warmup=200, n_decay=3500, weight_decay=0.01, average_decay=0.998
)
BY_LINE: Final = replace(BY_SCALE, n_steps=5800, n_decay=4100)
SIZES: Final = TranslatorConfig(
    n_vocab=N_SPECIAL, width=192, n_encoder_blocks=2, n_layers=5, n_heads=4, mlp_width=512, dropout=0.0
)
BITS: Final = "bits per token"
FIRST, SECOND, THIRD = STAGES
CELLS: Final = CoderConfig()


@dataclass(frozen=True, kw_only=True)
class EmojiRecipe(ModelRecipe):
    """`transformer/emoji`: scenes of one to three icons from a sentence."""

    id: str = "transformer/emoji"
    title: str = N_("Draw")
    summary: str = N_("Learns to write scenes of emoji as tokens, then draws what you ask for.")
    task: str = N_("Draws scenes of one to three emoji named in a sentence, with accessories, places and colours.")
    minutes: float = 70
    coder: CoderConfig = CELLS
    coder_settings: TrainSettings = CODER
    settings: TrainSettings = BY_SCALE
    line_settings: TrainSettings = BY_LINE
    sizes: TranslatorConfig = SIZES
    n_scenes: int = 40000
    n_validation: int = 128
    n_pictures: int = 16
    n_texts: int = 32
    n_measured: int = 500
    seed: int = 83
    kind: ClassVar[str] = "emoji"

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch of each stage; at the end write weights and card to `options.out`."""
        chosen = self._chosen(options)
        stages = Stages(options, (FIRST, SECOND, THIRD), tuple(one.n_steps for one in chosen))
        scenes, device = load_scenes(Split.TRAIN, self.n_scenes), options.device.torch_device
        pictures = torch.from_numpy(scenes.draw())
        torch.manual_seed(self.seed)
        drawer = Drawer(self.config())
        learning = CoderObjective(pictures, self.n_pictures, chosen[0].n_steps // 2, self.seed, device)
        coder = Training(drawer.coder, learning, chosen[0], device)
        yield from stages.follow(FIRST, coder, N_("Picture coder"), validation=self._coder_validation(drawer))
        drawer.coder.load_state_dict(coder.average.state_dict())
        work = token_rows(drawer, pictures)
        tokens = yield from stages.work(FIRST, work, N_("Writing the scenes as tokens"))
        trainings, words = [coder], WordTable(drawer.config.words)
        for number, (name, title) in enumerate(((SECOND, N_("From coarse to fine")), (THIRD, N_("Line by line")))):
            writer = drawer.writer(bool(number))
            seed = self.seed + 1 + number
            quantiser, rows = drawer.coder.quantiser, tokens[number]
            objective = WriterObjective(quantiser, rows, scenes, words, self.n_texts, seed, device)
            training = Training(writer, objective, chosen[1 + number], device)
            validation = self._writer_validation(drawer, bool(number))
            yield from stages.follow(name, training, title, validation=validation)
            writer.load_state_dict(training.average.state_dict())
            trainings.append(training)
        drawer.eval().requires_grad_(False)
        save_drawer(options.out, drawer)
        yield from stages.work(THIRD, self._write_card(options, trainings), N_("Measuring what was learnt"))

    def _write_card(self, options: TrainOptions, trainings: Sequence[Training]) -> Measuring[None]:
        """Measure what was written for its card, and write that beside it."""
        drawer = load_drawer(options.out).to(options.device.torch_device)
        checks, guidances = yield from measured(drawer, load_scenes(Split.TEST, self.n_measured), self.n_validation)
        minutes = [round(training.seconds / 60, 1) for training in trainings]
        card: dict[str, Any] = {
            **self.common_card(drawer, trainings, "emoji", self.n_scenes),
            **scene_facts(self.n_scenes),
            "settings": {name: told_settings(one.settings) for name, one in zip(STAGES, trainings, strict=True)},
            "guidance": guidances,
            "notes": [
                *SCENE_NOTES,
                N_(
                    "The picture coder learnt for {coder} minutes; then one network for each order, of the same sizes, "
                    "for {scales} and {lines} minutes."
                ).format(coder=minutes[0], scales=minutes[1], lines=minutes[2]),
            ],
        }
        write_card(options.out.with_suffix(".json"), card, checks)

    def config(self) -> DrawerConfig:
        """The whole model, with the words of the scenes' captions."""
        words = known_words([", ".join(words) for words in scene_vocabulary().values()])
        return DrawerConfig(words, self.coder, replace(self.sizes, n_vocab=len(words) + N_SPECIAL))

    def _chosen(self, options: TrainOptions) -> tuple[TrainSettings, TrainSettings, TrainSettings]:
        """The settings of each stage; a number of steps is that of the second one, and the others' in proportion."""
        second = self.settings.chosen(options.settings, options.n_steps)
        scale = second.n_steps / self.settings.n_steps
        first, third = (
            one.shortened(max(1, round(scale * one.n_steps))) for one in (self.coder_settings, self.line_settings)
        )
        return first, second, third

    def _coder_validation(self, drawer: Drawer) -> Validation:
        """The mean error of redrawn validation scenes, and what the judge reads of them, in either order."""
        scenes = load_scenes(Split.VALIDATION, self.n_validation)
        pictures = torch.from_numpy(scenes.draw())

        def measure(average: nn.Module) -> Generator[Any, None, Mapping[str, float]]:
            assert isinstance(average, PictureCoder)
            found: dict[str, float] = {}
            for name, scales in ((SECOND, drawer.config.scales), (THIRD, drawer.config.lines)):
                again = yield from redrawn(average, pictures, scales)
                score = read_score(again, scenes)
                found |= {
                    f"pixels, {name}": float((again - unit_pictures(pictures)).abs().mean()),
                    f"objects, F1, {name}": score.objects,
                    f"accessories, F1, {name}": score.accessories,
                }
            return found

        return Validation(measure, f"pixels, {SECOND}")

    def _writer_validation(self, drawer: Drawer, is_by_line: bool) -> Validation:
        """The bits of validation scenes, and what is read of samples for some of their captions."""
        scenes = load_scenes(Split.VALIDATION, self.n_validation)
        words, prompts, quantiser = WordTable(drawer.config.words), held_out_prompts(scenes), drawer.coder.quantiser

        def measure(average: nn.Module) -> Generator[Any, None, Mapping[str, float]]:
            assert isinstance(average, PictureWriter)
            tokens = yield from token_rows(drawer, torch.from_numpy(scenes.draw()))
            with torch.no_grad():
                nats = token_loss(average, quantiser, words, prompts, tokens[is_by_line].long())
            pictures = yield from drawn(average, drawer.coder, words, prompts)
            score = read_score(pictures.cpu(), scenes)
            return {BITS: float(nats) / math.log(2), "objects, F1": score.objects, "accessories, F1": score.accessories}

        return Validation(measure, BITS)
