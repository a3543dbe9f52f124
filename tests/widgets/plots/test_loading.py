"""The package that draws comes with the first plot, on a thread, without anything heavy of its own."""

import subprocess
import sys

import pytest

CODE = """
import sys, threading
import numpy as np
from PySide6.QtWidgets import QApplication
app = QApplication([])
import studio.app, studio.api.panel
from studio.widgets.plots.loading import plot_loader
from studio.widgets.plots.spec import Curve, PlotSpec
from studio.widgets.plots.view import PlotView
assert "pyqtgraph" not in sys.modules
hooks = sys.excepthook, threading.excepthook
plot = PlotView("Losses")
plot.resize(308, 132)
plot.show_plot(PlotSpec([Curve("Loss", np.arange(9.0), np.arange(9.0))]))
plot.show()
before = plot.grab().toImage()
assert not plot_loader().is_loaded
while not plot_loader().is_loaded:
    app.processEvents()
app.processEvents()
assert plot.grab().toImage() != before
print([name for name in ("scipy", "matplotlib", "torch", "numba", "OpenGL", "IPython") if name in sys.modules])
print(hooks == (sys.excepthook, threading.excepthook))
"""


@pytest.mark.long("starts processes of its own")
def test_it_is_loaded_with_the_first_plot_and_drawn_when_it_is_there():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]", "True"]
    assert [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line] == []
