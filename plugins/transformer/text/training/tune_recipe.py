"""The training that fine-tunes any decoder on a text, `transformer/tune` (LoRA), and what its card says."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import nn

from studio.api.engine import Device, FolderFinding, ModelSource
from studio.api.own_folder import TextFolderRecipe
from studio.api.recipe import Measuring, TrainingRecipe, folder_name, told_settings
from studio.api.training import (
    FolderTexts,
    Moment,
    SlowPreview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_text,
    load_texts,
    reading_frames,
    trained_facts,
)
from studio.core.adapter_strength import AdapterStrength
from studio.core.card import Check, write_card
from studio.core.container.source import is_file
from studio.core.error import UserError
from studio.core.frame import Frame, whole_frames
from studio.core.param import count_param, param, text_param
from studio.core.text.byte_tokens import END_ID
from studio.core.translation import N_

from ...adapter_importer import ADAPTED, base_hash, find_base, panel_card
from ...foreign.adapter.adaptable import AdaptableBase, base_of
from ...foreign.adapter.file import open_base, place_of, save_adapter, save_folder, settings_of
from ...foreign.model import ForeignModel
from ..engine import TransformerEngine
from ..model.low_rank import Adapter, TunedDecoder
from ..params import TransformerParams
from .decoder_training import (
    BITS,
    N_TOKENS,
    SELDOM,
    NextTokenObjective,
    TextPassages,
    bits_per_character,
    encoder,
    stream_of,
)

MIN_TOKENS: Final = 64
N_MEASURED: Final = 6_000
N_PROMPT: Final = 40
MAX_PASSAGE: Final = 128


@dataclass(frozen=True)
class TransformerTuneSettings(TrainSettings):
    """What a person chooses.

    Attributes:
        data: the text, or a folder of texts. base: an id, a GGUF file or a folder. folder: where PEFT's files go too.
    """

    data: str = text_param(N_("Text"), N_("The text to learn from (.txt, .md), or a folder of such texts."))
    base: str = param(
        "transformer/shakespeare",
        label=N_("Model"),
        help=N_("The model to fine-tune: its name, its GGUF file or its folder."),
    )
    rank: int = count_param(
        N_("Rank"), N_("How much the model can learn (rank of the low-rank matrices); 8 is usual."), 8, 256
    )
    alpha: float = param(
        16.0,
        label=N_("Strength"),
        help=N_("How strongly what is learnt counts, before it is divided by the rank (alpha)."),
        low=0.1,
        high=1024.0,
    )
    folder: str = text_param(
        N_("For other programs"), N_("A folder to write the adapter to in PEFT’s format as well; empty for none.")
    )


TRAINING: Final = TransformerTuneSettings(
    n_steps=200, learning_rate=2e-3, n_warmup=10, n_decay=150, average_decay=0.95, keep_best=True
)


@dataclass(frozen=True, eq=False)
class TuningTexts:
    """What is learnt from, and the model that learns it."""

    texts: FolderTexts
    base: AdaptableBase
    model: ForeignModel

    @property
    def end_id(self) -> int:
        """The token between two texts."""
        ends = self.model.tokenizer.specials.ends
        return min(ends) if ends else END_ID

    @property
    def held_out(self) -> tuple[str, ...]:
        """What the weights are chosen by."""
        return ("\n".join(self.texts.part(Split.VALIDATION))[:N_MEASURED],)


@dataclass(frozen=True, kw_only=True)
class TransformerTuneRecipe(TextFolderRecipe, TrainingRecipe[TuningTexts]):
    """`transformer/tune`: an adapter for a model that is there."""

    id: str = "transformer/tune"
    title: str = N_("Fine-tune on a text")
    summary: str = N_(
        "A model that is already here learns the style of your text (LoRA); it can be switched off again."
    )
    task: str = N_("Continues a text in the style it was fine-tuned on.")
    minutes: float = 3
    needs_folder: bool = True
    settings: TransformerTuneSettings = TRAINING
    n_items: int = 4
    invitation: ClassVar[str] = N_("Choose or drop a text (.txt, .md), or a folder of such texts.")
    file_suffixes: ClassVar[tuple[str, ...]] = (".txt", ".md")
    seed: int = 73

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how much there is to read."""
        texts = yield from _loading(path)
        return FolderFinding(texts.sentence, texts.left_out, len(texts.left_out))

    def read(self, device: torch.device) -> Generator[Frame, None, TuningTexts]:
        if not self.settings.data:
            raise UserError(N_("There is no text to learn from."), N_("Choose a text, or a folder of texts."))
        texts = yield from reading_frames(_loading(Path(self.settings.data).expanduser()), self.settings.n_steps)
        base = base_of(find_base(self.settings.base))
        return TuningTexts(texts, base, open_base(base.source, _device(device)))

    def network_and_objective(self, data: TuningTexts, device: torch.device) -> tuple[nn.Module, NextTokenObjective]:
        strength = AdapterStrength(self.settings.rank, self.settings.alpha)
        places = [place_of(path, place) for path, place in data.base.places.items()]
        network = TunedDecoder(data.model.decoder, Adapter(places, strength, device))
        stream = stream_of(data.texts.part(Split.TRAIN), encoder(data.model.tokenizer), data.end_id)
        if len(stream) < MIN_TOKENS:
            raise UserError(N_("The text is too short to learn from."), N_("Choose a longer one."))
        n_tokens = min(data.base.config.n_context, len(stream) - 2, MAX_PASSAGE)
        return network, NextTokenObjective(TextPassages(stream, self.n_items, n_tokens, self.seed, device))

    def preview(self, data: TuningTexts, device: torch.device) -> SlowPreview:
        prompt = data.texts.texts[0].strip()[:N_PROMPT]
        params = TransformerParams(prompt=prompt, seed=self.seed, length=N_TOKENS, temperature=0.8, is_raw=True)

        def draw(average: nn.Module, _: int) -> Generator[Any, None, Moment]:
            assert isinstance(average, TunedDecoder)
            engine, views = TransformerEngine(average.network, data.model.tokenizer), {}
            for frame in whole_frames(engine.generate(params)):
                views = {"text": frame.views["text"]}
                yield
            return Moment(views)

        return SlowPreview(draw, SELDOM)

    def validation(self, data: TuningTexts, device: torch.device) -> Validation:
        return Validation(partial(self._bits, data, data.held_out), BITS)

    def _bits(self, data: TuningTexts, texts: tuple[str, ...], model: TunedDecoder) -> Measuring[dict[str, float]]:
        n_context = min(data.base.config.n_context, 2 * MAX_PASSAGE)
        encode = encoder(data.model.tokenizer)
        bits = yield from bits_per_character(model.network, texts, encode, data.end_id, n_context // 2, n_context)
        return {BITS: bits}

    def write(self, out: Path, training: Training, data: TuningTexts) -> Measuring[None]:
        """Write the averaged adapter, then measure base and adapter on the text's last part for the card."""
        average, base = training.average, data.base
        assert isinstance(average, TunedDecoder)
        save_adapter(out, average.adapter, base)
        source = base.source
        test = ("\n".join(data.texts.part(Split.TEST))[:N_MEASURED],)
        after = yield from self._bits(data, test, average)
        places = [one.place for parts in average.adapter.by_target().values() for one in parts]
        nothing = TunedDecoder(data.model.decoder, Adapter(places, average.adapter.strength, training.device))
        before = yield from self._bits(data, test, nothing)
        table = settings_of(average.adapter, base, _name_of(source))
        write_card(
            out.with_suffix(".json"),
            self._card(training, data, table),
            [
                Check(N_("Bits per character on the last twentieth of the text"), after[BITS], None, False),
                Check(N_("The same before fine-tuning"), before[BITS], None, False),
            ],
        )
        if self.settings.folder:
            save_folder(Path(self.settings.folder).expanduser(), out.read_bytes(), table)

    def _card(self, training: Training, data: TuningTexts, table: dict[str, Any]) -> dict[str, Any]:
        source, n = data.base.source, len(data.texts.texts)
        is_own = source.card.get("format") is None
        about = {
            "id": source.id,
            "title": str(source.card.get("title", source.id)),
            "path": "" if is_own else str(source.path.absolute()),
            "hash": base_hash(source),
        }
        told = {name: value for name, value in told_settings(training.settings).items() if name not in _PERSONAL}
        return {
            **panel_card(source),
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "licence": self.licence,
            "n_params": sum(one.numel() for one in training.model.parameters()),
            "trained": trained_facts([training], self.seed, is_full=True),
            "settings": told,
            "data": N_("{n:,} texts of your own, {c:,} characters").format(n=n, c=data.texts.n_characters),
            "data_set": {"name": folder_name(self.settings.data), "n_items": n, "which": "full"},
            "notes": [],
            "examples": [text.strip()[:N_PROMPT] for text in data.texts.texts[:4]],
            "format": ADAPTED,
            "base": about,
            "adapter": table,
        }


_PERSONAL: Final = ("base", "folder")


def _name_of(source: ModelSource) -> str:
    """What others call the base: its folder's name, or our id."""
    return source.id if source.card.get("format") is None else source.path.resolve().name


def _device(device: torch.device) -> Device:
    return Device("cuda" if device.type == "cuda" else "cpu", "float32", torch.get_num_threads())


def _loading(path: Path) -> Generator[Any, None, FolderTexts]:
    return load_text(path) if is_file(path) else load_texts(path)
