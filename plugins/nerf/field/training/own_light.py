"""How near a field in different lights comes to photos in lights of their own, that were not learnt from.

As in the paper (Martin-Brualla et al. 2021): the code of such a photo is found from its left half, and how near the
drawn picture comes is measured on its right half.
"""

from collections.abc import Generator
from typing import Any, Final

import numpy as np

from ..model.field import FloatArray
from ..model.weights import FieldParts
from ..photos.photos import Photos
from .evaluation import PhotoLikeness, as_part, drawn_exactly, field_of, likeness
from .learner import FieldLearner, LearnSettings

N_FITS: Final = 200
FITTING: Final = LearnSettings(n_samples=12_288, network_rate=0.05, n_warm_steps=1, n_half_steps=50)
FITTING_SHARE: Final = 0.3
"""How much of the measuring is done when the lights are found."""


def fitted_codes(parts: FieldParts, photos: Photos, n_steps: int) -> Generator[float, None, FloatArray]:
    """The codes (P, n_code) in which a field looks most like photos; yields how much is done."""
    learner = FieldLearner(parts.config, photos, FITTING, seed=0)
    learner.take(parts)
    for step in range(n_steps):
        yield step / n_steps
        learner.fit_codes()
    return learner.codes()


def likeness_in_own_light(
    parts: FieldParts, photos: Photos, n_steps: int, with_ssim: bool
) -> Generator[float, None, PhotoLikeness]:
    """How like the right halves of photos are, in the light found from their left halves; yields how much is done."""
    middle = photos.width // 2
    fitting: Any = fitted_codes(parts, photos.columns(0, middle), n_steps)
    codes = yield from as_part(fitting, 0.0, FITTING_SHARE)
    right, found = photos.columns(middle, photos.width), list[PhotoLikeness]()
    for number, code in enumerate(codes):
        ends = FITTING_SHARE + (1 - FITTING_SHARE) * np.array([number, number + 1]) / len(codes)
        drawing = likeness(drawn_exactly(field_of(parts.in_light(code))), right, [number], with_ssim)
        found.append((yield from as_part(drawing, *ends.tolist())))
    return PhotoLikeness(sum((one.psnr_db for one in found), ()), sum((one.ssim for one in found), ()))
