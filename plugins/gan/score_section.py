"""The inspector's part that shows how the detective scores real and forged pictures, and where this one lies."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import Axis, Curve, PlotSpec, PlotView
from studio.core.text import N_, translate

from .score_density import bin_edges, middles, score_words, scores_of, shares_in_bins

TERM: Final = N_(
    "The share of pictures at each score of the discriminator; the upright line is this picture. A detective that "
    "tells them apart has two hills, one that is fooled has one."
)


class ScoreSection(QWidget):
    """Two curves and a line; nothing can be changed here."""

    def __init__(self, card: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scores")
        self.scores = scores_of(card)
        self.plot = PlotView(N_("The detective’s scores"))
        self.plot.setObjectName("score_plot")
        self.plot.setToolTip(translate(TERM))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.plot)
        column.addWidget(self.words)
        self._score: float | None = None
        self._show_curves()

    def _show_curves(self) -> None:
        if self.scores is None:
            return
        edges = bin_edges(self.scores)
        low, high = float(edges[0]), float(edges[-1])
        if self._score is not None:  # what lies outside of both kinds is on the plot nevertheless
            low, high = min(low, self._score), max(high, self._score)
        kinds = ((N_("Forged"), self.scores.fake), (N_("Real"), self.scores.real))
        at = middles(edges)
        curves = [Curve(translate(name), at, 100 * shares_in_bins(values, edges)) for name, values in kinds]
        self.plot.show_plot(PlotSpec(curves, Axis(N_("Score"), low, high)))

    def show_score(self, score: float | None) -> None:
        """Mark the score of the picture; None where it has none. Emits nothing."""
        if self.scores is None or score == self._score:
            return
        self._score = score
        self._show_curves()
        self.plot.set_marker(score)
        self.words.setText("" if score is None else score_words(self.scores, score))
