"""The inspector's part for steering: a slider from a pair of texts, found layer by layer, and what it changes."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, SteerSliders
from studio.core.error import UserError
from studio.core.text.steer_slider import MAX_SLIDERS, SteerSlider, checked_pair, sliders_of, with_slider, with_strength
from studio.core.text.token import percent
from studio.core.translation import N_, _, translate

from ..interpret.ablation import AblationEffect
from ..state import FeatureWords, SteerSearch
from .ablation_section import WatchedPresenter, effect_rows
from .features_section import FeatureList, feature_name
from .paired_bars import PairedBars

SEARCH_KEY: Final = "steer search"
EFFECT_KEY: Final = "steer effect"
INVITATION: Final = N_("Name two opposites. A slider then pushes the text from one to the other.")


class SteerSection(SteerSliders):
    """Signals: see SteerSliders."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.features = FeatureList()
        self._names: tuple[str, ...] = ()
        heads = (N_("Before"), N_("After"))
        self.bars = PairedBars("steer_bars", heads, N_("What comes next without and with steering"))
        hint = N_("Compares what the network makes of both texts after each layer (activation addition)")
        super().__init__(hint, N_("How far the text is pushed; 0 is off"), parent)

    def _shown_below(self) -> tuple[QWidget, ...]:
        return self.bars, self.clear, self.features

    def set_features(self, features: Sequence[FeatureWords]) -> None:
        """The model has these, after which sliders are called. Emits nothing."""
        self._names = tuple(feature_name(one) for one in features)
        self._what = ()

    def slider_name(self, slider: SteerSlider) -> str:
        """What a slider is called; a feature after its words where they are known."""
        if slider.feature is None:
            return super().slider_name(slider)
        known = slider.feature < len(self._names)
        return self._names[slider.feature] if known else _("Feature {n}").format(n=slider.feature + 1)


class SteerPresenter(WatchedPresenter):
    """Signals: steer_changed(text): the sliders stand so, as the parameter says it."""

    steer_changed = Signal(str)

    def __init__(self, section: SteerSection, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(section, tasks, parent)
        self._place: tuple[tuple[int, ...], str] = ((), "")
        self._steer = ""
        self._pair = ("", "")
        section.said.setText(translate(INVITATION))
        section.pair_given.connect(self._search)
        section.features.chosen.connect(self._choose)
        section.moved.connect(self._move)
        section.cleared.connect(lambda: self.steer_changed.emit(""))

    def set_features(self, features: Sequence[FeatureWords]) -> None:
        """The open model has these."""
        self._section.set_features(features)

    def set_steer(self, text: str) -> None:
        """The sliders stand otherwise."""
        self._steer = text
        self._section.show_sliders(sliders_of(text))
        self.follow()

    def show(self, ids: Sequence[int], place: int, muted: str) -> None:
        """The text on screen and the marked token; the bars are about what comes in its place."""
        self._place = tuple(ids[: max(place, 1)]), muted
        self.follow()

    def _search(self, toward: str, away: str) -> None:
        try:
            pair = checked_pair(toward, away)
            self._check_room()
        except UserError as error:
            self._section.said.setText(str(error))
            return
        self._pair = pair
        self._tasks.ask(
            SEARCH_KEY,
            lambda engine: engine.steer_search(*pair),
            Policy.RESTART,
            title=N_("Looking for a direction"),
            event=self._on_layer,
            done=self._on_found,
            failed=self._on_failed,
        )

    def _check_room(self) -> None:
        if len(sliders_of(self._steer)) >= MAX_SLIDERS:
            raise UserError(_("At most {n} steering sliders work at once.").format(n=MAX_SLIDERS))

    def _choose(self, feature: int) -> None:
        if any(slider.feature == feature for slider in sliders_of(self._steer)):
            return
        try:
            self._check_room()
        except UserError as error:
            self._section.said.setText(str(error))
        else:
            self.steer_changed.emit(with_slider(self._steer, SteerSlider(20.0, feature=feature)))

    def _on_layer(self, found: SteerSearch | None) -> None:
        if found is not None:
            text = N_("{n} of {all} layers tried; layer {best} does most so far.")
            said = translate(text).format(n=len(found.effects), all=found.n_layers, best=found.best + 1)
            self._section.said.setText(said)

    def _on_found(self, found: SteerSearch) -> None:
        text = N_("Layer {best} does most: 10 % there moves what comes next by {bits:.3f} bits.")
        bits = found.effects[found.best].bits
        self._section.said.setText(translate(text).format(best=found.best + 1, bits=bits))
        self.steer_changed.emit(with_slider(self._steer, SteerSlider(20.0, *self._pair, found.best)))

    def _on_failed(self, error: BaseException) -> None:
        self._tasks.say(error, lambda refusal: self._section.said.setText(str(refusal)))

    def _move(self, number: int, strength: float) -> None:
        self.steer_changed.emit(with_strength(self._steer, number, strength))

    def follow(self) -> None:
        """Ask what the sliders change."""
        wanted = (*self._place, self._steer)
        if not self._steer:
            self._asked = None
            self._section.bars.show_rows(())
        elif self._is_watched and self._vocabulary is not None and wanted[0] and wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(
                EFFECT_KEY, lambda engine: engine.steered(*wanted), done=self._on_effect, failed=self._on_failed
            )

    def _on_effect(self, effect: AblationEffect) -> None:
        if self._vocabulary is not None and self._steer:
            self._section.bars.show_rows(effect_rows(effect, self._vocabulary))
            text = N_("{share} of the probability has moved. Write on, and the text follows.")
            self._section.said.setText(translate(text).format(share=percent(effect.distance)))
