"""The training that makes `vae/molecules`, and what its card says."""

from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray

from studio.api.molecule import canonical, has_rdkit
from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    PROPERTIES,
    Molecules,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_described_molecules,
    load_molecules,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.pausing import result_of
from studio.core.translation import N_

from ...shared.card import Axis, write_card
from ...shared.training.directions import attribute_slopes, named_directions, ranking, readings_of
from ...shared.training.recipe import shape_axes, trained_ranges, vae_card
from ..model.molecules_vae import MoleculesConfig, MoleculesVAE
from ..model.pieces import Pieces, learn_pieces
from ..model.weights import load_molecules_network, save_molecules
from .data import BatchSettings, MoleculeBatches, encode_rows, rows_and_kept
from .evaluation import changed_shares, encoded, written, written_checks
from .objective import MoleculesObjective, Rates, share_redrawn
from .peers import has_selfies, ngram_texts, selfies_texts
from .prior import PriorSettings, fit_prior

CONFIG: Final = MoleculesConfig()
TRAINING: Final = TrainSettings(
    n_steps=3400,
    n_micro=2,
    learning_rate=1.2e-3,
    n_warmup=150,
    n_decay=1300,
    weight_decay=0.01,
    average_decay=0.995,
)
N_EFFECT_PLACES: Final = 48
N_KNOWN: Final = 1200
N_WRITTEN: Final = 10_000
N_PEER: Final = 200_000
N_PEER_WRITTEN: Final = 1000
LEAK: Final = 0.1
PROPERTY_TITLES: Final = (N_("Oiliness"), N_("Drug-likeness"), N_("Molecular weight"))
PRIOR_NOTE: Final = N_(
    "After the training a flow of {n} couplings learnt for {steps:,} steps where the places of molecules lie, from "
    "which random ones are drawn."
)
MOSES_NOTE: Final = N_(
    "MOSES gives for its own VAE, trained for far longer: 97.7 % valid, 99.8 % different, 69.5 % new."
)
BATCHES: Final = BatchSettings()
PRIOR: Final = PriorSettings()
RATES: Final = Rates()
REDRAWN: Final = "redrawn exactly"
N_VALIDATION: Final = 500


@dataclass(frozen=True, eq=False)
class Rows:
    """What is learnt from: rows (N, L) of pieces, shortest first, and the pieces and the SMILES themselves."""

    rows: NDArray[np.uint8]
    pieces: Pieces
    smiles: tuple[str, ...]
    is_full: bool


@dataclass(frozen=True, kw_only=True)
class MoleculesRecipe(TrainingRecipe[Rows]):
    """Drug-like molecules written as SMILES."""

    kind: ClassVar[str] = "molecules"
    id: str = "vae/molecules"
    title: str = N_("Molecules")
    summary: str = N_("Learns to write drug-like molecules; a few numbers then say which one.")
    task: str = N_("Writes drug-like molecules; numbers say which one, and lead to others like it.")
    minutes: float = 45
    config: MoleculesConfig = CONFIG
    settings: TrainSettings = TRAINING
    batches: BatchSettings = BATCHES
    prior: PriorSettings = PRIOR
    rates: Rates = RATES
    seed: int = 29

    def read(self, device: torch.device) -> Generator[Frame, None, Rows]:
        """The molecules as rows; the full set takes a minute."""
        molecules = load_molecules(Split.TRAIN)
        pieces = Pieces(learn_pieces(molecules.smiles, self.config.n_pieces - 1))
        encoding = encode_rows(pieces, molecules.smiles, self.config.n_places)
        while True:
            try:
                done = next(encoding)
            except StopIteration as end:
                rows, _ = end.value
                return Rows(rows, pieces, molecules.smiles, molecules.is_full)
            yield Frame(0, self.settings.n_steps, N_("Reading the molecules"), scalars={"read": done})

    def network_and_objective(self, data: Rows, device: torch.device) -> tuple[MoleculesVAE, MoleculesObjective]:
        settings = self.settings
        batches = MoleculeBatches(data.rows, self.config.n_latent, settings.n_micro, self.batches, self.seed, device)
        return MoleculesVAE(self.config), MoleculesObjective(batches, self.rates)

    def validation(self, data: Rows, device: torch.device) -> Validation:
        held_out = load_molecules(Split.VALIDATION).smiles[:N_VALIDATION]
        rows, _ = result_of(encode_rows(data.pieces, held_out, self.config.n_places))
        return Validation(partial(self.validate, torch.from_numpy(rows.astype(np.int64)).to(device)), REDRAWN, True)

    def validate(self, rows: torch.Tensor, model: MoleculesVAE) -> Measuring[Mapping[str, float]]:
        """How many validation molecules are redrawn exactly from the mean of their place."""
        shares = []
        for part in rows.split(100):
            shares.append(share_redrawn(model, part))
            yield
        return {REDRAWN: float(np.mean(shares))}

    def write(self, out: Path, training: Training, data: Rows) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        average = training.average.cpu()
        assert isinstance(average, MoleculesVAE)
        some = data.rows[:: 1 + len(data.rows) // self.prior.n_molecules]
        yield from fit_prior(average, some, self.prior, self.seed)
        directions, axes = yield from self._directions(average, data.pieces)
        test = load_described_molecules(Split.TEST)
        arrays, known = yield from self._known(average, data.pieces, test)
        save_molecules(out, average, {**arrays, **map_arrays_of(arrays["places"], directions)}, data.pieces, known)
        model, pieces = load_molecules_network(out)
        checks = yield from self.checks(model, pieces, data, test)
        facts = ("molecules", len(data.rows), data.is_full)
        card = {
            **vae_card(
                self,
                model,
                training,
                *facts,
                **asdict(self.batches),
                rates=asdict(self.rates),
                prior=asdict(self.prior),
            ),
            "data": N_("{n:,} drug-like molecules of MOSES (from ZINC), scaffolds held out").format(n=len(data.rows)),
            "notes": [PRIOR_NOTE.format(n=self.config.n_blocks, steps=self.prior.n_steps), MOSES_NOTE],
        }
        write_card(out.with_suffix(".json"), card, checks, axes)

    def _directions(self, model: MoleculesVAE, pieces: Pieces) -> Measuring[tuple[torch.Tensor, list[Axis]]]:
        """The sliders' directions (Z, Z) and what their card says: along properties first, then by what changes."""
        described = load_described_molecules(Split.TRAIN)
        rows, kept = rows_and_kept(pieces, described.smiles, self.config.n_places)
        places = yield from encoded(model, rows)
        assert described.properties is not None
        slopes = attribute_slopes(places, _standard(torch.from_numpy(described.properties[kept])))
        named = named_directions(slopes, LEAK)
        free = torch.linalg.svd(slopes, full_matrices=True).Vh[len(slopes) :]
        effects = yield from changed_shares(model, torch.cat([named, free]), places[:N_EFFECT_PLACES])
        order = ranking(effects[len(named) :])
        directions = torch.cat([named, free[order]])
        values = places @ readings_of(directions).T
        axes = [
            Axis(name, title, "named", float(effect), ends, True)
            for name, title, effect, ends in zip(
                PROPERTIES, PROPERTY_TITLES, effects, trained_ranges(values[:, : len(named)]), strict=False
            )
        ]
        shapes = shape_axes(effects[len(named) :][order], values[:, len(named) :])
        return directions, [*axes, *shapes]

    def _known(
        self, model: MoleculesVAE, pieces: Pieces, test: Molecules
    ) -> Measuring[tuple[dict[str, torch.Tensor], list[str]]]:
        """Held-out molecules by which one finds one's way: places (N, Z), properties (N, 3), and their SMILES."""
        rows, kept = rows_and_kept(pieces, test.smiles[:N_KNOWN], self.config.n_places)
        places = yield from encoded(model, rows)
        assert test.properties is not None
        properties = torch.from_numpy(test.properties[kept])
        return {"places": places.half(), "properties": properties}, [test.smiles[index] for index in kept]

    def checks(self, model: MoleculesVAE, pieces: Pieces, data: Rows, test: Molecules) -> Measuring[list[Check]]:
        """The held-out figures with what they had to reach; those of written molecules where rdkit is installed."""
        rows, _ = rows_and_kept(pieces, test.smiles, self.config.n_places)
        shares = []
        for part in torch.from_numpy(rows.astype(np.int64)).split(100):
            shares.append(share_redrawn(model, part) * len(part) / len(test.smiles))
            yield
        redrawn = Check(N_("Held-out molecules redrawn exactly, %"), 100 * sum(shares), 60.0)
        if not has_rdkit():
            return [redrawn]
        random = torch.Generator().manual_seed(self.seed)
        texts = yield from written(model, pieces, torch.randn(N_WRITTEN, self.config.n_latent, generator=random))
        assert test.properties is not None
        checks = yield from written_checks(texts, set(data.smiles), test.smiles, test.properties)
        peers = {N_("For comparison, a 7-gram of signs: valid as written, %"): ngram_texts}
        if has_selfies():
            peers[N_("For comparison, a 7-gram of SELFIES symbols: valid as written, %")] = selfies_texts
        for name, peer in peers.items():
            texts = yield from peer(data.smiles[:N_PEER], N_PEER_WRITTEN, self.seed)
            checks.append(Check(name, 100 * sum(bool(canonical(text)) for text in texts) / len(texts), None))
        return [redrawn, *checks]


def _standard(values: torch.Tensor) -> torch.Tensor:
    """Each column (N, A) in its standard deviations."""
    return (values - values.mean(0)) / values.std(0)


def map_arrays_of(places: torch.Tensor, directions: torch.Tensor) -> dict[str, torch.Tensor]:
    """What a panel reads of sliders and of the map, which is spanned by logP and weight."""
    axes = torch.linalg.qr(directions[[0, 2]].T).Q.T  # (2, Z), orthonormal
    axes = axes * (axes * directions[[0, 2]]).sum(1, keepdim=True).sign()
    return {
        "directions": directions,
        "readings": readings_of(directions),
        "map_mean": places.float().mean(0),
        "map_basis": axes,
    }
