"""A model of molecules ready to compute: places to molecules, a person's molecules to places.

Shapes: N known molecules, D latent numbers.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, cast

import numpy as np
import numpy.typing as npt
import torch

from studio.api.engine import Device, ModelSource, limited_threads
from studio.api.molecule import canonical, draw_molecule, has_rdkit, mol_block, properties_of
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text.smiles import checked_smiles, read_smiles_list
from studio.core.translation import N_
from studio.core.view import Image, Molecule, View
from studio.nn.adam import AdamW

from ..shared.atlas import Array
from ..shared.card import read_arrays
from ..shared.engine import VaeEngine
from .atlas import PROPERTIES, MoleculeAtlas, build_molecule_atlas
from .model.molecules_vae import MoleculesVAE, piece_nats
from .model.pieces import Pieces, UnknownPieceError
from .model.weights import load_molecules_network, read_known

SIZE_PX: Final = 480
NEAR_PX: Final = 112
N_NEAR: Final = 8
N_REFINE: Final = 48
N_BETWEEN: Final = 6
LEARNING_RATE: Final = 0.05
PRIOR_WEIGHT: Final = 1e-3
MAX_LIST_BYTES: Final = 1 << 20
MAX_LIST: Final = 24


@dataclass(frozen=True, eq=False)
class Known:
    """A held-out molecule: its SMILES, its place (D,), a small picture (H, W, 3), its distance from what was asked."""

    smiles: str
    z: Array
    pixels: npt.NDArray[np.uint8]
    distance: float


@dataclass(frozen=True, eq=False)
class MoleculeList:
    """A person's list: the places (D,) of its molecules, and a sentence about each line that is none."""

    places: list[Array]
    told: list[Any]


class MoleculesEngine(VaeEngine):
    """A VAE that writes molecules, on one device."""

    pieces: Pieces
    model: MoleculesVAE  # type: ignore[assignment]  # it writes, and draws nothing
    atlas: MoleculeAtlas

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load weights and network; raises UserError where the file is no good."""
        model, pieces = load_molecules_network(source.path)
        arrays, known = read_arrays(source.path), read_known(source.path)
        atlas = build_molecule_atlas(source.card, arrays, known, model.config.n_latent)
        engine = cls(source, device, cast(Any, model), atlas)
        engine.pieces = pieces
        return engine

    @torch.inference_mode()
    def write(self, z: Array) -> str:
        """The SMILES at a place (D,), as the network writes it; it may be no molecule."""
        with limited_threads(1):
            row = self.model.decode(self._tensor(z[None]))[0]
        return self.pieces.decode(row.tolist())

    def read_smiles(self, text: str) -> Generator[None, None, Array]:
        """The place (D,) of a person's molecule: the encoder's, moved on by descent until it is written again exactly.

        Yields after each step, so that others take their turn.

        Raises:
            UserError: it is no SMILES, or has what no molecule had that the model learnt from.
        """
        return (yield from self._placed(as_learnt(text)))

    def _placed(self, smiles: str) -> Generator[None, None, Array]:
        """The place (D,) of a molecule that is written as those are that the model learnt from."""
        try:
            numbers = [*self.pieces.encode(smiles), 0]
        except UnknownPieceError as error:
            raise UserError(
                N_("The model does not know “{sign}”, sign {place} of this molecule.").format(
                    sign=smiles[error.place], place=error.place + 1
                ),
                N_("It learnt from molecules of C, N, O, S, F, Cl and Br without charges or left and right forms."),
            ) from error
        if len(numbers) > self.model.config.n_places:
            raise UserError(
                N_("This molecule is too long for the model, which learnt from those of 250 to 350 daltons.")
            )
        return (yield from self._refined(smiles, torch.tensor([numbers], device=self.device.torch_device)))

    def read_and_write(self, text: str) -> Generator[None, None, tuple[Array, bool]]:
        """The same, and whether that very molecule is written there."""
        smiles = as_learnt(text)
        z = yield from self._placed(smiles)
        return z, self.write(z) == smiles

    def _refined(self, smiles: str, pieces: torch.Tensor) -> Generator[None, None, Array]:
        """Where pieces (1, L) are likeliest near the encoder's mean; stops where they are written."""
        model = self.model
        place = model.encode(pieces).clone().requires_grad_()  # (1, D)
        optimiser = AdamW([place], LEARNING_RATE)
        for step in range(N_REFINE):
            if step % N_BETWEEN == 0 and self.write(place.detach()[0].cpu().numpy()) == smiles:
                break
            with limited_threads(1):
                nats = piece_nats(model.logits(model.latent(place), pieces), pieces).mean()
                optimiser.zero_grad()
                (nats + PRIOR_WEIGHT * place.square().sum()).backward()
                optimiser.step()
            yield
        return np.ascontiguousarray(place.detach()[0].float().cpu().numpy())

    def read_list(self, path: Path) -> Generator[Frame | None, None, MoleculeList]:
        """The places of the molecules in a person's list, at most MAX_LIST of them.

        Yields how far it is, as frames without a view.

        Raises:
            UserError: the file cannot be read, or the model can read none of it.
        """
        good, mistakes = read_smiles_list(_text_of(path), MAX_LIST + 1)
        told = [
            N_("Line {line}, sign {place}: {what}").format(line=line, place=mistake.place + 1, what=mistake.what)
            for line, mistake in mistakes
        ]
        if len(good) > MAX_LIST:
            good = good[:MAX_LIST]
            told.insert(0, N_("The list is longer: the path leads through its first {n}.").format(n=MAX_LIST))
        places = list[Array]()
        for number, text in enumerate(good):
            yield Frame(number, len(good))
            try:
                places.append((yield from self.read_smiles(text)))
            except UserError as error:
                told.append(N_("{smiles}: {what}").format(smiles=text, what=error.title))
        if not places:
            raise UserError(
                N_("The model cannot read any line of “{name}” as a molecule.").format(name=path.name),
                told[0] if told else N_("Write one SMILES in each line."),
            )
        return MoleculeList(places, told)

    def frame(self, z: Array, text: str = "", step: int = 0, n_steps: int = 1, **scalars: float) -> Frame:
        """The frame that shows place `z` (D,): the structure, and the SMILES with its properties."""
        smiles = self.write(z)
        found = properties_of(smiles) if has_rdkit() else None
        properties = {} if found is None else dict(zip(PROPERTIES, found, strict=True))
        views: dict[str, View] = {
            "picture": Image(draw_molecule(smiles, SIZE_PX)),
            "molecule": Molecule(smiles, properties),
        }
        return Frame(step, n_steps, views=views, scalars=scalars, state={"z": z})

    def near(self, z: Array) -> list[Known]:
        """The held-out molecules whose places are nearest to `z` (D,)."""
        distances = np.linalg.norm(self.atlas.places - z, axis=1)
        nearest = np.argsort(distances)[:N_NEAR]
        return [
            Known(name, self.atlas.places[i], draw_molecule(name, NEAR_PX), float(distances[i]))
            for i, name in ((i, self.atlas.names[i]) for i in nearest)
        ]

    def manifold(self, extent: float, n_tiles: int) -> None:  # type: ignore[override]  # nothing is under the map
        """A map of structures would be too small to see."""

    def save(self, path: Path, places: Sequence[Array]) -> int:
        """Write the molecules at places (D,), one SMILES a line or, by the ending .sdf, with structures; says how many.

        Raises:
            UserError: none of them is a molecule, or rdkit is not installed.
        """
        texts = list(dict.fromkeys(map(self.write, places)))
        if path.suffix.lower() != ".sdf":
            atomic_write(path, "".join(f"{text}\n" for text in texts).encode("ascii"))
            return len(texts)
        if not has_rdkit():
            raise UserError(N_("SDF files need the Python package rdkit."), N_("Install it with “pip install rdkit”."))
        found = [(text, properties) for text in texts if (properties := properties_of(text)) is not None]
        if not found:
            raise UserError(N_("What the model wrote here is not a molecule, so it has no structure to save."))
        entries = [mol_block(text, dict(zip(PROPERTIES, values, strict=True))) for text, values in found]
        atomic_write(path, "".join(entries).encode("ascii"))
        return len(entries)


def as_learnt(text: str) -> str:
    """A molecule written as those are that the model learnt from, where rdkit is installed; raises UserError."""
    smiles = checked_smiles(text)
    return (canonical(smiles) or smiles) if has_rdkit() else smiles


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_LIST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UserError(N_("“{name}” cannot be read.").format(name=path.name)) from error
