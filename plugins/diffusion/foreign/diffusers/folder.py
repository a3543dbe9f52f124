"""Reads a pipeline folder of the `diffusers` library: what it is and what it needs, without that library.

Nothing in it is run: its JSON is read within bounds, its weights are safetensors, and of the classes that it names only
the few that are known here are ever made.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from studio.core.container.source import is_folder, printable
from studio.core.container.weights.folder import find_weights, read_object, read_weights
from studio.core.error import UserError
from studio.core.translation import N_

from .class_names import read_class_names
from .described import PACKED, Component, PipelineFolder
from .fit import check_fit, check_numbers
from .kinds import CLASSES, FLOWS, MAY_LACK, PIPELINES, ROLES
from .scheduler import parse_scheduler

INDEX: Final = "model_index.json"
_STEMS: Final = dict.fromkeys(("unet", "transformer", "vae", "vqvae"), "diffusion_pytorch_model")
_LIBRARIES: Final = ("diffusers", "transformers", "latent_diffusion")
"""The last is a part of the first, as it writes of one network."""


def find_component(folder: Path, stem: str) -> tuple[Path, ...]:
    """The safetensors files of a component whose weights are called `stem`; raises UserError where there are none."""
    if not is_folder(folder):
        raise UserError(N_("The folder “{name}” of this pipeline is missing.").format(name=printable(folder.name)))
    return find_weights(folder, stem)


def is_pipeline(path: Path) -> bool:
    """Whether a folder, or the index in it, is a pipeline's; quick."""
    folder = folder_of(path)
    return (folder / INDEX).is_file() and (path.is_dir() or path.name == INDEX)


def folder_of(path: Path) -> Path:
    """The folder that a path stands for: itself, or the one of the index that was chosen."""
    return path.parent if path.name == INDEX and not path.is_dir() else path


def _class_name(index: Mapping[str, Any]) -> str:
    name = index.get("_class_name")
    if not isinstance(name, str) or not name:
        raise UserError(N_("The index of this folder does not say which pipeline it is."))
    return printable(name)


def read_pipeline(folder: Path) -> PipelineFolder:
    """Read everything but the weights themselves; raises UserError where it would not open."""
    index = read_object(folder / INDEX)
    name = _class_name(index)
    if name not in PIPELINES:
        raise UserError(
            N_("Pipelines of the type {name} cannot be opened.").format(name=name),
            N_(
                "DDPM, DDIM, consistency models, LDM, DiT, Stable Diffusion 1, 2, XL, 3 and Flux can be opened, also "
                "to start from a picture."
            ),
        )
    kind = PIPELINES[name]
    wanted = dict(CLASSES[kind])
    if index.get(MAY_LACK.get(kind, "")) == [None, None]:
        del wanted[MAY_LACK[kind]]
    components = {
        ROLES.get(part, part): _component(folder, part, _class_of(index, part, names)) for part, names in wanted.items()
    }
    scheduler = parse_scheduler(read_object(folder / "scheduler" / "scheduler_config.json"))
    empties = kind == "sdxl" and index.get("force_zeros_for_empty_prompt", True) is True
    if (scheduler.target == "flow") != (kind in FLOWS) or (scheduler.consistency is None) == (kind == "consistency"):
        raise UserError(N_("The scheduler of this pipeline belongs to another kind of network."))
    hears_score = index.get("requires_aesthetics_score") is True
    pipeline = PipelineFolder(folder, kind, name, components, scheduler, empties, hears_score)
    check_fit(pipeline)
    if kind == "classes" and index.get("id2label") is not None:
        pipeline = replace(pipeline, class_names=read_class_names(index["id2label"], pipeline.n_classes))
    if kind == "flux":
        _, height, width = pipeline.shape
        return replace(pipeline, scheduler=scheduler.for_tokens(height * width // PACKED))
    if scheduler.shift_by_size is not None:
        raise UserError(N_("The scheduler of this pipeline belongs to another kind of network."))
    return pipeline


def _class_of(index: Mapping[str, Any], part: str, wanted: str | tuple[str, ...]) -> str:
    """The class of a component: the one that is known here, from the libraries themselves."""
    match index.get(part):
        case [str(library), str(name)] if library in _LIBRARIES and name in (
            (wanted,) if isinstance(wanted, str) else wanted
        ):
            return name
        case [str(library), str(name)] if library not in _LIBRARIES:
            raise UserError(
                N_("The pipeline comes with code of its own for “{part}” ({name}), which is never run.").format(
                    part=part, name=printable(f"{library}.{name}")
                )
            )
        case [_, str(name)]:
            raise UserError(
                N_("“{part}” is of a type that cannot be opened: {name}.").format(part=part, name=printable(name))
            )
    raise UserError(N_("The pipeline does not say what its “{part}” is.").format(part=part))


def _component(folder: Path, part: str, class_name: str) -> Component:
    config = read_object(folder / part / "config.json")
    check_numbers(config, part)
    weights = read_weights(find_component(folder / part, _STEMS.get(part, "model")))
    return Component(part, class_name, config, weights)
