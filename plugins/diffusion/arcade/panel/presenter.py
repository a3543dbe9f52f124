"""Shows a picture of a dreamt game, the true one beside it, and what there is to say of it."""

import numpy as np
from PySide6.QtCore import QObject

from studio.api.panel import Caption
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import _, translate
from studio.core.view import Image

from ...shared.caption import learning_words
from ..caption import TERM, describe
from ..games.game import Game
from ..scene import ArcadeScene
from ..state import GameMoment, is_moment, moment_of
from .canvas import ArcadeCanvas
from .run import ArcadeRuns


class ArcadePresenter(QObject):
    """Draws what is at the playhead."""

    def __init__(self, canvas: ArcadeCanvas, caption: Caption, runs: ArcadeRuns) -> None:
        super().__init__(canvas)
        self._canvas, self._caption, self._runs = canvas, caption, runs
        self._frame: Frame | None = None

    def opened(self, game: Game) -> None:
        """The model is open: its game is known."""
        self._runs.game = game

    def show_scene(self, scene: ArcadeScene) -> None:
        """Show or hide the true game."""
        if self._frame is not None:
            self.show_frame(self._frame, scene)

    def show_frame(self, frame: Frame, scene: ArcadeScene) -> None:
        """Show a frame of a run, or what another model made."""
        self._frame, view, moment = frame, frame.main_view, self._moment(frame)
        if not isinstance(view, Image):
            return
        shown = np.asarray(view.pixels)
        game = self._runs.game
        if moment is not None and game is not None and scene.shows_true:
            self._canvas.show_pictures(shown, game.draw(moment.true)[0])
        else:
            self._canvas.show_pictures(shown)
        self._say(frame, moment)

    def _moment(self, frame: Frame) -> GameMoment | None:
        if self._runs.game is None or not is_moment(frame.state):
            return None
        try:
            return moment_of(self._runs.game, frame.state or {})
        except UserError:  # of another game
            return None

    def _say(self, frame: Frame, moment: GameMoment | None) -> None:
        if moment is not None:
            words = describe(moment.index, frame.scalars, not self._runs.is_playing)
            self._caption.set_lead(words.lead)
            self._caption.set_text(words.text, translate(TERM))
        elif self._runs.is_training:
            learning = learning_words(frame)
            self._caption.set_lead(learning.lead)
            self._caption.set_text(learning.text, learning.term)
        else:
            self._caption.set_lead("")
            self._caption.set_text(_("This is not a picture of this game."))
