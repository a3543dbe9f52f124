"""Draws one sample of a model into a file."""

import argparse
import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from studio.cli import option, output
from studio.core.error import UserError
from studio.core.option import DEVICE, N_THREADS, NETWORKS
from studio.core.param import params_to_json
from studio.core.place import config_dir
from studio.core.recording.clip import clip_of_recording
from studio.core.recording.recording import Recording, RunInfo
from studio.core.setting import FILE_NAME, Settings
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.target import Opening, find_opening, typed_params
from studio.render.export.format import SUFFIXES, format_for
from studio.render.export.option import ExportOptions

DEFAULT_SIDE_PX: Final = 512

SUMMARY = N_("draw one sample from a model: its last picture as .png, or the whole run as a video, a sound or numbers")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare MODEL, --seed, --set, --raw, -o, --size, --fps and --json."""
    option.add_model(parser)
    parser.add_argument("--seed", type=int, metavar="N", help=N_("the number that all randomness starts from"))
    option.add_settings(parser)
    parser.add_argument(
        "--raw",
        action="store_const",
        const={"is_raw": "1"},
        default={},
        help=N_("continue a prompt as it is, even if the model has learnt to answer"),
    )
    option.add_out(parser, N_("the file to write: {known}").format(known=", ".join(SUFFIXES)))
    parser.add_argument(
        "--size", type=option.side, default=DEFAULT_SIDE_PX, dest="side_px", metavar="N", help=N_("height in pixels")
    )
    parser.add_argument("--fps", type=option.fps, metavar="N", help=N_("frames per second of a video"))
    option.add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Write the sample; the same arguments write the same bytes."""
    output.check(options.out, SUFFIXES)
    catalog = Catalog()
    opening = find_opening(options.model, catalog)
    saved = {**opening.source.card.get("defaults", {}), **opening.params}
    seed = {} if options.seed is None else {"seed": str(options.seed)}
    params = typed_params(catalog, opening, saved, {**option.settings_of(options), **seed, **options.raw})
    started = time.monotonic()
    recording = _record(catalog, opening, params)
    try:
        _write(recording, opening, options)
        if options.is_json:
            print(json.dumps(_report(recording, options.out, time.monotonic() - started), indent=1))
    finally:
        recording.close()


def _record(catalog: Catalog, opening: Opening, params: Any) -> Recording:
    """Open the model, which loads torch, and record its run."""
    from studio.compute.device import choose_device

    settings = Settings(config_dir() / FILE_NAME)  # the same device and threads as in the window: the same bits
    device = choose_device(settings.get(DEVICE), settings.get(N_THREADS), settings.get(NETWORKS))
    values = params_to_json(params)
    run_id = _run_id(opening.source.id, values)
    engine = catalog.open_engine(opening.source, device)
    made_by = {**device.backend(), **engine.made_by}
    recording = Recording(RunInfo(opening.source.id, values, int(values.get("seed", 0)), made_by, id=run_id))
    try:
        for frame in engine.generate(params):
            recording.append(frame)
    finally:
        engine.close()
    recording.finish()
    if not len(recording):
        raise UserError(N_("{model} drew nothing.").format(model=opening.source.id))
    return recording


def _write(recording: Recording, opening: Opening, options: argparse.Namespace) -> None:
    title, licence = (str(opening.source.card.get(name, "")) for name in ("title", "licence"))
    clip = replace(clip_of_recording(recording, recording.info.fps), title=title, licence=licence)
    kind = format_for(options.out)
    first = 0 if kind.has_range else clip.n_frames - 1  # one picture of a run is its last one
    for _ in kind.write(clip, options.out, ExportOptions(options.side_px, options.fps, first)):
        pass


def _run_id(model_id: str, params: Mapping[str, Any]) -> str:
    """A name for the run that is the same each time: equal commands shall write equal bytes."""
    return hashlib.sha256(json.dumps([model_id, params], sort_keys=True).encode()).hexdigest()[:32]


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
