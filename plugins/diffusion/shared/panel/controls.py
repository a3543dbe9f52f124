"""Fills the inspector, most useful first, and keeps every control in step with the scene."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from studio.api.panel import SteerSliders
from studio.core.translation import N_

from ...pictures.face_caption import complete
from ...pictures.panel.attention_view import AttentionView
from ...pictures.panel.mask_section import PictureMaskSection
from ...pictures.panel.morph_section import MorphSection
from ...pictures.panel.nearest_section import NearestPictureSection
from ...pictures.panel.overlays import HeatOverlay
from ...pictures.panel.start_section import StartSection
from ...sound.panel.keyboard_section import KeyboardSection
from ..params import DiffusionParams
from ..scene import DiffusionScene
from ..state import ATTENTION
from ..steer_pairs import pairs_of
from ..vocabulary import Vocabulary
from .adapter_section import AdapterSection
from .chips import ActionChips
from .compare_section import RunCompareSection
from .prompt_section import PromptSection
from .sampler_section import NoiseCurve, SamplerSection
from .show_section import VIEW_TEXTS, ShowSection
from .steer_presenter import HINT
from .study_section import StudySection

N_EXAMPLES: Final = 4
FACES_COMPLETION: Final = "faces"
"""What a card says whose model completes a short prompt to a caption of a face."""
DATA_SETS: Final = ("emoji", "avatars", "digits")
"""Those of which training pictures are shipped."""


class DiffusionControls:
    """The controls of the panel.

    Attributes:
        sections: those that the model has a use for, as `ScenePanel.show_sections` takes them. unused: the others.
    """

    def __init__(
        self, card: Mapping[str, Any], defaults: DiffusionParams, heat: HeatOverlay, has_few_steps: bool
    ) -> None:
        self._completes = card.get("completion") == FACES_COMPLETION
        self.prompt = PromptSection(
            words_of(card), card.get("examples", ())[:N_EXAMPLES], card.get("classes", ()), card.get("nearby")
        )
        self.prompt.draw.setVisible(has_few_steps)
        instruments = card.get("words", {}).get("instruments", ()) if card.get("kind") == "sound" else ()
        self.keyboard = KeyboardSection(instruments) if instruments else None
        self.sampler = SamplerSection(defaults, knows_lcm=defaults.sampler == "lcm" or bool(card.get("takes_adapters")))
        self.adapters = AdapterSection()
        self.steer = SteerSliders(HINT, N_("How far what is drawn is pushed; 0 is off"))
        self.pairs = self._pairs(card)
        self.start, self.mask = StartSection(), PictureMaskSection()
        self.show, self.curve, self.compare = ShowSection(), NoiseCurve(), RunCompareSection()
        self.show.set_possible([name for name in VIEW_TEXTS if name != ATTENTION or has_words(card)])
        self.attention, self.study, self.morph = AttentionView(heat), StudySection(), MorphSection()
        self.nearest = NearestPictureSection()
        self.start.add_tool(self.mask)
        self.morph.set_vocabulary(Vocabulary(words_of(card), card.get("nearby")))
        notes = () if self.keyboard is None else (self.keyboard,)
        parts: dict[str, tuple[Any, ...]] = {
            "prompt": (N_("Prompt"), *notes, self.prompt),
            "steer": (N_("Steer"), self.pairs, self.steer),
            "start": (N_("Start from"), self.start),
            "sampler": (N_("Sampler"), self.sampler),
            "adapters": (N_("Adapters"), self.adapters),
            "show": (N_("Show"), self.show),
            "curve": (N_("Noise level"), self.curve),
            "compare": (N_("Compare with"), self.compare),
            "study": (N_("Side by side"), self.study),
            "attention": (N_("Which word mattered"), self.attention),
            "morph": (N_("Morph"), self.morph),
            "nearest": (N_("Nearest training picture"), self.nearest),
        }
        without = self._without(card)
        self.sections = [(f"section_{name}", *part) for name, part in parts.items() if name not in without]
        self.unused = [part for name in without for part in parts[name][1:]]

    def hide_unused(self, parent: QWidget) -> None:
        """Let a widget keep the parts that the model has no use for."""
        for part in self.unused:
            part.setParent(parent)
            part.hide()

    def _pairs(self, card: Mapping[str, Any]) -> ActionChips:
        """Pairs of words that a judge saw the most of, each a slider when it is clicked."""
        found = {f"{pair.toward} – {pair.away}": pair for pair in pairs_of(card)}
        chips = ActionChips("steer_pairs", N_("Pairs that change what is drawn the most"))
        chips.set_chips({name: name for name in found})
        chips.chosen.connect(lambda name: self.steer.pair_given.emit(found[name].toward, found[name].away))
        chips.setVisible(bool(found))
        return chips

    def _without(self, card: Mapping[str, Any]) -> set[str]:
        """The parts that a model has no use for."""
        without = set()
        if not has_words(card):
            without |= {"attention", "steer"}
        if not card.get("takes_adapters"):
            without.add("adapters")
        if card.get("kind") == "sound":
            without |= {"start", "show"}
        if card.get("data_set", {}).get("name") not in DATA_SETS:
            without.add("nearest")
        return without

    def show_scene(self, scene: DiffusionScene) -> None:
        """Show what is asked for; emits nothing."""
        params = scene.params
        self.prompt.set_prompt(params.prompt)
        self.prompt.set_completed(complete(params.prompt, params.seed) if self._completes else "")
        self.prompt.set_negative(params.negative)
        self.prompt.set_seed(params.seed)
        self.prompt.set_live(scene.is_live)
        self.prompt.draw.show_scene(scene)
        if self.keyboard is not None:
            self.keyboard.set_prompt(params.prompt)
        self.sampler.set_params(params)
        self.compare.set_params(params)
        self.morph.set_present(params.prompt)


def has_words(card: Mapping[str, Any]) -> bool:
    """Whether a model draws a prompt's words and tells where it saw each, so that one can ask which mattered."""
    is_asked_freely = bool(card.get("words") or card.get("examples")) and not card.get("classes")
    return is_asked_freely and card.get("kind") != "sound" and card.get("has_attention", True)


def words_of(card: Mapping[str, Any]) -> Sequence[str]:
    """The words that a model knows, of all kinds, as its card lists them."""
    words = card.get("words", {})
    return [word for kind in words.values() for word in kind] if isinstance(words, Mapping) else list(words)
