"""What every family promises, checked on one: a plain sentence for each promise that it does not keep."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any, Final

import numpy as np
from PIL import Image

from studio.api.engine import Engine
from studio.api.family import Example
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.frame import Frame, whole_frames
from studio.core.param import ParamSpec, param_specs
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.family import FoundFamily, example_memory, failure_text
from studio.registry.model import ModelInfo, needs_weights

MAX_SUMMARY: Final = 90
MAX_THUMBNAIL_BYTES: Final = 150 * 1024
MAX_PICTURE_BYTES: Final = 20 * 1024


def family_problems(found: FoundFamily, catalog: Catalog) -> Iterator[str]:
    """What Home, the lists and the guide lack; nothing of it loads an engine."""
    if found.error is not None:
        yield found.error
        return
    family = found.manifest
    for name in ("title", "subtitle"):
        if not getattr(family, name):
            yield N_("The family has no {name}.").format(name=name)
    if not family.summary.endswith(".") or len(family.summary) > MAX_SUMMARY:
        yield N_("Its summary is not a sentence of at most {n} characters that ends with a full stop.").format(
            n=MAX_SUMMARY
        )
    if found.file(family.guide) is None:
        yield N_("Its guide is missing: a file {name} in its folder.").format(name=family.guide or "guide.md")
    yield from _thumbnail_problems(found)
    yield from (str(failure) for failure in catalog.model_failures())
    models = catalog.list_models(found.id)
    if family.default_model not in [model.id for model in models]:
        yield N_("There is no model {id}, with which it should open.").format(id=family.default_model)
    for model in models:
        yield from (f"{model.id}: {problem}" for problem in _card_problems(model, found))
    known = {model.id for model in models}
    for wanted in (*family.models, *family.broken):
        if wanted not in known:
            yield N_("There is no model {id}, which its manifest names.").format(id=wanted)
    for example in family.examples:
        yield from (f"{example.title}: {problem}" for problem in _example_problems(example, found, known))


def _example_problems(example: Example, found: FoundFamily, known: Collection[str]) -> Iterator[str]:
    picture = found.file(example.picture)
    if example.model not in known:
        yield N_("There is no model {id}, with which it should open.").format(id=example.model)
    if picture is None:
        yield N_("Its picture is missing: {name}.").format(name=example.picture)
    elif picture.stat().st_size > MAX_PICTURE_BYTES:
        yield N_("Its picture is larger than {n} KB.").format(n=MAX_PICTURE_BYTES // 1024)
    try:
        example_memory(example, found)
    except UserError as error:
        yield str(error)


def _thumbnail_problems(found: FoundFamily) -> Iterator[str]:
    name = found.manifest.thumbnail
    path = found.file(name)
    if path is None:
        sentence = N_("Its thumbnail is missing: {name}. `sample MODEL -o thumbnail.webp --size 128` makes one.")
        yield sentence.format(name=name or "thumbnail.webp")
        return
    if path.stat().st_size > MAX_THUMBNAIL_BYTES:
        yield N_("Its thumbnail is larger than {n} KB.").format(n=MAX_THUMBNAIL_BYTES // 1024)
    try:
        with Image.open(path) as picture:
            lives = picture.format == "WEBP" and getattr(picture, "n_frames", 1) > 1
    except OSError:
        lives = False
    if not lives:
        yield N_("Its thumbnail is not a moving WebP.")


def _card_problems(model: ModelInfo, found: FoundFamily) -> Iterator[str]:
    card = model.card
    if not card.licence:
        yield N_("Its card does not give a licence.")
    if not card.data:
        yield N_("Its card does not say what it was trained on (data).")
    try:
        if not needs_weights(card, found):
            return
    except UserError as error:
        yield str(error)
        return
    if not card.figures:
        yield N_("Its card has no figures measured on data it was not trained on.")
    if card.n_params <= 0:
        yield N_("Its card does not say how many numbers it has (n_params).")
    if "seed" not in card.trained:
        yield N_("Its card does not give the seed of its training (trained).")


def kind_problems(found: FoundFamily) -> Iterator[str]:
    """What its engines, panels and parameters lack; loads them all."""
    for word, kind in found.manifest.kinds.items():
        for name in (kind.engine, kind.panel, kind.params):
            try:
                loaded = found.load(name)
            except BaseException as error:  # a stranger's file may raise anything
                yield f"{word}: {N_('{name} cannot be loaded.').format(name=name)} {failure_text(error, found.package)}"
                continue
            if name == kind.params:
                yield from (f"{word}: {problem}" for problem in _params_problems(loaded))
            elif name == kind.engine and not (isinstance(loaded, type) and issubclass(loaded, Engine)):
                yield f"{word}: {N_('{name} is not an Engine.').format(name=name)}"


def _params_problems(params_class: Any) -> Iterator[str]:
    is_declared = dataclasses.is_dataclass(params_class)
    if not is_declared:
        yield N_("Its parameters are not a dataclass.")
        return
    specs = param_specs(params_class)
    if "seed" not in specs:
        yield N_("Its parameters have no seed, so nothing can be drawn a second time.")
    for field in dataclasses.fields(params_class):
        if field.name not in specs:
            yield N_("{name} is not declared by param(...).").format(name=field.name)
    for spec in specs.values():
        yield from _spec_problems(spec)


def _spec_problems(spec: ParamSpec) -> Iterator[str]:
    if not spec.label:
        yield N_("{name} has no label.").format(name=spec.name)
    if not spec.help.endswith("."):
        yield N_("The help for {name} is not a sentence that ends with a full stop.").format(name=spec.name)
    if spec.kind in ("int", "float") and (spec.low is None or spec.high is None or spec.low >= spec.high):
        yield N_("{name} has no range from low to high.").format(name=spec.name)


def engine_problems(catalog: Catalog, model: ModelInfo, device: Device) -> Iterator[str]:
    """What a model does not do as promised: frames that are counted, repeated by their seed, and gone on from."""
    found = catalog.family(model.family)
    try:
        engine = catalog.open_engine(model.source, device)
        try:
            params_class: Any = catalog.params_class(model.source)
            yield from _run_problems(lambda seed, start=None: engine.generate(params_class(seed=seed), start))
        finally:
            engine.close()
    except UserError as error:
        yield str(error)
    except BaseException as error:  # a stranger's engine may raise anything
        yield failure_text(error, found.package)


def _run_problems(run: Callable[..., Iterable[Frame]]) -> Iterator[str]:
    frames = list(whole_frames(run(7)))
    if not frames or any(frame.main_view is None for frame in frames):
        yield N_("It draws nothing, or has frames that show nothing.")
        return
    if [(frame.step, frame.n_steps) for frame in frames] != [(step, len(frames)) for step in range(len(frames))]:
        yield N_("Its frames are not counted from 0, or do not say how many there are.")
    for name, array in _arrays(frames[-1]).items():
        if not array.flags.c_contiguous or (array.dtype.kind == "f" and not np.isfinite(array).all()):
            yield N_("“{name}” is not contiguous, or not finite.").format(name=name)
    if not all(map(_are_equal, frames, whole_frames(run(7)))):
        yield N_("The same seed gives different frames the second time.")
    if _are_equal(frames[-1], list(whole_frames(run(8)))[-1]):
        yield N_("Another seed gives the same picture.")
    yield from _branch_problems(run, frames)


def _branch_problems(run: Callable[..., Iterable[Frame]], frames: list[Frame]) -> Iterator[str]:
    able = [index for index, frame in enumerate(frames) if frame.state is not None]
    if not able:
        yield N_("No frame has a state, so no run can branch.")
        return
    middle = able[len(able) // 2]
    branch = list(islice(whole_frames(run(7, frames[middle].state)), len(frames)))
    parent = frames[middle:]
    if len(branch) != len(parent) or not all(map(_are_equal, branch, parent)):
        yield N_("A run that continues from its own frame {n} does not come out the same.").format(n=middle)


def _arrays(frame: Frame) -> dict[str, Any]:
    """Every array of a frame, by name."""
    arrays: dict[str, Any] = {f"state.{name}": value for name, value in (frame.state or {}).items()}
    for name, view in frame.views.items():
        values = ((field.name, getattr(view, field.name)) for field in dataclasses.fields(view))
        arrays |= {f"{name}.{field}": value for field, value in values if isinstance(value, np.ndarray)}
    return arrays


def _are_equal(one: Frame, other: Frame) -> bool:
    mine, theirs = _arrays(one), _arrays(other)
    return (
        one.step == other.step
        and mine.keys() == theirs.keys()
        and all(np.array_equal(mine[name], theirs[name]) for name in mine)
    )
