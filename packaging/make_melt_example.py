"""Makes the example on Home that melts two faces: a path between the places of two seeds, and a picture of its steps.

Usage: python packaging/make_melt_example.py MODEL SEED SEED; writes `examples/melt.json` and `melt.webp` of its family.
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from make_model_picture import encoded, picture_of, side_by_side

from studio.compute.device import choose_device
from studio.core.path.keyframe import Keyframe, KeyframePath, path_to_json
from studio.core.path.position import slerp
from studio.registry.catalog import Catalog

N_STEPS, SECONDS, FPS = 3, 3.0, 30.0
PICTURE_PX = (480, 240)
LIMIT_BYTES = 20_000


def main(model_id: str, *seeds: str) -> None:
    """Write path and picture."""
    catalog = Catalog()
    source = catalog.find_model(model_id).source
    engine, params_class = catalog.open_engine(source, choose_device("cpu")), catalog.params_class(source)
    a, b = (engine.place_of(params_class(seed=int(seed))) for seed in seeds)
    path = KeyframePath(tuple(Keyframe({"z": place}, SECONDS) for place in (a, b)), {"z": "spherical"}, "spherical")
    timeline = {"path": path_to_json(path), "index": 0, "fps": FPS, "loop": "ping_pong"}
    folder = source.path.parents[1] / "examples"
    (folder / "melt.json").write_text(json.dumps({"timeline": timeline}, indent=1) + "\n", "utf-8")
    pictures = [picture_of(engine.frame(slerp(a, b, share), "")) for share in np.linspace(0, 1, N_STEPS).tolist()]
    row = side_by_side(pictures, *PICTURE_PX, most_rows=1)
    (folder / "melt.webp").write_bytes(encoded(row, LIMIT_BYTES))


if __name__ == "__main__":
    main(*sys.argv[1:])
