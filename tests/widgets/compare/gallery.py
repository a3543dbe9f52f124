"""Draws a comparison in every layout, both themes, two widths: `python -m tests.widgets.compare.gallery FOLDER`."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout

from studio.commands.track import Track
from studio.core.param import param_specs
from studio.widgets.compare.scene import MODES
from studio.widgets.compare.view import CompareView
from studio.widgets.theme import apply_theme, set_hue
from tests.widgets.compare.made import Params, letter, sunsets, text, track

LINES = (
    "It was the best of times , it was the worst of times , it was the age of wisdom",
    "It was the best of winds , it was the age of foolishness , it was the epoch of wisdom",
)


def pairs() -> dict[str, tuple[Track, Track]]:
    a = {"steps": 20, "guidance": 4.0, "sampler": "ddim"}
    b = {"steps": 20, "guidance": 7.5, "sampler": "ddpm"}
    suns = (track(sunsets(0), params=a), track(sunsets(90, 12), "Branch at step 9", 1, 8, params=b, seed=7))
    shapes = (track([letter(28)], params=a), track([letter(22)], "A rounder letter", 3, params=b, seed=7))
    words = (track([text(LINES[0])], params=a), track([text(LINES[1])], "Run 2", 2, params=a))
    return {"suns": suns, "shapes": shapes, "words": words}


def main() -> None:
    folder = Path(sys.argv[1])
    app = QApplication([])
    apply_theme(app, "dark")
    stage = QFrame()
    stage.setProperty("role", "canvas")
    set_hue(stage, "vae")
    view = CompareView()
    column = QVBoxLayout(stage)
    column.setContentsMargins(24, 16, 24, 16)
    column.addWidget(view)
    stage.show()
    for name, pair in pairs().items():
        view.set_pair(*pair, param_specs(Params))
        view.show_index(13, view.n_frames)
        for mode in MODES if name != "words" else ("side",):
            view.set_mode(mode)
            for look, scale in (("dark", 1.0), ("light", 1.0), ("light", 1.5)):
                apply_theme(app, look, scale)
                for width, height in ((1100, 620), (640, 520)):
                    stage.resize(width, height)
                    app.processEvents()
                    stage.grab().save(str(folder / f"{name}_{mode}_{look}_{scale:g}_{width}.png"))


if __name__ == "__main__":
    main()
