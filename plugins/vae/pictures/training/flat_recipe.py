"""The training that makes a model of a person's own flat pictures, `vae/flat-pictures`, sharp at any size."""

from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.api.engine import FolderFinding
from studio.api.own_folder import PictureFolderSettings, usable_pictures
from studio.api.recipe import Measuring
from studio.api.training import (
    FlatPictures,
    FolderPictures,
    Framing,
    PartMaps,
    Preview,
    Split,
    Validation,
    is_flat_folder,
    load_folder,
    look_at_flat,
    read_flat_pictures,
)
from studio.core.card import Check
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.nn.layered.layered_vae import LayeredConfig, LayeredVAE
from studio.nn.layered.pictures_vae import PicturesVAE

from ...shared.model.vae import device_of
from ...shared.training.recipe import mosaic, random_places
from .data import encoded, in_unit
from .layers_checks import FIRST_DECODER
from .layers_data import LayersBatches
from .layers_evaluation import SHARP_PX, Array, reduced, rises, sharp_pictures
from .layers_objective import LayersLoss, layers_loss, parts_wrong
from .objective import PicturesLoss, redrawn_pictures
from .pictures_recipe import N_COLUMNS, N_VALIDATION, OwnPicturesRecipe, part_of

LAYERS_WIDTH: Final = 32
N_POINTS: Final = 64  # along a side: they cost, and each batch has other ones
N_OUTLINES: Final = 40
PREVIEW_PX: Final = 128
WRONG: Final = "parts wrong"
TRAINING: Final = PictureFolderSettings(
    n_steps=2400,
    learning_rate=2e-3,
    n_warmup=50,
    n_decay=1200,
    average_decay=0.995,
    keep_best=True,
    framing="fit",
)


@dataclass(frozen=True)
class FlatObjective:
    """The loss of both decoders on the same places; what a Training calls.

    Attributes:
        pictures: (N, 64, 64, 3) uint8, those of the maps.
        fixed: (K, 3), what the layers' colours begin with; a training that goes on must have begun with the same.
    """

    batches: LayersBatches
    pictures: Tensor
    fixed: Tensor
    weights: PicturesLoss
    layers: LayersLoss
    n_others: int

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, LayeredVAE)
        if not torch.allclose(model.sharp.fixed.cpu(), self.fixed, atol=1e-3):
            problem = N_("The pictures in the folder have other colours than when the training began.")
            raise UserError(problem, N_("Start the training again."))
        batch, n = self.batches.draw(step, micro), self.n_others
        pictures = in_unit(self.pictures[batch.chosen.cpu()].to(batch.noise.device))
        small = redrawn_pictures(model, pictures, batch.noise, self.weights, step)
        others = ((small.z[:n] + small.z[n : 2 * n]) * 0.5**0.5).detach()  # as far from the average as the pictures are
        loss, parts = layers_loss(self.layers, model, model.sharp, batch, (small.z, others), self.batches.map_px)
        return small.loss + loss, {**small.parts, "parts": parts["parts"], "colours": parts["colours"]}


@dataclass(frozen=True, kw_only=True)
class VaeFlatRecipe(OwnPicturesRecipe):
    """`vae/flat-pictures`: icons, logos and drawings of few colours, in layers that are sharp at any size."""

    id: str = "vae/flat-pictures"
    title: str = N_("Your flat pictures, sharp")
    summary: str = N_("Learns from a folder of icons, logos or flat drawings; edges are sharp at any size.")
    minutes: float = 8
    settings: PictureFolderSettings = TRAINING
    layers: LayersLoss = field(default_factory=LayersLoss)
    n_others: int = 3
    invitation: str = N_("Choose or drop a folder of flat pictures: icons, logos, drawings of few colours.")

    def takes_folder(self, path: Path) -> bool:
        """Whether the pictures of a folder look flat, or those of that in which a file lies."""
        return is_flat_folder(path if path.is_dir() else path.parent)

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how many pictures there are and how flat they are; raises UserError where they are not."""
        pictures = yield from load_folder(path, self.config.size_px, self._framing)
        look = yield from look_at_flat(path, pictures, self._framing)
        return usable_pictures(pictures, look.sentence)

    @property
    def _framing(self) -> Framing:
        return "fit" if self.settings.framing == "fit" else "crop"

    def read(self, device: torch.device) -> Generator[Frame, None, FlatPictures]:
        chosen = self.settings
        return (yield from read_flat_pictures(chosen.data, self.config.size_px, self._framing, chosen.n_steps))

    def network_and_objective(self, pictures: FolderPictures, device: torch.device) -> tuple[LayeredVAE, FlatObjective]:
        assert isinstance(pictures, FlatPictures)
        lowest, widest = (torch.from_numpy(one) for one in pictures.ranges())
        n_layers, n_latent = len(lowest), self.config.n_latent
        config = LayeredConfig(**asdict(self.config), n_layers=n_layers, n_paints=n_layers, layers_width=LAYERS_WIDTH)
        network = LayeredVAE(config)
        network.sharp.fixed, network.sharp.tint = lowest, torch.diag(widest)  # each layer has a paint of its own
        maps, learnt = pictures.maps_of(Split.TRAIN), part_of(pictures, Split.TRAIN)
        batches = LayersBatches(maps, n_latent, (self.n_pictures, 0), self.seed, device, N_POINTS)
        return network, FlatObjective(batches, learnt, lowest, self.loss, self.layers, self.n_others)

    def preview(self, pictures: FolderPictures, device: torch.device) -> Preview:
        """Held-out pictures, below them what is redrawn of each, below that two rows at random places."""
        assert isinstance(pictures, FlatPictures)
        held_out, maps = part_of(pictures, Split.VALIDATION), pictures.maps_of(Split.VALIDATION)
        few = torch.arange(N_COLUMNS) % len(held_out)
        shown, true = in_unit(held_out[few].to(device)), [_true_picture(maps, int(index), PREVIEW_PX) for index in few]
        places = random_places(2 * N_COLUMNS, self.config.n_latent, self.seed, device)

        def draw(network: LayeredVAE) -> Mapping[str, Any]:
            redrawn = network.redrawn(shown, PREVIEW_PX), network.drawn(network.layers(places), PREVIEW_PX)
            rows = np.concatenate([np.stack(true), *(one.astype(np.float32) / np.float32(255) for one in redrawn)])
            return {"picture": mosaic(torch.from_numpy(rows).movedim(3, 1), N_COLUMNS)}

        return draw

    def validation(self, pictures: FolderPictures, device: torch.device) -> Validation:
        assert isinstance(pictures, FlatPictures)
        few = np.arange(min(N_VALIDATION, len(maps := pictures.maps_of(Split.VALIDATION))))
        return Validation(partial(_validate, part_of(pictures, Split.VALIDATION)[few], maps.only(few)), WRONG)

    def checks(self, model: PicturesVAE, pictures: FolderPictures) -> Measuring[list[Check]]:
        assert isinstance(model, LayeredVAE)
        assert isinstance(pictures, FlatPictures)
        maps, held_out = pictures.maps_of(Split.TEST), part_of(pictures, Split.TEST)
        figures = yield from _validate(held_out, maps, model)
        means, _ = yield from encoded(model, held_out[:N_OUTLINES])
        widths = []
        for index, picture in enumerate(sharp_pictures(model, means)):
            widths.append(rises(picture, _is_drawn_on(maps, index), index))
            yield
        return [
            *(yield from super().checks(model, pictures)),
            Check(N_("Redrawn test pictures, share of a colour that belongs elsewhere"), figures[WRONG], None, False),
            *_outline_checks(np.concatenate(widths)),
        ]

    def pictures_card(self, pictures: FolderPictures) -> dict[str, Any]:
        assert isinstance(pictures, FlatPictures)
        told = super().pictures_card(pictures)
        notes = [
            N_("Drawn in {n} layers of flat colours, learnt from maps of {size} x {size} pixels. {found}").format(
                n=len(pictures.look.palette.colours), size=pictures.look.size_px, found=pictures.look.sentence
            ),
            FIRST_DECODER,
        ]
        return told | {"notes": [*notes, *told["notes"]]}


def _validate(pictures: Tensor, maps: PartMaps, network: LayeredVAE) -> Measuring[Mapping[str, float]]:
    """On which share of the points of pictures (N, 64, 64, 3) uint8 another part is seen than should be."""
    means, _ = yield from encoded(network, pictures.to(device_of(network)))
    return {WRONG: (yield from parts_wrong(network, network.sharp, means, maps))}


def _true_picture(maps: PartMaps, index: int, size_px: int) -> Array:
    """A picture as its map has it, made small: (size_px, size_px, 3) in 0..1."""
    return reduced(maps.colours[index][maps.parts(index)], size_px)


def _is_drawn_on(maps: PartMaps, index: int) -> NDArray[np.bool_]:
    """Where a picture has another part than the one that covers most, (512, 512)."""
    parts = maps.parts(index)
    is_drawn_on = parts != np.bincount(parts.ravel()).argmax()
    return is_drawn_on.repeat(SHARP_PX // maps.size_px, 0).repeat(SHARP_PX // maps.size_px, 1)


def _outline_checks(widths: Array) -> list[Check]:
    """How sharp edges are; none where pictures have none."""
    if not len(widths):
        return []
    median, widest = np.percentile(widths, (50, 90)).tolist()
    return [
        Check(N_("Outlines at 512 pixels, width in pixels, median"), median, None, False),
        Check(N_("Outlines at 512 pixels, width in pixels, 90th percentile"), widest, None, False),
    ]
