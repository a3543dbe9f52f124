"""Which networks a weights file of this family may hold; see studio.nn.network_file.

What else the panel reads stands in the same file as `extra.NAME` (see card.py).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from torch import Tensor

from studio.nn import network_file
from studio.nn.layered.layered_vae import LayeredConfig, LayeredVAE
from studio.nn.layered.pictures_vae import PicturesConfig, PicturesVAE
from studio.nn.network_file import NetworkKind

from ...molecules.model.molecules_vae import MoleculesConfig, MoleculesVAE
from ...pictures.model.beta_vae import BetaConfig, BetaVAE
from .vae import DigitsConfig, DigitsVAE, LetterformsConfig, LetterformsVAE

Network: TypeAlias = DigitsVAE | LetterformsVAE | PicturesVAE
Saved: TypeAlias = Network | BetaVAE | MoleculesVAE

_KINDS: Final = {
    "BetaVAE": NetworkKind(BetaConfig, BetaVAE),
    "DigitsVAE": NetworkKind(DigitsConfig, DigitsVAE),
    "LetterformsVAE": NetworkKind(LetterformsConfig, LetterformsVAE),
    "MoleculesVAE": NetworkKind(MoleculesConfig, MoleculesVAE),
    "PicturesVAE": NetworkKind(PicturesConfig, PicturesVAE),
    "LayeredVAE": NetworkKind(LayeredConfig, LayeredVAE),
}


def load_model(path: Path) -> Saved:
    """The network in a file, float32, in eval mode, on the CPU, without gradients.

    Raises:
        UserError: the file is missing, damaged, too large, not a VAE of this program, or holds NaN.
    """
    return cast(Saved, network_file.load_network(path, _KINDS)[1])


def save_model(
    path: Path,
    model: Saved,
    extra: dict[str, Tensor],
    exact: tuple[str, ...] = (),
    about: Mapping[str, str] | None = None,
) -> None:
    """Write a network and the arrays beside it; layers of at least 512 weights as int8, all else as float16.

    Weights whose names begin with one of `exact` are float16 whatever their size; see save_network for `about`.
    """
    network_file.save_network(path, model, exact, about, extra)
