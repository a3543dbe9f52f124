"""Where the weights of a model's few steps lie, and how they are written and read: beside the model, named after it."""

from pathlib import Path
from typing import Final

import torch

from studio.api.engine import ModelSource
from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import load_only, read_about, save_network

from ..pictures.model.denoisers import FaceModel, LatentModel
from ..pictures.model.few_step import FewStep, FewStepConfig
from ..pictures.model.few_step_model import FewStepFaceModel, FewStepModel
from .few_steps import few_step_path

TEACHER: Final = "teacher"
"""Under which word a file names the SHA-256 of the weights that it was distilled from."""


def save_few_step(path: Path, network: FewStep, teacher: ModelSource) -> None:
    """Write what was distilled from a teacher."""
    save_network(path, network, about={TEACHER: teacher.content_hash})


def open_few_step(source: ModelSource, model: object, device: torch.device) -> FewStepModel | None:
    """A model once more, drawing in few steps; None where no such weights lie beside it.

    Raises:
        UserError: the file is damaged, or was distilled from other weights.
    """
    path = few_step_path(source.path)
    if not isinstance(model, LatentModel) or not path.is_file():
        return None
    network = load_only(path, FewStepConfig, FewStep)
    if read_about(path, TEACHER) != source.content_hash or network.config.unet != model.network.config.unet:
        raise UserError(
            N_("The file for drawing in one step belongs to another model."),
            N_("Remove {name}, or train it again.").format(name=path.name),
        )
    wrap = FewStepFaceModel if isinstance(model, FaceModel) else FewStepModel
    return wrap(model, network.to(device))
