"""Three networks that differ in β alone, ready to compute as one model; see `model.beta_vae`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device, Engine, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.view import State

from ..shared.atlas import MISFIT, MISFIT_ADVICE, Atlas, build_atlas
from ..shared.card import read_arrays
from ..shared.engine import VaeEngine
from ..shared.model.weights import load_model
from ..shared.params import BalancedParams
from .model.beta_vae import BetaVAE

Array = npt.NDArray[np.float32]


class BalancedEngine(Engine):
    """An engine for each network; what is asked for says by its parameters or its state which of them."""

    def __init__(self, parts: tuple[VaeEngine, ...]) -> None:
        self.parts = parts

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load all networks; raises UserError where file or card is no good."""
        model = load_model(source.path)
        if not isinstance(model, BetaVAE):
            raise UserError(MISFIT, MISFIT_ADVICE)
        arrays, n_latent = read_arrays(source.path), model.config.n_latent
        return cls(
            tuple(
                VaeEngine(source, device, network, build_atlas(card, _own(arrays, index), n_latent), index)
                for index, (network, card) in enumerate(zip(model.parts, _cards(source.card), strict=True))
            )
        )

    def close(self) -> None:
        """Free the weights."""
        for part in self.parts:
            part.close()

    @property
    def atlases(self) -> tuple[Atlas, ...]:
        """What was measured of each latent space."""
        return tuple(part.atlas for part in self.parts)

    def of(self, params: BalancedParams) -> VaeEngine:
        """The network that parameters ask for."""
        return self.parts[params.balance]

    def generate(self, params: BalancedParams, start: State | None = None) -> Iterator[Frame]:
        """Draw by the network that a state comes from, or else the parameters; see `VaeEngine.generate`."""
        index = params.balance
        if start is not None and "balance" in start:
            index = int(np.clip(start["balance"], 0, len(self.parts) - 1))
        for frame in self.parts[index].generate(params, start):
            yield replace(frame, state={**(frame.state or {}), "balance": np.array(index)})

    def carried(self, z: Array, before: int, after: int) -> Array:
        """The place (D,) at which one network redraws what another one draws at `z` (D,): its picture is encoded."""
        place: Array = self.parts[after].encode(self.parts[before].decode(z[None]))[0]
        return place


def _own(arrays: Mapping[str, npt.NDArray[Any]], index: int) -> dict[str, npt.NDArray[Any]]:
    """The arrays of one network, by their names without its number."""
    ending = f".{index}"
    return {name.removesuffix(ending): value for name, value in arrays.items() if name.endswith(ending)}


def _cards(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the card says of each network; raises UserError where it says nothing."""
    betas = card.get("betas")
    if not isinstance(betas, list) or not all(isinstance(one, dict) for one in betas) or len(betas) != 3:
        raise UserError(MISFIT, MISFIT_ADVICE)
    return [{**card, **one} for one in betas]
