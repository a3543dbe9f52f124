"""What leaves the panel as a file: a picture, with everything that makes it again."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.api.panel import Snapshot
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.view import Image

from .scene import Scene
from .view_request import View


def frame_of(view: View) -> Frame:
    """The picture of the viewport as a frame."""
    state = {**view.request.camera.position(), "pass": np.array(0)}
    return Frame(0, 1, views={"picture": Image(view.pixels)}, scalars={"samples a ray": view.n_samples}, state=state)


def snapshot_of(scene: Scene, frame: Frame, model_id: str, state: Mapping[str, Any]) -> Snapshot:
    """What is on screen: the frame, and the settings that make it, its own size among them."""
    params = params_to_json(scene.params)
    if isinstance(frame.main_view, Image):
        height, width = frame.main_view.pixels.shape[:2]
        params |= {"width": width, "height": height}
    return Snapshot(frame, model_id, scene.params.seed, params, state)
