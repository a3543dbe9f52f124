"""What the discriminator says: card and map over the picture, and the spread of its scores in the inspector.

Q quantiles, N bins.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    Axis,
    Curve,
    EngineTasks,
    PlotSpec,
    PlotView,
    Throttle,
    put_in_a_column,
    set_tip,
    small_label,
)
from studio.core.frame import Frame
from studio.core.translation import N_, translate
from studio.core.view import Image

from ..scene import PeopleScene
from ..state import PeopleFacts
from .canvas import PeopleStage, with_heat
from .editor import PeopleEditor

HEAT_KEY: Final = "heat"
JUDGE_MS: Final = 120
FOLLOW_MS: Final = 60
FloatArray = npt.NDArray[np.float64]
N_BINS: Final = 40
SCORES_TERM: Final = N_(
    "How many pictures get each score from the discriminator; the upright line is this picture. A detective that "
    "can tell them apart has two hills; one that is fooled has one."
)


def awaits_score(frame: Frame) -> bool:
    """Whether a frame shows a place that the discriminator has not judged yet."""
    return frame.state is not None and "w" in frame.state and "score" not in frame.scalars


class ScoreCardPresenter(QObject):
    """Asks the discriminator as soon as a hand rests for a moment, which waits for pictures only.

    While the card is checked, the map of what is at rest lies over it.

    Attributes:
        last: the verdict on show.
    """

    def __init__(
        self,
        stage: PeopleStage,
        editor: PeopleEditor,
        tasks: EngineTasks,
        request: Callable[[], None],
        parent: QObject,
    ) -> None:
        """`request` has the present scene drawn, and judged where `is_due` says so."""
        super().__init__(parent)
        self._stage, self._editor, self._tasks = stage, editor, tasks
        self._request = request
        self._frame: Frame | None = None
        self._has_verdict = self._is_due = False
        self.last: Mapping[str, float] = {}
        self._due = QTimer(self, singleShot=True, interval=JUDGE_MS)
        self._due.timeout.connect(self._on_due)
        stage.verdict.toggled.connect(self._on_toggled)

    def opened(self, about: PeopleFacts) -> None:
        """Show the card where there is a discriminator."""
        self._has_verdict = about.has_verdict
        self._stage.verdict.setVisible(about.has_verdict)
        self._stage.place_verdict()

    @property
    def is_due(self) -> bool:
        """Whether the next picture is judged as well."""
        return self._is_due or not self._editor.is_in_gesture

    def show_frame(self, frame: Frame, scene: PeopleScene) -> None:
        """Show the share of real pictures that look less real; the last one stays until this picture is judged."""
        self._frame = frame
        if awaits_score(frame):
            if self._has_verdict and not self._is_due:
                self._due.start()
            return
        self._is_due = False
        self._due.stop()
        self.last = frame.scalars
        self._stage.verdict.show_share(frame.scalars.get("real_share"))

    def _on_due(self) -> None:
        if self._frame is not None and awaits_score(self._frame):
            self._is_due = True
            self._request()

    def toggle(self) -> None:
        """Show the map, or no longer."""
        self._stage.verdict.toggle()

    def rest_on(self, scene: PeopleScene, frame: Frame) -> None:
        """Ask for the map of a picture that stays."""
        self._ask_map(scene)

    def _ask_map(self, scene: PeopleScene) -> None:
        if self._stage.verdict.isChecked():
            self._tasks.ask(HEAT_KEY, lambda engine: engine.scene_heat(scene), done=self._show)

    def _on_toggled(self, is_on: bool) -> None:
        if is_on:
            self._ask_map(self._editor.scene)
        else:
            self._show(None)

    def _show(self, heat: npt.NDArray[np.float32] | None) -> None:
        view = self._frame.main_view if self._frame is not None else None
        if isinstance(view, Image):
            self._stage.picture.show_array(view.pixels if heat is None else with_heat(view.pixels, heat))


@dataclass(frozen=True, eq=False)
class ScoreQuantiles:
    """Quantiles (Q,) of the scores of held-out real pictures and of forged ones, rising."""

    real: FloatArray
    fake: FloatArray


def scores_of(card: Mapping[str, Any]) -> ScoreQuantiles | None:
    """What a card says; None where it says nothing that can be drawn."""
    said = card.get("scores", {})
    real, fake = (np.asarray(said.get(name, []), np.float64) for name in ("real", "fake"))
    if min(real.size, fake.size) < 2 or not np.isfinite([*real, *fake]).all():
        return None
    return ScoreQuantiles(np.sort(real), np.sort(fake))


def share_below(quantiles: FloatArray, score: float) -> float:
    """The share of pictures with a lower score than `score`, of their quantiles (Q,)."""
    places = np.linspace(0, 1, len(quantiles))
    return float(np.interp(score, quantiles, places, left=0.0, right=1.0))


def shares_in_bins(quantiles: FloatArray, edges: FloatArray) -> FloatArray:
    """The share of pictures (N,) between edges (N + 1,); all of them together 1 where the edges hold all."""
    places = np.linspace(0, 1, len(quantiles))
    last = np.searchsorted(quantiles, edges, side="right") - 1  # equal quantiles are one step upwards
    inside = np.clip(last, 0, len(quantiles) - 2)
    width = quantiles[inside + 1] - quantiles[inside]
    part = np.divide(edges - quantiles[inside], width, out=np.ones_like(edges), where=width > 0)
    below = places[inside] + np.clip(part, 0, 1) * (places[inside + 1] - places[inside])
    below = np.where(last < 0, 0.0, np.where(last >= len(quantiles) - 1, 1.0, below))
    return np.diff(below)


def bin_edges(scores: ScoreQuantiles, n_bins: int = N_BINS) -> FloatArray:
    """Evenly spaced edges that hold both kinds, with a bin of air at each end."""
    low, high = min(scores.real[0], scores.fake[0]), max(scores.real[-1], scores.fake[-1])
    air = max(high - low, 1e-6) / (n_bins - 2)
    return np.linspace(low - air, high + air, n_bins + 1)


def middles(edges: Sequence[float] | FloatArray) -> FloatArray:
    """The middle of each bin, (N,)."""
    values = np.asarray(edges, np.float64)
    return (values[1:] + values[:-1]) / 2


def score_words(scores: ScoreQuantiles, score: float) -> str:
    """Where one score lies among both kinds."""
    form = N_("This picture scores {score:.2f}: above {real:.0f} % of the real pictures and {fake:.0f} % of the fakes.")
    return translate(form).format(
        score=score, real=100 * share_below(scores.real, score), fake=100 * share_below(scores.fake, score)
    )


class ScoreSection(QWidget):
    """Two curves and a line; nothing can be changed here.

    The plot follows a hand a few times a second, and only where it is in sight, so that the picture stays quick.
    """

    def __init__(self, card: Mapping[str, Any], editor: PeopleEditor) -> None:
        super().__init__()
        self.setObjectName("scores")
        self._editor = editor
        self._newest: float | None = None
        self._follow = Throttle(FOLLOW_MS, self.catch_up, self)
        self.scores = scores_of(card)
        self.plot = PlotView(N_("The detective’s scores"))
        self.plot.setObjectName("score_plot")
        set_tip(self.plot, translate(SCORES_TERM))
        self.words = small_label()
        put_in_a_column(self, (self.plot, self.words), 6)
        self._score: float | None = None
        self._show_curves()

    def _show_curves(self) -> None:
        if self.scores is None:
            return
        edges = bin_edges(self.scores)
        low, high = float(edges[0]), float(edges[-1])
        if self._score is not None:  # what lies outside of both kinds is on the plot nevertheless
            low, high = min(low, self._score), max(high, self._score)
        kinds = ((N_("Fake"), self.scores.fake), (N_("Real"), self.scores.real))
        at = middles(edges)
        curves = [Curve(translate(name), at, 100 * shares_in_bins(values, edges)) for name, values in kinds]
        self.plot.show_plot(PlotSpec(curves, Axis(N_("Score"), low, high)))

    def show_frame(self, frame: Frame, scene: PeopleScene) -> None:
        """Take over the score of what is on the canvas, where it has been judged."""
        if not awaits_score(frame):
            self._newest = frame.scalars.get("score")
            self._follow.request()

    def catch_up(self) -> None:
        """Show the newest score, unless nobody sees it while a hand moves."""
        if not self.visibleRegion().isEmpty() or not self._editor.is_in_gesture:
            self.show_score(self._newest)

    def show_score(self, score: float | None) -> None:
        """Mark the score of the picture; None where it has none. Emits nothing."""
        if self.scores is None or score == self._score:
            return
        self._score = score
        self._show_curves()
        self.plot.set_marker(score)
        self.words.setText("" if score is None else score_words(self.scores, score))
