"""A panel with a small scene of random numbers inside a ball: quick, whole, and never from a network."""

from pathlib import Path

import numpy as np
import pytest

from plugins.nerf.family import FAMILY
from plugins.nerf.field.bake.bake import BakeSettings
from plugins.nerf.field.engine import FieldEngine
from plugins.nerf.field.model.weights import count_params, save_field
from plugins.nerf.field.panel.panel import FieldPanel
from plugins.nerf.field.photos.pack import pack_photos
from studio.api.engine import EngineHandle, ModelSource
from studio.compute.device import Device
from tests.panel_host import PanelHost
from tests.plugins.nerf.field.analytic import ball_occupancy
from tests.plugins.nerf.field.made_field import make_config, make_weights
from tests.plugins.nerf.field.made_scene import photos_of_ball

DEVICE = Device("cpu", "float32", 2)
SIZE_PX = (720, 520)


@pytest.fixture(scope="session")
def ball_source(tmp_path_factory) -> ModelSource:
    """A scene of ours, with twelve photos beside it."""
    folder: Path = tmp_path_factory.mktemp("ball")
    config = make_config()
    weights = make_weights(config, 1)
    weights.density[-1][0] = 6 * np.abs(weights.density[-1][0])  # solid: a ray ends where it meets the ball
    save_field(folder / "ball.safetensors", config, weights, ball_occupancy(0.7, np.zeros(3, np.float32), 16))
    (folder / "views.npz").write_bytes(pack_photos(photos_of_ball()))
    card = {"photos": "views.npz", "n_params": count_params(weights)}
    return ModelSource("nerf/ball", folder / "ball.safetensors", card)


@pytest.fixture
def kernels_are_ready(monkeypatch):
    """The program may call kernels at once; they are in the tests' own cache, or compiled on the way."""
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)


@pytest.fixture
def make_panel(qtbot, dispatcher, ball_source, monkeypatch):
    """Makes the panel on a worker; unexpected errors fail the test."""
    hosts = []
    monkeypatch.setattr("plugins.nerf.field.render.renderer.BAKING", BakeSettings(stages=(48,)))
    monkeypatch.setattr("plugins.nerf.field.render.renderer.N_SHIFTED", 2)

    def make(worker, source=ball_source, engine_type=FieldEngine, panel_type=FieldPanel):
        host = PanelHost(FAMILY, worker, dispatcher)
        hosts.append(host)
        panel = panel_type(EngineHandle(source, lambda one: engine_type.open(one, DEVICE)), host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.close()
        assert host.opened == []


@pytest.fixture
def panel(make_panel, sync_worker, kernels_are_ready) -> FieldPanel:
    """A panel whose work is done at once."""
    return make_panel(sync_worker)
