"""Pictures with odd ones among them, of what comes along: letters among digits, mixed, scratched and mirrored ones."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.training import Split, load_avatars, load_digits, load_glyphs
from studio.core.character import CHARACTERS
from studio.core.seed import generator
from studio.core.view import ByteArray

from .ink import Array, fit_digit, paper

N_USUAL, N_ODD = 240, 40
LOOK_ALIKES: Final = "OoIlSZBzsDqgib"
FIELD_SCALE: Final = 127 / 8
SLANT, TURN = 0.15, 0.08  # standard deviations of handwriting's own
N_HALVINGS: Final = 12
EDGE_PX: Final = 0.5  # of a glyph’s 64; what laying it out softens is as soft as a digit’s then
SCRATCH_WIDTH: Final = 1 / 32  # of a picture’s side
SCRATCH_SHARE: Final = (0.15, 0.4)  # how far it goes both ways
CUT_PX: Final = (30, 44)  # a face's lower part begins there
ONE_WAY: Final = "CDEFGJKLNPQRSacefghjkrstyz234579"  # mirrored, they are neither themselves nor another sign


@dataclass(frozen=True, eq=False)
class OddExample:
    """Pictures (N, H, W, 3) uint8 with a name each.

    Attributes:
        is_odd: (N,) which do not belong to the others, if known.
        left_out: files that are no pictures that can be read; `why` names some of them with their reasons.
        n_enlarged: how many were so small that they had to be enlarged.
        fields: what letters are to a model, signed distances (N, 64, 64); `letters` says which each draws.
    """

    pictures: ByteArray
    names: tuple[str, ...]
    is_odd: npt.NDArray[np.bool_] | None = None
    left_out: tuple[str, ...] = ()
    why: str = ""
    n_enlarged: int = 0
    fields: Array | None = None
    letters: str = ""


def letters_among_digits(seed: int, n_usual: int = N_USUAL, n_odd: int = N_ODD) -> Generator[None, None, OddExample]:
    """Held-out digits that are not on the map, and letters drawn as MNIST draws digits, with as much ink.

    Letters that look like digits are left out. Yields after each letter, since they take a while.
    """
    random, digits = generator(seed, "letters"), load_digits(Split.VALIDATION)
    chosen = random.permutation(len(digits.labels))[:n_usual]
    fields = load_glyphs(Split.TEST).fields  # (F, 62, 64, 64)
    letters = [sign for sign in CHARACTERS if sign.isalpha() and sign not in LOOK_ALIKES]
    drawn, names = [], [f"digit {digits.labels[index]}, {index}" for index in chosen]
    for number in range(n_odd):
        face, letter = random.integers(len(fields)), letters[random.integers(len(letters))]
        like = digits.pictures[random.integers(len(digits.pictures))].astype(np.float32) / 255
        field = fields[face, CHARACTERS.index(letter)].astype(np.float32) / np.float32(FIELD_SCALE)
        drawn.append(drawn_like(_by_hand(field, random), float(like.sum())))
        names.append(f"letter {letter}, {number}")
        yield
    ink = np.concatenate([digits.pictures[chosen].astype(np.float32) / 255, np.stack(drawn)])
    return _mixed(np.repeat(paper(ink)[..., None], 3, axis=3), names, n_odd, random)


def drawn_like(field: Array, ink: float) -> Array:
    """A glyph, signed distances (64, 64), as MNIST lays digits, with strokes that give so much ink: (28, 28)."""
    low, high = -3.0, 6.0  # how far the outline is moved
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _laid(field, middle).sum() < ink else (low, middle)
    return _laid(field, high)  # which has ink, as the thinner one might not


def _laid(field: Array, weight_px: float) -> Array:
    ink = np.clip((field + np.float32(weight_px)) / np.float32(EDGE_PX) + 0.5, 0, 1).astype(np.float32)
    return fit_digit(ink) if ink.max() > 0.9 else np.zeros((28, 28), np.float32)


def _by_hand(field: Array, random: np.random.Generator) -> Array:
    """A field slanted and turned a little."""
    from PIL import Image

    slant, turn = random.normal(0, SLANT), random.normal(0, TURN)
    across, down = (np.cos(turn), np.sin(turn) + slant), (-np.sin(turn), np.cos(turn))
    back = (*across, 32 - 32 * sum(across), *down, 32 - 32 * sum(down))
    picture = Image.fromarray(field).transform(
        (64, 64), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR, fillcolor=-8.0
    )
    return np.asarray(picture, np.float32)


def contradicting_faces(seed: int, n_usual: int = N_USUAL, n_odd: int = N_ODD) -> OddExample:
    """Held-out faces, and some whose lower part is another one's."""
    random, faces = generator(seed, "faces"), load_avatars(Split.TEST).pictures
    chosen = random.permutation(len(faces))[: n_usual + 2 * n_odd]
    usual, tops, bottoms = np.split(faces[chosen], [n_usual, n_usual + n_odd])
    odd = tops.copy()
    for one, other in zip(odd, bottoms, strict=True):
        cut = random.integers(*CUT_PX)
        one[cut:] = other[cut:]
    names = [f"face {index}" for index in chosen[:n_usual]] + [f"mixed face {number}" for number in range(n_odd)]
    return _mixed(np.concatenate([usual, odd]), names, n_odd, random)


def mirrored_letters(seed: int, n_usual: int = N_USUAL, n_odd: int = N_ODD) -> OddExample:
    """Letters of typefaces that are not on the map, and some that are mirrored; each is known to be that letter."""
    random, found = generator(seed, "mirrored letters"), load_glyphs(Split.TEST).fields  # (F, 62, 64, 64)
    chosen = random.permutation(len(found) * len(ONE_WAY))[: n_usual + n_odd]
    letters = [ONE_WAY[at % len(ONE_WAY)] for at in chosen]
    signs = [CHARACTERS.index(letter) for letter in letters]
    fields = found[chosen // len(ONE_WAY), signs].astype(np.float32) / np.float32(FIELD_SCALE)
    fields[n_usual:] = fields[n_usual:, :, ::-1]
    names = [f"{'letter' if at < n_usual else 'mirrored'} {letter}, {at}" for at, letter in enumerate(letters)]
    shown = np.repeat(paper(np.clip(fields + np.float32(0.5), 0, 1))[..., None], 3, axis=3)
    order = random.permutation(len(names))
    is_odd, names = order >= n_usual, [names[at] for at in order]
    return OddExample(
        shown[order], tuple(names), is_odd, fields=fields[order], letters="".join(letters[at] for at in order)
    )


def scratched_faces(seed: int, n_usual: int = N_USUAL, n_odd: int = N_ODD) -> OddExample:
    """Held-out faces, and some with a scratch, down to the paper."""
    random, faces = generator(seed, "scratched faces"), load_avatars(Split.TEST).pictures
    chosen = random.permutation(len(faces))[: n_usual + n_odd]
    pictures = faces[chosen]
    for one in pictures[n_usual:]:
        beside = scratch(1 - one.mean(2, dtype=np.float32) / np.float32(255), random)[..., None]
        one[:] = np.rint(255 - np.clip(beside + 0.5, 0, 1) * (255 - one.astype(np.float32)))
    names = [f"{'face' if at < n_usual else 'scratched face'} {index}" for at, index in enumerate(chosen)]
    return _mixed(pictures, names, n_odd, random)


def scratch(ink: Array, random: np.random.Generator) -> Array:
    """How far each pixel lies beside a scratch through the ink of a picture (S, S), in pixels, negative in it."""
    side = len(ink)
    y, x = np.divmod(random.choice(ink.size, p=ink.ravel().astype(np.float64) / ink.sum(dtype=np.float64)), side)
    angle, half = random.uniform(0, np.pi), random.uniform(*SCRATCH_SHARE) * side
    across, down = np.indices((side, side))[::-1] - np.array([x, y])[:, None, None]
    along = np.clip(across * np.cos(angle) + down * np.sin(angle), -half, half)
    away = np.hypot(across - along * np.cos(angle), down - along * np.sin(angle))
    return np.asarray(away - SCRATCH_WIDTH * side / 2, np.float32)


def _mixed(pictures: ByteArray, names: list[str], n_odd: int, random: np.random.Generator) -> OddExample:
    order, is_odd = random.permutation(len(names)), np.arange(len(names)) >= len(names) - n_odd
    return OddExample(pictures[order], tuple(names[index] for index in order), is_odd[order])
