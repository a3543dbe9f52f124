"""Makes the recordings that models come with, which their panels play until the models themselves are ready.

Usage: python packaging/make_recordings.py [MODEL ...]; without a name those of all models that come along.

Each is a run of the model itself from fixed seeds, thinned out to what is seen: the main view of each frame, colours
from one palette. A walk between places, a picture that grows, a text that is written, a turn about a scene.
"""

import hashlib
import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PilImage

sys.path.insert(0, str(Path(__file__).parents[1]))

from studio.api.preview import MAX_BYTES, recording_beside
from studio.compute.device import choose_device
from studio.compute.travel import travel
from studio.core.frame import Frame, whole_frames
from studio.core.param import make_params, params_to_json
from studio.core.path.keyframe import Keyframe, KeyframePath
from studio.core.recording.delta import Patch
from studio.core.recording.file import save_recording
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Field, Image, Tokens
from studio.registry.catalog import Catalog
from studio.render.pixel import enlarge_crisp
from studio.render.still import loudness_pixels, shown_view

PALETTES = (256, 192, 128, 96, 72, 56, 48, 40, 32, 24, 16, 12, 8)
REST_S = 1.2
FAR_PX = 1.5
PAIR_PX, GROUND = 64, (17, 18, 21)


class Model:
    """An open model, asked by plain values."""

    def __init__(self, catalog: Catalog, model_id: str) -> None:
        self.source = catalog.find_model(model_id).source
        self.kind = catalog.family(model_id.partition("/")[0]).manifest.kind_of(self.source.card)
        self.device = choose_device("cpu")
        self.engine = catalog.open_engine(self.source, self.device)
        self._class = catalog.params_class(self.source)
        self.values: dict[str, Any] = {}

    def params(self, **values: Any) -> Any:
        """Settings: the card's, then these, which the recording names."""
        self.values = {**self.source.card.get("defaults", {}), **values}
        return make_params(self._class, self.values)

    def run(self, **values: Any) -> list[Frame]:
        """All frames of a run."""
        return list(whole_frames(self.engine.generate(self.params(**values))))


Made = tuple[list[Frame], float]  # frames and how many of them a second


def walk(model: Model, seeds: Sequence[int], n_frames: int, fps: float = 12.0, **values: Any) -> Made:
    """A loop through the places of some seeds."""
    places = []
    for seed in seeds:
        state = model.run(seed=seed, **values)[-1].state or {}
        places.append({name: state[name] for name in model.kind.positions})
    path = KeyframePath(tuple(map(Keyframe, places)), model.kind.positions, is_loop=True).stretched(n_frames / fps)
    params = model.params(seed=seeds[0], **values)
    positions = (path.position_at(number / fps) for number in range(n_frames))
    return list(travel(model.engine, params, positions, n_frames)), fps


def grow(model: Model, runs: Sequence[dict[str, Any]], n_frames: int, fps: float = 12.0) -> Made:
    """Runs one after the other, each of `n_frames` at most, and a rest at its end."""
    frames: list[Frame] = []
    for values in runs:
        run = model.run(**values)
        chosen = np.unique(np.linspace(0, len(run) - 1, n_frames).round().astype(int))
        frames += [run[number] for number in chosen] + [run[-1]] * round(REST_S * fps)
    return frames, fps


def viewed(made: Made, name: str) -> Made:
    """The same with one of the views alone, of the size that the noise has."""
    return seen(made, lambda frame: {name: frame.views[name]})


def smaller(made: Made, width: int) -> Made:
    """The same with pictures of another width."""
    return seen(made, lambda frame: {"picture": Image(_scaled(frame.main_view.pixels, width))})


def seen(made: Made, views: Callable[[Frame], dict[str, Any]]) -> Made:
    """The same frames with other views; one that comes several times stays one."""
    frames, fps = made
    changed = {id(frame): replace(frame, views=views(frame)) for frame in frames}
    return [changed[id(frame)] for frame in frames], fps


def drawn(model: Model, seeds: Sequence[int], fps: float = 5.0) -> Made:
    """Outlines that are drawn stroke by stroke, and beside each what is made of it."""
    frames = []
    for seed in seeds:
        run = model.run(seed=seed)
        for frame in run:
            pair = [_scaled(frame.views["drawing"].pixels, PAIR_PX), _scaled(frame.main_view.pixels, PAIR_PX)]
            gap = np.full((PAIR_PX, PAIR_PX // 16, 3), GROUND, np.uint8)
            frames.append(replace(frame, views={"picture": Image(np.concatenate([pair[0], gap, pair[1]], axis=1))}))
        frames += [frames[-1]] * round(REST_S * fps)
    return frames, fps


def wipe(befores: Sequence[Any], afters: Sequence[Any], n_steps: int, fps: float = 12.0) -> Made:
    """Pictures that a bright line crosses, behind which they are others; then the next ones."""
    frames = []
    for before, after in zip(befores, afters, strict=True):
        width = after.shape[1]
        for step in range(n_steps + 1):
            edge = round(width * step / n_steps)
            picture = np.concatenate([after[:, :edge], before[:, edge:]], axis=1)
            picture[:, max(0, edge - 1) : edge] = 255 if 0 < edge < width else picture[:, max(0, edge - 1) : edge]
            frames.append(Frame(0, 1, views={"picture": Image(picture)}))
        frames += [frames[-1]] * round(REST_S * fps / 2)
    return frames, fps


def styles(model: Model, seeds: Sequence[int]) -> Made:
    """Emoji of one style that become those of another."""
    runs = [model.run(seed=seed)[-1].views for seed in seeds]
    return wipe([run["original"].pixels for run in runs], [run["picture"].pixels for run in runs], 5)


def enlarged(model: Model, seeds: Sequence[int]) -> Made:
    """Pictures of few pixels that become those of many."""
    befores, afters = [], []
    for seed in seeds:
        last = model.run(seed=seed)[-1]
        large = _scaled(last.main_view.pixels, 288)
        befores.append(enlarge_crisp(_scaled(large, 72), 288, len(large)))
        afters.append(large)
    return wipe(befores, afters, 6)


def orbit(model: Model, n_frames: int, width: int, height: int, fps: float = 10.0) -> Made:
    """A turn about a scene, through its time and all of its lights where it has several, drawn at twice the size."""
    from plugins.nerf.shared.camera.camera import camera_from_position
    from plugins.nerf.shared.camera.viewpoint import turntable

    size = {"width": 2 * width, "height": 2 * height}
    state = model.run(seed=0, **size)[-1].state or {}
    path = turntable(camera_from_position(state), n_frames / fps)
    ends = {"time": (0, 1), "light": (1, len(model.source.card.get("lights", "1")))}
    more = {name: np.linspace(*ends[name], n_frames, dtype=np.float32)[:, None] for name in ends if name in state}
    positions = (
        {**path.position_at(number / fps), **{name: values[number] for name, values in more.items()}}
        for number in range(n_frames)
    )
    frames = travel(model.engine, model.params(seed=0, **size), positions, n_frames)
    return [replace(frame, views={"picture": Image(_scaled(frame.main_view.pixels, width))}) for frame in frames], fps


def _scaled(pixels: Any, width: int) -> Any:
    size = width, max(1, round(pixels.shape[0] * width / pixels.shape[1]))
    return np.asarray(PilImage.fromarray(pixels).resize(size, PilImage.Resampling.LANCZOS))


PLACES, MORE_PLACES = (3, 8, 21, 5), (3, 8, 21, 5, 14, 2)
FOX, OWL = "a fox with sunglasses on a blue background", "a big owl in a top hat on a purple background"
MAKERS: dict[str, Callable[[Model], Made]] = {
    "vae/letterforms": lambda m: walk(m, PLACES, 48),
    "vae/avatars": lambda m: smaller(walk(m, PLACES, 48), 144),
    "vae/digits": lambda m: walk(m, MORE_PLACES, 72),
    "vae/digits-16": lambda m: walk(m, MORE_PLACES, 72),
    "vae/tables": lambda m: smaller(grow(m, [{}], 13, 4.0), 360),
    "vae/digits-beta": lambda m: walk(m, MORE_PLACES, 72),
    "gan/avatars-layers": lambda m: smaller(walk(m, PLACES, 36), 144),
    "vae/molecules": lambda m: smaller(walk(m, PLACES, 36, 6.0), 240),
    **{f"gan/avatars-{name}": lambda m: walk(m, PLACES, 36) for name in ("style", "dcgan", "wgan", "collapsed")},
    "gan/emoji-styles": lambda m: styles(m, (1, 2, 3, 4, 5, 6)),
    "gan/enlarge": lambda m: enlarged(m, (1, 2)),
    "gan/outline-to-icon": lambda m: drawn(m, (1, 3, 4)),
    "gan/playground": lambda m: smaller(grow(m, [{"seed": 1}], 24, 6.0), 96),
    "diffusion/arcade": lambda m: grow(m, [{"pictures": 48}], 48, 16.0),
    "diffusion/emoji": lambda m: grow(m, [{"prompt": prompt, "steps": 14} for prompt in (FOX, OWL)], 15, 8.0),
    "diffusion/cascade": lambda m: grow(m, [{"prompt": FOX}], 42, 10.0),
    "diffusion/avatars": lambda m: viewed(grow(m, [{"seed": seed, "steps": 14} for seed in (1, 2)], 15, 8.0), "noisy"),
    "diffusion/digits": lambda m: grow(m, [{"prompt": word, "steps": 16} for word in "73"], 17, 8.0),
    "diffusion/notes": lambda m: grow(m, [{}], 31, 10.0),
    "autoregressive/digits": lambda m: grow(m, [{"kind": kind, "stride": 14} for kind in "738"], 40),
    "autoregressive/digits-rnn": lambda m: grow(m, [{"seed": seed, "stride": 14} for seed in (1, 2)], 40),
    "autoregressive/glyphs": lambda m: grow(m, [{"seed": seed, "stride": 14} for seed in (1, 2)], 40),
    "autoregressive/notes": lambda m: grow(m, [{}], 60),
    "autoregressive/speech": lambda m: grow(m, [{}], 60),
    "autoregressive/text-xl": lambda m: grow(m, [{"prompt": example(m), "length": 48}], 49, 8.0),
    "autoregressive/text-xlnet": lambda m: grow(m, [{}], 65, 8.0),
    "autoregressive/chorales": lambda m: smaller(grow(m, [{}], 64), 480),
    "autoregressive/forecast": lambda m: smaller(grow(m, [{}], 48), 480),
    "transformer/shakespeare": lambda m: grow(m, [{"prompt": example(m), "length": 48}], 49, 8.0),
    "transformer/code": lambda m: grow(m, [{"prompt": example(m), "length": 48}], 49, 8.0),
    "transformer/fill-in": lambda m: grow(m, [{"prompt": prompt} for prompt in gapped(m)], 12, 4.0),
    "transformer/translate": lambda m: grow(m, [{"prompt": example(m)}], 60, 6.0),
    "transformer/caption": lambda m: grow(m, [{"seed": 4}], 45, 6.0),
    "nerf/glossy": lambda m: orbit(m, 36, 144, 96),
    "nerf/glossy-splats": lambda m: orbit(m, 36, 144, 96),
    "nerf/relit": lambda m: orbit(m, 36, 144, 96),
    "nerf/animated": lambda m: orbit(m, 36, 144, 96),
}


def example(model: Model) -> str:
    """The first prompt that the card offers."""
    return str(model.source.card["examples"][0])


def gapped(model: Model) -> list[str]:
    """The first two prompts of the card, every other word left out."""
    return [
        " ".join(word if number % 2 == 0 else "__" for number, word in enumerate(text.split()))
        for text in model.source.card["examples"][:2]
    ]


def main(*model_ids: str) -> None:
    """Write `NAME.frames` beside each model."""
    catalog = Catalog()
    for model_id in model_ids or sorted(MAKERS):
        model = Model(catalog, model_id)
        frames, fps = MAKERS[model_id](model)
        seen = [_seen(frame, number, len(frames)) for number, frame in enumerate(frames)]
        path = recording_beside(model.source.path)
        n_colours = write(model, seen, fps, path)
        print(f"{path.name}: {len(seen)} frames, {n_colours} colours, {path.stat().st_size:,} bytes", flush=True)


def _seen(frame: Frame, number: int, n_frames: int) -> Frame:
    """What a frame shows, without its figures and its state."""
    view = shown_view(frame)
    if isinstance(view, Field) and view.meaning == "loudness":
        view = Image(loudness_pixels(view))
    elif isinstance(view, Field):
        near_edge = np.clip(view.values, -FAR_PX, FAR_PX)  # what is farther is all ink, or all paper
        view = replace(view, values=np.round(near_edge * 32) / np.float32(32))
    return Frame(number, n_frames, frame.label, {"text" if isinstance(view, Tokens) else "picture": view})


def write(model: Model, frames: Sequence[Frame], fps: float, path: Path) -> int:
    """Write the frames with as many colours as there is room for; returns how many."""
    for n_colours in PALETTES:
        few = list(_in_colours(frames, n_colours))
        data = min((_packed(model, fps, told) for told in (few, _told_as_changes(few))), key=len)
        if len(data) <= MAX_BYTES:
            path.write_bytes(data)
            return n_colours
    sys.exit(f"{path.name} does not fit into {MAX_BYTES:,} bytes: show less.")


def _info(model: Model, fps: float) -> RunInfo:
    values = params_to_json(model.params(**model.values))
    run_id = hashlib.sha256(json.dumps([model.source.id, values], sort_keys=True).encode()).hexdigest()[:32]
    seed, backend = int(values.get("seed", 0)), model.device.backend()
    return RunInfo(model.source.id, values, seed, backend, model.source.content_hash, id=run_id, fps=fps)


def _in_colours(frames: Sequence[Frame], n_colours: int) -> Iterator[Frame]:
    """The frames with at most so many colours in all pictures together: what is alike packs well."""
    views = [frame.main_view for frame in frames]
    if not all(isinstance(view, Image) and view.pixels.ndim == 3 for view in views):
        return iter(frames)
    whole = PilImage.fromarray(np.concatenate([view.pixels.reshape(-1, 1, 3) for view in views]))
    few = whole.quantize(n_colours, PilImage.Quantize.MEDIANCUT, dither=PilImage.Dither.NONE)
    pixels = iter(np.split(np.asarray(few.convert("RGB")), np.cumsum([v.pixels.size // 3 for v in views])[:-1]))
    return (
        replace(frame, views={"picture": Image(next(pixels).reshape(view.pixels.shape))})
        for frame, view in zip(frames, views, strict=True)
    )


def _told_as_changes(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Of a picture that is partly as it was before, only the rectangle in which it is not."""
    before = None
    for frame in frames:
        pixels = getattr(frame.main_view, "pixels", None)
        patch = None if before is None or pixels is None else _patch(before, pixels)
        yield frame if patch is None else replace(frame, views={}, changes={"picture": patch})
        before = pixels


def _patch(before: Any, pixels: Any) -> Patch | None:
    if before.shape != pixels.shape:
        return None
    differs = before != pixels
    rows, columns = (np.flatnonzero(differs.reshape(*pixels.shape[:2], -1).any(axis=(other, 2))) for other in (1, 0))
    if not len(rows):
        return Patch(pixels[:1, :1].copy(), (0,) * pixels.ndim)
    place = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return Patch(pixels[place].copy(), (int(rows[0]), int(columns[0]), 0)[: pixels.ndim])


def _packed(model: Model, fps: float, frames: Iterable[Frame]) -> bytes:
    """The file of a recording, its members as small as they get."""
    recording = Recording(_info(model, fps))
    for frame in frames:
        recording.append(frame)
    recording.finish()
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording"
        save_recording(recording, path)
        with (
            zipfile.ZipFile(path) as file,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as small,
        ):
            for member in file.infolist():
                small.writestr(zipfile.ZipInfo(member.filename), file.read(member), zipfile.ZIP_DEFLATED, 9)
    recording.close()
    return packed.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
