"""Reads pipeline folders of `diffusers` and files that hold a whole Stable Diffusion: says what it is, makes a source.

The source is the folder or the file itself; nothing is copied. Its card has the usual keys and "format", by which the
engine knows how to open it. Neither torch nor the library is loaded here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.api.importer import NamingImporter, ReadingImporter, bare_card, foreign_id
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.inspection import FileReport
from studio.core.translation import N_

from .foreign.diffusers.checkpoint import SUFFIX, is_checkpoint, read_model
from .foreign.diffusers.described import PipelineFolder
from .foreign.diffusers.folder import is_pipeline
from .foreign.diffusers.kinds import FLOWS, WORDLESS, Kind
from .foreign.diffusers.scheduler import CONSISTENCY, FEW_STEPS, LCM
from .foreign.lora.file import is_lora
from .shared.params import SamplerName

FORMAT: Final = "diffusers"
_LIVE_PARAMS: Final = 50_000_000
_EXAMPLES: Final = (
    "a photograph of a red fox in the snow",
    "a lighthouse at night, watercolour",
    "a bowl of oranges, oil painting",
)
_N_CLASSES: Final = 3
_GUIDANCE: Final[Mapping[Kind, float]] = {
    "pixels": 1.0,
    "latents": 1.0,
    "consistency": 1.0,
    "classes": 4.0,
    "ldm": 6.0,
    "sd": 7.5,
    "sdxl": 5.0,
    "sd3": 7.0,
    "flux": 1.0,
}
_TOLD_GUIDANCE: Final[Mapping[Kind, float]] = {"sd": 8.5, "sdxl": 8.5, "flux": 3.5}
_SAMPLERS: Final[Mapping[str, SamplerName]] = {
    LCM: "lcm",
    CONSISTENCY: "lcm",
    "EulerDiscreteScheduler": "euler",
    "FlowMatchEulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "euler_ancestral",
    "HeunDiscreteScheduler": "heun",
    "DPMSolverMultistepScheduler": "dpmpp_2m",
    "DPMSolverSinglestepScheduler": "dpmpp_2m",
    "UniPCMultistepScheduler": "dpmpp_2m",
    "DEISMultistepScheduler": "dpmpp_2m",
}


class DiffusersImporter(ReadingImporter[PipelineFolder]):
    """Knows folders of the pipelines in `kinds`, and files that hold a whole Stable Diffusion 1, 2 or XL."""

    format, family = FORMAT, "diffusion"
    title = N_("diffusers pipeline folder")
    suffixes = (".json", SUFFIX)

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a folder with a pipeline's index, for that index, and for a file that holds a whole one."""
        return 0.9 if is_pipeline(path) or is_checkpoint(path) else 0.0

    def read(self, path: Path) -> PipelineFolder:
        return read_model(path)

    def report(self, path: Path, pipeline: PipelineFolder) -> FileReport:
        return FileReport(
            FORMAT,
            "diffusion",
            pipeline.class_name,
            pipeline.n_params,
            pipeline.dtype,
            tuple(pipeline.tensors()),
            opens=True,
            warnings=pipeline.warnings(),
            title=_title(pipeline.path),
            metadata=_facts(pipeline),
        )

    def source(self, path: Path, pipeline: PipelineFolder) -> ModelSource:
        return ModelSource(model_id(pipeline.path), pipeline.path, _card(pipeline))


class LoraImporter(NamingImporter):
    """Names LoRA files, which change a pipeline and are no model."""

    format, family = "lora", "diffusion"
    title = N_("Adapter of a picture model (LoRA)")
    suffixes = (SUFFIX,)

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a file with the names that such files have."""
        return 0.9 if is_lora(path) else 0.0

    def why_not(self, path: Path) -> UserError:
        return UserError(
            N_("This is an adapter (LoRA), which changes a model of pictures."),
            N_("Open the Stable Diffusion that it was made for, and drop the file there."),
        )


def model_id(folder: Path) -> str:
    """An id of this family for a folder: its name in plain letters with an ending that no model of the list has."""
    return foreign_id("diffusion", _title(folder), "folder", "pipeline")


def _title(folder: Path) -> str:
    return printable(folder.resolve().name) or N_("Pipeline")


def _card(pipeline: PipelineFolder) -> dict[str, Any]:
    """The keys of every card, and what the panel opens with."""
    has_words, is_quick = pipeline.kind not in WORDLESS, pipeline.scheduler.class_name in FEW_STEPS
    return {
        **bare_card(model_id(pipeline.path), _title(pipeline.path)),
        "task": _task(pipeline.kind, pipeline.n_classes),
        "n_params": pipeline.n_params,
        "format": FORMAT,
        "kind": "pictures",
        "takes_adapters": has_words,
        "has_attention": has_words and pipeline.kind not in FLOWS,
        "examples": _examples(pipeline),
        "defaults": {
            "sampler": _SAMPLERS.get(pipeline.scheduler.class_name, "ddim"),
            "steps": 4 if is_quick else 25 if has_words else 50,
            "guidance": _usual_guidance(pipeline),
            "spacing": "karras" if pipeline.scheduler.wants_karras else "even",
        },
        # A large network is too slow for a draft at every change.
        "live": pipeline.denoiser.weights.n_params <= _LIVE_PARAMS,
        **_facts(pipeline),
    }


def _task(kind: Kind, n_classes: int) -> str:
    if kind not in WORDLESS:
        return N_("A picture from words")
    return N_("A picture of a class") if n_classes else N_("A picture from noise")


def _examples(pipeline: PipelineFolder) -> list[str]:
    if pipeline.kind not in WORDLESS:
        return list(_EXAMPLES)
    names = {number: name for name, number in reversed(list(pipeline.class_names.items()))}
    return [names.get(number, str(number)) for number in range(min(pipeline.n_classes, _N_CLASSES))]


def _usual_guidance(pipeline: PipelineFolder) -> float:
    if pipeline.hears_guidance:
        return _TOLD_GUIDANCE[pipeline.kind]
    return 1.0 if pipeline.scheduler.class_name == LCM else _GUIDANCE[pipeline.kind]


def _facts(pipeline: PipelineFolder) -> dict[str, Any]:
    height, width = pipeline.size
    scheduler = pipeline.scheduler
    return {
        "pipeline": pipeline.class_name,
        "width_px": width,
        "height_px": height,
        "scheduler": scheduler.class_name,
        "predicts": scheduler.target,
        "n_times": scheduler.n_times,
        "step_spacing": scheduler.layout.spacing,
    }
