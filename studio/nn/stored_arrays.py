"""Hands out the arrays of a folder of other people's models, one at a time, whatever kind of file they lie in."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from studio.core.container.source import printable
from studio.core.container.weights.folder import WeightFiles, in_file, label
from studio.core.container.weights.pickle_reader import walk_tensors
from studio.core.container.weights.torch_weights import open_torch
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_


def arrays_of(weights: WeightFiles, wanted: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, Tensor]]:
    """The arrays of these names and shapes as float32, each to be dropped when the next one comes.

    Raises:
        UserError: a file cannot be read, has changed, or holds what is no number.
    """
    left = set(wanted)
    for path in weights.paths:
        for name, values in _stored(path, wanted):
            if tuple(values.shape) != wanted[name] or name not in left:
                raise _changed()
            if not torch.isfinite(values).all():
                raise UserError(
                    N_("“{name}” in “{file}” contains values that are not numbers (NaN).").format(
                        name=name, file=label(path)
                    )
                )
            left.discard(name)
            yield name, values
    if left:
        raise _changed()


def filled(network: nn.Module, device: torch.device | None = None) -> dict[str, Tensor]:
    """Give a network that was made without room ("meta") its room, and return its tensors to be filled."""
    network.to_empty(device=device or torch.device("cpu"))
    network.requires_grad_(False).eval()
    return network.state_dict()


def _stored(path: Path, wanted: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, Tensor]]:
    yield from (_tensors if path.suffix == ".safetensors" else _pickled)(path, wanted)


def _tensors(path: Path, wanted: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - the file is no mapping
                if printable(name) in wanted:
                    pause()
                    yield printable(name), file.get_tensor(name).float()
    except (SafetensorError, OSError) as error:
        raise UserError(N_("“{name}” cannot be read.").format(name=label(path))) from error


def _pickled(path: Path, wanted: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, Tensor]]:
    with open_torch(path) as weights:
        for name, one in walk_tensors(weights.root):
            if name in wanted:
                yield name, torch.from_numpy(in_file(path, partial(weights.array, one)))


def _changed() -> UserError:
    return UserError(N_("The file changed while it was being read."), N_("Open it again."))
