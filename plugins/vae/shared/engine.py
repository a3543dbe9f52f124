"""A VAE ready to compute: places to pictures, and a person's pictures to places.

Shapes: N pictures or candidates, D latent numbers, H W pixels.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from studio.api.engine import Device, Engine, ModelSource, limited_threads
from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.masked_picture import StartPicture
from studio.core.pausing import beside, silently
from studio.core.picture import read_picture as read_picture_file
from studio.core.seed import standard_normal
from studio.core.translation import N_
from studio.core.view import Field, Image, State, Tokens, View
from studio.nn.adam import AdamW
from studio.nn.exported import Part
from studio.nn.layered.layered_vae import LayeredVAE
from studio.nn.layered.pictures_vae import PicturesVAE
from studio.nn.packed_conv import pack_convolutions

from ..molecules.model.molecules_vae import MoleculesVAE
from ..pictures.model.beta_vae import BetaVAE
from .atlas import MISFIT, MISFIT_ADVICE, Atlas, build_atlas
from .card import is_known, read_arrays
from .diacritics import DOTTED, MarkStyle, composed, signs, with_marks
from .ink import FIELD_LIMIT_PX, Box, coloured, fit_digit, fit_letter, fit_picture, ink_box, paper, read_ink
from .model.vae import LetterformsVAE
from .model.weights import Network, load_model
from .odd_letters import odd_letters
from .odd_ones import odd_ones
from .params import PictureParams, letters_to_draw, text_of
from .repair import hole_in, known_of, repaired
from .representation.encoded import Encoded, Progress
from .representation.encoding import encoded
from .scene import MAX_ABS_Z
from .sharpness import FULL_PX, SKETCH_PX
from .side_effects import SideEffects

Array: TypeAlias = npt.NDArray[np.float32]
N_REFINE = 40
LEARNING_RATE = 0.08
PRIOR_WEIGHT = 2e-4
MAX_SINGLE = 2
N_TRIED = 8
ALMOST = 0.01  # no ink is foreseen as surer than that


@dataclass(frozen=True, eq=False)
class VaeReading:
    """What was read: the place (D,), the letter ("" without letters), the mean error per pixel in 0..1.

    `misfit` says how badly it was redrawn, for `known_within` of the card: the mean error of a colour, or the nats a
    pixel by which the redrawn ink does not foresee the ink that is there (Bernoulli).
    """

    z: Array
    letter: str
    error: float
    misfit: float = 0.0


def read_picture(engine: "VaeEngine", rgb: npt.NDArray[np.uint8]) -> Generator[Frame | None, None, VaeReading]:
    """Encode a picture (H, W, 3), refine the place by gradient descent; yields the drawing meanwhile, or None.

    Which letter it shows is found out by trying all. Returns (as the generator's value) a Reading.
    """
    if engine.has_letters:
        start, target, letter = yield from _read_letter(engine, read_ink(rgb))
    else:
        target, letter = engine.fit(rgb), ""
        start = engine.encode(target[None])[0]
    original, z, error = _original(engine, target), start, 1.0
    for step, (z, error) in enumerate(refine(engine, start, target, letter)):
        frame = engine.frame(z, letter, step, N_REFINE, error=error)
        yield replace(frame, views={**frame.views, "original": original})
    return VaeReading(z, letter, error, misfit(engine, z, target, letter))


def misfit(engine: "VaeEngine", z: Array, target: Array, letter: str = "") -> float:
    """How badly a picture, as `encode` takes it, is redrawn at a place (D,); see `VaeReading`."""
    drawn, wanted = engine.ink(engine.decode(z[None], letter)[0]), engine.ink(target)
    if engine.is_coloured:
        return float(np.abs(drawn - wanted).mean())
    drawn = np.clip(drawn, ALMOST, 1 - ALMOST)
    return -float((wanted * np.log(drawn) + (1 - wanted) * np.log1p(-drawn)).mean())


def _original(engine: "VaeEngine", target: Array) -> View:
    if engine.has_letters:
        return Field(target[None], "distance", -FIELD_LIMIT_PX, FIELD_LIMIT_PX)
    return Image(coloured(target) if engine.is_coloured else paper(target))


def _read_letter(engine: "VaeEngine", ink: Array) -> Generator[Frame | None, None, tuple[Array, Array, str]]:
    """Try each letter; returns (place, field, letter) of the one that the model redraws best."""
    groups = yield from _same_height(engine, CHARACTERS)
    found: list[tuple[float, Array, Array, str]] = []
    for step, (box, letters) in enumerate(groups):
        field = fit_letter(ink, box)
        places = engine.encode(np.repeat(field[None], len(letters), axis=0), letters)  # (N, D)
        drawings, wanted = engine.ink(engine.decode(places, letters)), engine.ink(field)  # (N, 64, 64), (64, 64)
        overlaps = np.minimum(drawings, wanted).sum((1, 2)) / np.maximum(drawings, wanted).sum((1, 2))  # (N,)
        nearest = int(overlaps.argmax())
        found.append((float(overlaps[nearest]), places[nearest], field, letters[nearest]))
        _, z, field, best = max(found, key=itemgetter(0))
        error = float(np.abs(engine.ink(engine.letters(z, best)[0]) - engine.ink(field)).mean())
        yield engine.frame(z, best, step, len(groups), error=error)
    _, z, field, best = max(found, key=itemgetter(0))
    return _among_known(engine, z), field, best


def _among_known(engine: "VaeEngine", z: Array) -> Array:
    """Bring a place as near to the average as known ones usually are: what one letter alone says lies far beyond."""
    usual = float(np.median(np.linalg.norm(engine.atlas.places, axis=1)))
    return np.asarray(z * min(1.0, usual / max(float(np.linalg.norm(z)), 1e-6)), np.float32)


def _same_height(engine: "VaeEngine", letters: str) -> Generator[None, None, list[tuple[Box, str]]]:
    """Group letters, a few at a time, by the box, in whole cells, that each has in the average style."""
    groups: dict[Box, str] = {}
    for letter in letters:
        if letter not in engine.boxes:
            (field,) = engine.letters(np.zeros(engine.n_latent, np.float32), letter)  # (64, 64)
            _, top, _, bottom = field_box(field)
            engine.boxes[letter] = (0.0, top, float(field.shape[1]), bottom)  # laid by its height, in the middle
            yield None
        box = engine.boxes[letter]
        groups[box] = groups.get(box, "") + letter
    starts = range(0, len(letters), N_TRIED)
    parts = [(box, alike[start : start + N_TRIED]) for box, alike in groups.items() for start in starts]
    return [(box, part) for box, part in parts if part]


def field_box(field: Array) -> Box:
    """Return the box around the inside of a distance field (64, 64)."""
    return ink_box((field > 0).astype(np.float32))


def refine(engine: "VaeEngine", z: Array, target: Array, letter: str) -> Iterator[tuple[Array, float]]:
    """Move `z` (D,) until its drawing is near `target`, (H, W) or (H, W, 3); yields the best place and its mean error.

    Minimises the mean squared difference of the drawn ink or colours plus a small weight on |z|², with Adam.
    """
    place = torch.tensor(z[None], device=engine.device.torch_device, requires_grad=True)  # (1, D)
    wanted = torch.from_numpy(engine.ink(target)).to(place.device)  # (H, W) or (H, W, 3)
    optimiser = AdamW([place], LEARNING_RATE)
    best, best_error = z, np.inf
    for _ in range(N_REFINE):
        difference = engine.soft_ink(place, letter) - wanted  # as `wanted`
        error = float(difference.detach().abs().mean())
        if error < best_error:
            best, best_error = place.detach()[0].cpu().numpy().copy(), error
        loss = difference.square().mean() + PRIOR_WEIGHT * place.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        yield best, best_error


class VaeEngine(Engine):
    """One VAE on one device."""

    def __init__(
        self, source: ModelSource, device: Device, model: Network, atlas: Atlas, balance: int | None = None
    ) -> None:
        """`balance` is which of several networks it is, where a model has more than one."""
        self.source, self.device, self.atlas, self.balance = source, device, atlas, balance
        self.model = model.to(device.torch_device)
        self.boxes: dict[str, Box] = {}
        """Of letters in the average style, as they are found."""

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load weights and network; raises UserError where the file is no good."""
        model = load_model(source.path)
        if isinstance(model, BetaVAE | MoleculesVAE):
            raise UserError(MISFIT, MISFIT_ADVICE)
        atlas = build_atlas(source.card, read_arrays(source.path), model.config.n_latent)
        engine = cls(source, device, model, atlas)
        pack_convolutions(engine.model)
        return engine

    def of(self, params: PictureParams) -> "VaeEngine":
        """The network that parameters ask for: there is one."""
        return self

    def close(self) -> None:
        """Free the weights."""
        del self.model

    def exportable(self) -> tuple[Part, ...]:
        """Its decoders of one place."""
        z = self._tensor(standard_normal((1, self.n_latent), 0))
        if isinstance(self.model, LetterformsVAE):
            return (Part(self.model, "decode", (z, self._indices(CHARACTERS[0]))),)
        decode = Part(self.model, "decode", (z,))
        return (decode, Part(self.model, "layers", (z,))) if isinstance(self.model, LayeredVAE) else (decode,)

    @property
    def n_latent(self) -> int:
        """How many numbers a place has."""
        return self.model.config.n_latent

    @property
    def has_letters(self) -> bool:
        """Whether the model draws letters that one can choose."""
        return isinstance(self.model, LetterformsVAE)

    @property
    def is_coloured(self) -> bool:
        """Whether pictures have three colours; grey ones hold ink."""
        return isinstance(self.model, PicturesVAE)

    @property
    def size_px(self) -> int:
        """Width and height of a picture."""
        return self.model.config.size_px

    def generate(self, params: PictureParams, start: State | None = None) -> Iterator[Frame]:
        """Draw one frame at the seed's place, or at `start["z"]`, float32 (D,); a picture with a hole is repaired."""
        if start is not None and "picture" in start:
            yield from repaired(self, params.seed, start)
            return
        text = self.text_of(params)
        yield self.frame(self.place_of(params) if start is None else self.place_in(start), text)

    def sketch(self, params: PictureParams, start: State) -> Iterator[Frame]:
        """Draw the same for a hand that drags: smaller where pictures have any size."""
        if isinstance(self.model, LayeredVAE) and "picture" not in start:
            z = self.place_in(start)
            yield Frame(0, 1, views={"picture": Image(self.picture(z, SKETCH_PX))}, state={"z": z})
        else:
            yield from self.generate(params, start)

    def place_in(self, state: State) -> Array:
        """Return the place (D,) in a state; raises UserError where it is none of this model."""
        z = np.asarray(state.get("z"), np.float64)
        if z.shape != (self.n_latent,) or not (np.abs(z) <= MAX_ABS_Z).all():
            raise UserError(N_("This saved place belongs to another model."))
        return z.astype(np.float32)

    def place_of(self, params: PictureParams) -> Array:
        """Return the place of a seed, float32 (D,): z ~ N(0, spread² I)."""
        return np.float32(params.spread) * standard_normal((self.n_latent,), params.seed, 0)

    def text_of(self, params: PictureParams) -> str:
        """Return the letters to draw; raises UserError for signs that the model does not know."""
        return letters_to_draw(text_of(params), self.has_letters)

    def frame(self, z: Array, text: str, step: int = 0, n_steps: int = 1, **scalars: float) -> Frame:
        """Return the frame that shows place `z` (D,)."""
        if text:
            fields = Field(self.letters(z, text), "distance", -FIELD_LIMIT_PX, FIELD_LIMIT_PX)
            views: dict[str, View] = {"picture": fields, "text": Tokens(tuple(map(composed, signs(text))))}
        else:
            views = {"picture": Image(self.picture(z))}
        state = {"z": z} if self.balance is None else {"z": z, "balance": np.array(self.balance)}
        return Frame(step, n_steps, views=views, scalars=scalars, state=state)

    @torch.inference_mode()
    def picture(self, z: Array, size_px: int = FULL_PX) -> npt.NDArray[np.uint8]:
        """Return what is shown at place `z` (D,): size_px x size_px where layers are drawn, else the model's size."""
        if not isinstance(self.model, LayeredVAE):
            return self.pixels(self.decode(z[None])[0])
        with limited_threads(1):
            return self.model.drawn(self.model.layers(self._tensor(z[None])), size_px)[0]

    def pixels(self, picture: Array) -> npt.NDArray[np.uint8]:
        """Return what is shown of pictures that `decode` gave."""
        return coloured(picture) if self.is_coloured else paper(picture)

    def letters(self, z: Array, text: str) -> Array:
        """Decode `text` in style `z` (D,): fields (N, 64, 64) in ±8, one per letter; a space is empty."""
        found = signs(text)
        drawn = [i for i, sign in enumerate(found) if sign != " "]
        marked = [place for place, i in enumerate(drawn) if len(found[i]) > 1]
        letters = "".join(found[i][0] for i in drawn) + (DOTTED if marked else "")
        fields = self.decode(np.broadcast_to(z, (len(letters), len(z))), letters)
        style = MarkStyle(fields[-1])
        for place in marked:
            fields[place] = with_marks(fields[place], found[drawn[place]][1:], style)
        if len(drawn) == len(found) == len(fields):
            return fields
        row = np.full((len(found), *fields.shape[1:]), -FIELD_LIMIT_PX, np.float32)
        row[drawn] = fields[: len(drawn)]
        return row

    @torch.inference_mode()
    def decode(self, z: Array, letters: str = "") -> Array:
        """Decode N places (N, D), each with its letter where the model draws letters.

        Returns fields (N, 64, 64) in pixels, or in 0..1 the ink (N, 28, 28) or the colours (N, 64, 64, 3) of pictures.
        """
        places = self._tensor(z)  # (N, D)
        with limited_threads(1 if len(z) <= MAX_SINGLE else self.device.n_threads):
            if isinstance(self.model, LetterformsVAE):
                pictures = self.model.decode(places, self._indices(letters))  # (N, 64, 64)
            else:
                pictures = _colours_last(self.model.decode(places))  # (N, 28, 28) or (N, 64, 64, 3)
        return np.ascontiguousarray(pictures.float().cpu().numpy())

    def encode(self, pictures: Array, letters: str = "") -> Array:
        """Encode N pictures as `decode` returns them, each with its letter, to the means of their places (N, D)."""
        return self.posterior(pictures, letters)[0]

    @torch.inference_mode()
    def posterior(self, pictures: Array, letters: str = "") -> tuple[Array, Array]:
        """The same with the logarithms of their variances, (N, D) each."""
        batch = self._tensor(pictures)
        if self.is_coloured:
            batch = batch.movedim(3, 1)  # (N, 3, H, W)
        with limited_threads(self.device.n_threads):
            if isinstance(self.model, LetterformsVAE):
                found = self.model.encode(batch, self._indices(letters))
            else:
                found = self.model.encode(batch)
        mean, log_variance = (np.ascontiguousarray(one.float().cpu().numpy()) for one in found)
        return mean, log_variance

    def slope(self, places: Array, known: Array, weights: Array, deviation: float) -> Array:
        """The gradient (N, D) of -log p(z) - log p(known | z) at places (N, D).

        What is known, (H, W) or (H, W, 3), lies around what is drawn with a standard deviation; `weights` are 0..1.
        """
        assert not isinstance(self.model, LetterformsVAE), "letters are drawn by other means"
        z = self._tensor(places).requires_grad_(True)
        with limited_threads(self.device.n_threads):
            drawn = _colours_last(self.model.decode(z))  # (N, H, W) or (N, H, W, 3)
            wrong = (drawn - self._tensor(known)).square() * self._tensor(weights)
            loss = wrong.sum() / (2 * deviation**2) + z.square().sum() / 2
            (slope,) = torch.autograd.grad(loss, z)
        return np.ascontiguousarray(slope.float().cpu().numpy())

    def _indices(self, letters: str) -> torch.Tensor:
        return torch.tensor([CHARACTERS.index(letter) for letter in letters], device=self.device.torch_device)  # (N,)

    def soft_ink(self, z: torch.Tensor, letter: str) -> torch.Tensor:
        """Decode (1, D) with a gradient: the ink of each pixel (H, W), edges 2 px wide, or its colour (H, W, 3)."""
        if isinstance(self.model, LetterformsVAE):
            return torch.sigmoid(2 * self.model.decode(z, self._indices(letter))[0])
        return _colours_last(self.model.decode(z))[0]

    def ink(self, pictures: Array) -> Array:
        """Return how much ink lies on each pixel, 0..1, for fields (..., H, W); pictures stay as they are."""
        return np.clip(pictures + np.float32(0.5), 0, 1) if self.has_letters else pictures

    def _tensor(self, array: Array) -> torch.Tensor:
        return torch.tensor(np.asarray(array, np.float32), device=self.device.torch_device)

    def fit(self, rgb: npt.NDArray[np.uint8]) -> Array:
        """Return a picture (H, W, 3) as `encode` takes it, of models without letters."""
        return fit_picture(rgb, self.size_px) if self.is_coloured else fit_digit(read_ink(rgb))

    def fitted(self, rgb: npt.NDArray[np.uint8]) -> Generator[None, None, tuple[Array, str]]:
        """The same, and the letter that it draws, which is found out by trying all, "" for models without letters."""
        if not self.has_letters:
            return (yield from beside(partial(self.fit, rgb))), ""
        _, field, letter = yield from silently(_read_letter(self, read_ink(rgb)))
        return field, letter

    def read(self, rgb: npt.NDArray[np.uint8]) -> Generator[Frame | None, None, VaeReading]:
        """Read a person's picture (H, W, 3); yields the redrawing as it comes closer, returns a Reading."""
        return read_picture(self, rgb)

    def own_picture(self, source: Path | npt.NDArray[np.uint8]) -> StartPicture:
        """Return a person's picture, a file or pixels (H, W, 3), in the model's size, with what is missing of it."""
        hole = hole_in(source, self) if isinstance(source, Path) else None
        if hole is not None:
            return hole
        rgb = read_picture_file(source).rgb if isinstance(source, Path) else source
        pixels = self.pixels(self.fit(rgb))
        pixels = pixels if self.is_coloured else np.repeat(pixels[..., None], 3, axis=2)
        return StartPicture(pixels, np.zeros(pixels.shape[:2], np.uint8))

    def read_file(self, path: Path) -> Generator[Frame | None, None, VaeReading | StartPicture]:
        """Read the picture in a file like `read`; one with a hole is returned as it is, in the model's size."""
        hole = None if self.has_letters else hole_in(path, self)
        return hole if hole is not None else (yield from self.read(read_picture_file(path).rgb))

    def knows(self, picture: npt.NDArray[np.uint8], place: Array) -> bool:
        """Whether a picture (H, W, 3) in the model's size, whose place is (D,), is of the kind that the model draws.

        What it draws itself is, however grey.
        """
        known = known_of(picture, self.is_coloured)
        is_own = float(np.abs(self.decode(place[None])[0] - known).mean()) < ALMOST
        return is_own or is_known(self.source.card, misfit(self, place, known))

    def odd_ones(
        self, folder: Path | None, measure: str, seed: int, is_scratched: bool = False
    ) -> Iterator[Frame | None]:
        """Score the pictures of a folder, the oddest first; those of an example where there is none."""
        if folder is not None and self.has_letters:
            return odd_letters(self, folder, measure, seed)
        return odd_ones(self, folder, measure, seed, is_scratched)

    def on_one_thread(self) -> "VaeEngine":
        """The same network for a caller that has threads of its own."""
        return VaeEngine(self.source, replace(self.device, n_threads=1), self.model, self.atlas, self.balance)

    def side_effects(self, n_directions: int) -> Generator[Frame, None, SideEffects]:
        """Measure how much the first directions change of what a judge reads; raises UserError where none can."""
        from ..pictures.training.side_effects import measured_side_effects  # here, since it is rarely asked for

        return measured_side_effects(self, n_directions)

    def encoded(self, folder: Path | None) -> Generator[Progress | None, None, Encoded]:
        """Encode the pictures of a folder, or those of the model’s own data set where there is none, for a map."""
        return encoded(self, folder)

    def manifold(self, extent: float, n_tiles: int) -> Generator[Frame, None, npt.NDArray[np.uint8] | None]:
        """Decode the map as a mosaic of grey pictures: n_tiles² over [-extent, extent]² of its plane, top row first.

        Yields progress; returns uint8 (n_tiles * 28, n_tiles * 28), 255 where there is ink; None of other pictures.
        """
        if self.has_letters or self.is_coloured:
            return None
        at = (np.arange(n_tiles) + 0.5) / n_tiles * 2 * extent - extent
        rows = []
        for step, y in enumerate(at[::-1]):
            plane = np.stack([at, np.full(n_tiles, y)], axis=1)  # (n_tiles, 2)
            z = (self.atlas.map_mean + plane @ self.atlas.map_axes).astype(np.float32)  # (n_tiles, D)
            rows.append(np.concatenate(list(255 - paper(self.decode(z))), axis=1))
            yield Frame(step, n_tiles)
        return np.concatenate(rows, axis=0)


def _colours_last(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures (N, 3, H, W) as (N, H, W, 3); grey ones (N, H, W) stay."""
    return pictures.movedim(1, 3) if pictures.dim() == 4 else pictures
