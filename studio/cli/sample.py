"""Draws one sample of a model into a file."""

import argparse
import io
import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.cli import option, output
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.option import DEVICE, N_THREADS
from studio.core.param import make_params, params_to_json
from studio.core.path import config_dir
from studio.core.recording import Recording, RunInfo
from studio.core.setting import FILE_NAME, Settings
from studio.core.text import N_
from studio.registry.catalog import Catalog
from studio.registry.target import Opening, find_opening
from studio.render.still import still_png

SUMMARY = N_("draw one sample of a model: its last picture as .png, or all arrays of all its frames as .npz")
SUFFIXES: Final = (".png", ".npz")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare MODEL, --seed, --set, -o and --json."""
    option.add_model(parser)
    parser.add_argument("--seed", type=int, metavar="N", help=N_("the number that chance is made from"))
    option.add_settings(parser)
    option.add_out(parser, N_("the .png or .npz file to write"))
    option.add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Write the sample; the same arguments write the same bytes."""
    output.check(options.out, SUFFIXES)
    catalog = Catalog()
    opening = find_opening(options.model, catalog)
    wanted = {**opening.params, **option.settings_of(options)}
    if options.seed is not None:
        wanted["seed"] = str(options.seed)
    family_id = opening.source.id.partition("/")[0]
    params: Any = make_params(catalog.params_class(family_id), wanted)
    started = time.monotonic()
    recording = _record(catalog, opening, params)
    atomic_write(options.out, _encode(recording, options.out.suffix.lower()))
    if options.is_json:
        print(json.dumps(_report(recording, options.out, time.monotonic() - started), indent=1))


def _record(catalog: Catalog, opening: Opening, params: Any) -> Recording:
    """Open the model, which loads torch, and record its run."""
    from studio.compute.device import choose_device

    settings = Settings(config_dir() / FILE_NAME)  # the same device and threads as in the window: the same bits
    device = choose_device(settings.get(DEVICE), settings.get(N_THREADS))
    values = params_to_json(params)
    info = RunInfo(opening.source.id, values, int(values.get("seed", 0)), device.backend())
    recording = Recording(info)
    engine = catalog.open_engine(opening.source, device)
    try:
        for frame in engine.generate(params):
            recording.append(frame)
    finally:
        engine.close()
    if not len(recording):
        raise UserError(N_("{model} drew nothing.").format(model=opening.source.id))
    return recording


def _encode(recording: Recording, suffix: str) -> bytes:
    if suffix == ".npz":
        return encode_npz(recording)
    info = recording.info
    return still_png(recording[len(recording) - 1], info.model_id, info.seed, info.params)


def encode_npz(recording: Recording) -> bytes:
    """Return an NPZ file: every array of every frame as frame_00000.VIEW.FIELD, and `metadata` as JSON."""
    info = recording.info
    made_from = {"model": info.model_id, "seed": info.seed, "params": dict(info.params)}
    arrays: dict[str, Any] = {"metadata": np.array(json.dumps(made_from, sort_keys=True))}
    for number, frame in enumerate(recording):
        for name, view in frame.views.items():
            for field, value in vars(view).items():
                if isinstance(value, np.ndarray):
                    arrays[f"frame_{number:05d}.{name}.{field}"] = value
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # stamps no time of day, so equal frames are equal bytes
    return buffer.getvalue()


def _report(recording: Recording, path: Path, seconds: float) -> Mapping[str, Any]:
    scalars = recording[len(recording) - 1].scalars
    return {
        "files": [str(path)],
        "seed": recording.info.seed,
        "params": dict(recording.info.params),
        "frames": len(recording),
        "seconds": round(seconds, 3),
        "scalars": {name: value if math.isfinite(value) else None for name, value in scalars.items()},
    }
