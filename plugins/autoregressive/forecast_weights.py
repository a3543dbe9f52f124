"""The forecaster in a safetensors file: large weights as whole numbers of one byte, all else as float16."""

from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_
from studio.nn.network_file import NetworkKind, load_network, save_network

from .forecast_config import ForecastConfig
from .forecast_network import Forecaster

KINDS: Final = {"Forecaster": NetworkKind(ForecastConfig, Forecaster)}
_EXACT: Final = ("recurrent", "hidden", "head")
"""Paths go over many steps, on which what is rounded adds up: float16 for all."""


def save_forecaster(path: Path, network: Forecaster) -> None:
    """Write a forecaster with its configuration."""
    save_network(path, network, _EXACT)


def load_forecaster(path: Path) -> Forecaster:
    """Read what `save_forecaster` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    network = load_network(path, KINDS)[1]
    if not isinstance(network, Forecaster):
        raise UserError(N_("This file holds no forecaster."))
    return network
