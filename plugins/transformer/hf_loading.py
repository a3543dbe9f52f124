"""Loads the decoder of a Hugging Face folder from its files, which are mapped, not read whole."""

from collections.abc import Iterator

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.core.container.source import printable
from studio.core.container.weight_files import label
from studio.core.error import UserError
from studio.core.text import N_

from .hf_folder import HfFolder
from .model import Decoder
from .weight_loading import filled_decoder


def load_folder(folder: HfFolder, dtype: torch.dtype, device: torch.device) -> Decoder:
    """The decoder, ready to read; raises UserError where a file cannot be read any more."""
    return filled_decoder(folder.config, folder.plan, _arrays(folder), dtype, device)


def _arrays(folder: HfFolder) -> Iterator[tuple[str, Tensor]]:
    for path in folder.weights.paths:
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 - the file is no mapping
                    if printable(name) in folder.plan:
                        yield printable(name), file.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise UserError(N_("“{name}” cannot be read.").format(name=label(path))) from error
