"""Reads a checkpoint of nerfstudio's nerfacto, and the settings beside it; nothing in them is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from studio.core.container.source import is_file, open_regular
from studio.core.container.weights.pickle_reader import PickledTensor
from studio.core.container.weights.torch_weights import TorchWeights, open_torch
from studio.core.error import UserError
from studio.core.translation import N_

from ...field.model.field import FloatArray

NERFACTO: Final = "nerfacto"
MARK: Final = b"_model.field.mlp_head"
"""What stands in every checkpoint, whatever it was built with."""
N_BASE: Final = 2
N_HEAD: Final = 3
"""Layers of the networks, as nerfacto always has them."""
MAX_LEVELS: Final = 32
_FIELD: Final = "_model.field."
_PROPOSAL: Final = "_model.proposal_networks."
_MAX_BYTES: Final = 256 << 10
_NUMBER: Final = r"^    {name}: ([-+.\w]+)\s*$"
_COUNTS: Final = re.compile(r"^    num_proposal_samples_per_ray:[^\n]*\n((?:    - \d+\n)+)", re.MULTILINE)
_FINEST: Final = re.compile(r"^    (?:  |- )max_res: (\d{1,6})$", re.MULTILINE)
Layers: TypeAlias = tuple[tuple[FloatArray, FloatArray], ...]


@dataclass(frozen=True)
class NerfactoSettings:
    """What the weights do not say; the defaults are nerfacto's own.

    Attributes:
        far: where rays end; pictures begin at the eye.
        n_proposals: samples of each proposal network. n_samples: of the field.
        base_resolution: of the coarsest grid. finest: of the finest one, the field's and then each proposal network's.
        initial_density: what densities are multiplied by.
        fills: whether the last sample of a ray fills what is left of it.
        has_mean_look: whether a look that is nobody's is the mean of all photos', and not none.
        is_bounded: whether space is not bent.
        is_unscaled: whether cameras stand where they stood, as in the NeRF-synthetic scenes, and not within 1.
    """

    far: float = 1000.0
    n_proposals: tuple[int, ...] = (256, 96)
    n_samples: int = 48
    base_resolution: int = 16
    finest: tuple[int, ...] = (2048, 128, 256)
    initial_density: float = 0.01
    fills: bool = True
    has_mean_look: bool = True
    is_bounded: bool = False
    is_unscaled: bool = False


@dataclass(frozen=True, eq=False)
class HashNetwork:
    """A hash grid with a network behind it: table (levels, 2^log2, features), scales (levels,), layers."""

    table: FloatArray
    scales: FloatArray
    layers: Layers


@dataclass(frozen=True, eq=False)
class NerfactoScene:
    """Attributes:
    proposals: each tells where the next one looks. base, head: density and colour.
    look: what all photos have in common, (E,). box: the corners (2, 3) of the scene where space is not bent.
    """

    proposals: tuple[HashNetwork, ...]
    base: HashNetwork
    head: Layers
    look: FloatArray
    box: FloatArray
    settings: NerfactoSettings
    n_steps: int

    @property
    def n_params(self) -> int:
        """How many numbers it has, but for the photos' looks."""
        grids = [*self.proposals, self.base]
        layers = [self.head, *(grid.layers for grid in grids)]
        return sum(grid.table.size for grid in grids) + sum(w.size + b.size for some in layers for w, b in some)


def read_nerfacto(path: Path) -> NerfactoScene:
    """Read a checkpoint; raises UserError where it is broken, or built in another way."""
    settings = read_settings(path)
    with open_torch(path) as file:
        root = file.root
        state = root.get("pipeline") if isinstance(root, dict) else None
        if not isinstance(state, Mapping):
            raise _other_kind()
        if any(str(name).endswith("params") and "mlp" in str(name) for name in state):
            raise UserError(
                N_("This nerfacto was trained with tiny-cuda-nn, which cannot be read here."),
                N_("Train it with --pipeline.model.implementation torch."),
            )
        read = _Reader(file, {str(name).replace("_model.module.", "_model."): one for name, one in state.items()})
        steps = root.get("step", 0)
        return _scene(read, settings, steps if type(steps) is int and 0 <= steps < 1 << 40 else 0)


def _scene(read: "_Reader", settings: NerfactoSettings, n_steps: int) -> NerfactoScene:
    numbers = [i for i in range(2) if f"{_PROPOSAL}{i}.encoding.hash_table" in read.state]
    if not len(numbers) == len(settings.n_proposals) == len(settings.finest) - 1:
        raise _other_kind()
    sides = [(settings.base_resolution, finest) for finest in settings.finest]
    proposals = tuple(
        read.grid(f"{_PROPOSAL}{i}.", "encoding.hash_table", "mlp_base.1.layers", sides[1 + i]) for i in numbers
    )
    whole = read.grid(_FIELD, "mlp_base.model.0.hash_table", "mlp_base.model.1.layers", sides[0])
    head = read.layers(f"{_FIELD}mlp_head.layers", N_HEAD)
    look = np.zeros(0, np.float32)
    if (name := f"{_FIELD}embedding_appearance.embedding.weight") in read.state:
        look = read.array(name).mean(axis=0) * np.float32(settings.has_mean_look)
    n_features = len(whole.layers[-1][1]) - 1
    if head[0][0].shape[1] != 16 + n_features + len(look) or len(head[-1][1]) != 3:
        raise _other_kind()
    box = read.array(f"{_FIELD}aabb")
    if box.shape != (2, 3):
        raise _other_kind()
    return NerfactoScene(proposals, whole, head, look, box, settings, n_steps)


class _Reader:
    """Takes arrays out of a file by their names; raises UserError where one is missing or of another shape."""

    def __init__(self, file: TorchWeights, state: Mapping[str, Any]) -> None:
        self._file, self.state = file, state

    def array(self, name: str) -> FloatArray:
        """One array; raises UserError where it is not there, or not all of it are numbers."""
        tensor = self.state.get(name)
        if not isinstance(tensor, PickledTensor):
            raise _other_kind()
        found = np.asarray(self._file.array(tensor), np.float32)
        if not np.isfinite(found).all():
            raise UserError(N_("The weights in this file are not all numbers."), N_("Use an earlier checkpoint."))
        return found

    def grid(self, prefix: str, table: str, layers: str, resolutions: tuple[int, int]) -> HashNetwork:
        """A grid with its network; its scales are rounded down as nerfstudio has them."""
        values, found = self.array(prefix + table), self.layers(prefix + layers, N_BASE)
        n_levels, rest = divmod(found[0][0].shape[1], values.shape[-1]) if values.ndim == 2 else (0, 1)
        if rest or not 1 <= n_levels <= MAX_LEVELS or len(values) % n_levels:
            raise _other_kind()
        coarsest, finest = resolutions
        growth = np.exp((np.log(finest) - np.log(coarsest)) / (n_levels - 1)) if n_levels > 1 else 1.0
        scales = np.floor(coarsest * np.float32(growth) ** np.arange(n_levels, dtype=np.float32)).astype(np.float32)
        return HashNetwork(values.reshape(n_levels, len(values) // n_levels, -1), scales, found)

    def layers(self, prefix: str, n_layers: int) -> Layers:
        """Matrices (out, in) and biases (out,), which fit each other."""
        found = tuple((self.array(f"{prefix}.{i}.weight"), self.array(f"{prefix}.{i}.bias")) for i in range(n_layers))
        widths = [matrix.shape for matrix, _ in found]
        if any(len(shape) != 2 for shape in widths) or any(a[0] != b[1] for a, b in pairwise(widths)):
            raise _other_kind()
        if any(bias.shape != matrix.shape[:1] for matrix, bias in found):
            raise _other_kind()
        return found


def read_settings(path: Path) -> NerfactoSettings:
    """What the config.yml of the run says, nerfacto's own where there is none; only plain lines are read."""
    file = path.parent.parent / "config.yml"
    usual = NerfactoSettings()
    if not is_file(file):
        return usual
    with open_regular(file) as opened:
        text = opened.read(_MAX_BYTES).decode("utf-8", "replace")
    counts = _COUNTS.search(text)
    n_proposals = tuple(int(one) for one in re.findall(r"\d+", counts[1])) if counts else usual.n_proposals
    found = replace(
        usual,
        far=_number(text, "far_plane", usual.far),
        n_proposals=n_proposals,
        n_samples=int(_number(text, "num_nerf_samples_per_ray", usual.n_samples)),
        finest=(int(_number(text, "max_res", usual.finest[0])), *(int(one) for one in _FINEST.findall(text)[:2])),
        base_resolution=int(_number(text, "base_res", usual.base_resolution)),
        initial_density=_number(text, "average_init_density", usual.initial_density),
        fills=_word(text, "background_color", "last_sample") == "last_sample",
        has_mean_look=_word(text, "use_average_appearance_embedding", "true") == "true",
        is_bounded=_word(text, "disable_scene_contraction", "false") == "true",
        is_unscaled="blender_dataparser" in text,
    )
    sound = 0 < found.far < np.inf and 0 < found.n_samples <= 4096 and 0 < found.base_resolution <= 4096
    if not sound or not all(0 < n <= 1 << 20 for n in (*n_proposals, *found.finest)):
        raise _other_kind()
    return found


def _word(text: str, name: str, usual: str) -> str:
    found = re.search(_NUMBER.format(name=name), text, re.MULTILINE)
    return found[1] if found else usual


def _number(text: str, name: str, usual: float) -> float:
    try:
        return float(_word(text, name, str(usual)))
    except ValueError:
        return usual


def _other_kind() -> UserError:
    return UserError(
        N_("This checkpoint of nerfstudio is not one of nerfacto as it comes."),
        N_("Scenes of its method “nerfacto”, built for torch, can be read."),
    )
