"""The inspector's parts for a dreamt game: keys to press, the true game beside it, and how a run begins."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import (
    Chip,
    Label,
    Segmented,
    SettingsSection,
    in_a_row,
    named_button,
    param_field,
    put_in_a_column,
    set_tip,
    small_label,
)
from studio.core.param import param_specs
from studio.core.translation import N_, _, translate

from ..params import ArcadeParams
from ..scene import ArcadeScene

PLAYER_TEXTS: Final = {"computer": N_("Computer"), "random": N_("Chance"), "nobody": N_("Nobody")}
PLAYER_HINTS: Final = {
    "computer": N_("A clumsy player who follows the ball that it sees in the dream"),
    "random": N_("Keys pressed at random"),
    "nobody": N_("No key is pressed"),
}
TOOLS: Final = {
    "play": (N_("Play"), N_("Hold the mouse button where to go")),
    "ball": (N_("Ball"), N_("Put another ball into the picture")),
    "wall": (N_("Wall"), N_("Paint a wall into the picture")),
    "eraser": (N_("Eraser"), N_("Wipe out what is in the picture")),
}
_PLAYER: Final = param_specs(ArcadeParams)["player"]


class ArcadePlaySection(QWidget):
    """Signals: held(name): a key on screen is down, or "none". true_chosen(is_shown). tool_chosen(name)."""

    held = Signal(str)
    true_chosen = Signal(bool)
    tool_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.left = named_button("arcade_left", N_("Left"), N_("Hold to go left (arrow key ← on the picture)"))
        self.right = named_button("arcade_right", N_("Right"), N_("Hold to go right (arrow key → on the picture)"))
        for name, button in (("left", self.left), ("right", self.right)):
            button.pressed.connect(lambda name=name: self.held.emit(name))
            button.released.connect(lambda: self.held.emit("none"))
        self.true = Chip(_("Show the true game"), self)
        self.true.setObjectName("arcade_true")
        set_tip(self.true, _("Show beside the dream what the rules make of the same keys"))
        self.true.clicked.connect(lambda: self.true_chosen.emit(self.true.isChecked()))
        self.tool = Segmented("arcade_tool", TOOLS, N_("What the mouse does in the picture"))
        self.tool.set_value("play")
        self.tool.value_chosen.connect(self.tool_chosen)
        hint = small_label(_("Click the picture and press the arrow keys. Nobody has told the network the rules."))
        put_in_a_column(self, (in_a_row(self.left, self.right), self.tool, self.true, hint))

    def show_scene(self, scene: ArcadeScene) -> None:
        """Show whether the true game is seen; emits nothing."""
        self.true.setChecked(scene.shows_true)


class ArcadeRunSection(SettingsSection):
    """Attributes: player: the choice of who begins. seed: the number of the run. anew: the button for another one."""

    def __init__(self, params: ArcadeParams) -> None:
        super().__init__()
        self.anew = named_button("arcade_new", N_("New game"), N_("Another beginning and new noise (R)"))
        self.player = Segmented("arcade_player", PLAYER_TEXTS, _PLAYER.label, PLAYER_HINTS)
        set_tip(self.player, translate(_PLAYER.help))
        self.seed = param_field(params, "seed", "arcade_seed")
        row = QHBoxLayout()
        row.addWidget(Label(_("Seed")), 1)
        row.addWidget(self.seed)
        who = small_label(translate(_PLAYER.label))
        put_in_a_column(self, (self.anew, *self.sliders(params, "arcade_", "steps", "pictures"), who, self.player, row))

    def show_scene(self, scene: ArcadeScene) -> None:
        """Show the settings; emits nothing."""
        self.show_params(scene.params)
        self.player.set_value(scene.params.player)
        self.seed.set_value(scene.params.seed)
