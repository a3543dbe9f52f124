"""Writes and reads a model of molecules: the network, with its pieces and the known molecules beside it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from torch import Tensor

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import read_about

from ...shared.model.weights import load_model, save_model
from .molecules_vae import MoleculesVAE
from .pieces import Pieces

_MAX_PIECE: Final = 40
_MAX_KNOWN: Final = 10_000
_MAX_SMILES: Final = 200


def save_molecules(
    path: Path, model: MoleculesVAE, extra: dict[str, Tensor], pieces: Pieces, known: Sequence[str]
) -> None:
    """Write the network with its pieces, the arrays of known molecules and their SMILES."""
    about = {"pieces": json.dumps(pieces.texts[1:]), "known": "\n".join(known)}
    save_model(path, model, extra, ("flow.",), about)


def load_molecules_network(path: Path) -> tuple[MoleculesVAE, Pieces]:
    """The network in a file, ready to compute, and its pieces.

    Raises:
        UserError: the file is missing, damaged, too large, or holds no model of molecules.
    """
    model = load_model(path)
    if not isinstance(model, MoleculesVAE):
        raise UserError(N_("This file does not contain a VAE made by this program."))
    return model, Pieces(_checked(read_about(path, "pieces"), model.config.n_pieces - 1))


def read_known(path: Path) -> tuple[str, ...]:
    """The SMILES of the known molecules in a file."""
    known = tuple(text[:_MAX_SMILES] for text in read_about(path, "known").split("\n"))
    return known[:_MAX_KNOWN]


def _checked(text: str, n: int) -> list[str]:
    try:
        pieces: Any = json.loads(text)
    except (ValueError, RecursionError):
        pieces = None
    is_list = isinstance(pieces, list) and len(pieces) == n and len(set(map(str, pieces))) == n
    if not is_list or not all(isinstance(one, str) and 0 < len(one) <= _MAX_PIECE for one in pieces):
        raise UserError(N_("The model’s file is damaged."), N_("Download it again, or train the model again."))
    return list(map(str, pieces))
