"""Volume rendering (Max 1995; Mildenhall et al. 2020): what weight each sample along a ray has in its pixel."""

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

FloatArray = npt.NDArray[np.float32]


def weights_along(density: FloatArray, length: FloatArray) -> FloatArray:
    """w_i = T_i (1 - exp(-σ_i δ_i)) with T_i = exp(-Σ_{j<i} σ_j δ_j), along the last axis; Σ w = 1 - T at the end."""
    optical = density.astype(np.float64) * length
    before = np.cumsum(optical, axis=-1) - optical
    return np.asarray(np.exp(-before) * -np.expm1(-optical), np.float32)


@kernel(fast_math=True)
def composite(
    density: FloatArray,
    colour: FloatArray,
    t: FloatArray,
    length: FloatArray,
    ends: npt.NDArray[np.int64],
    out_colour: FloatArray,
    out_opacity: FloatArray,
    out_depth: FloatArray,
) -> None:
    """Sum up packed samples, ray after ray.

    Args:
        density, t, length: (N,). colour: (N, 3).
        ends: (R,), where the samples of each ray end in these.
        out_colour: (R, 3), Σ w c. out_opacity: (R,), Σ w. out_depth: (R,), Σ w t / Σ w, 0 where nothing is.
    """
    first = 0
    for ray in range(len(ends)):
        left = np.float32(1)
        depth = red = green = blue = np.float32(0)
        for sample in range(first, ends[ray]):
            passed = np.exp(-density[sample] * length[sample])
            weight = left * (np.float32(1) - passed)
            left *= passed
            depth += weight * t[sample]
            red += weight * colour[sample, 0]
            green += weight * colour[sample, 1]
            blue += weight * colour[sample, 2]
        first = ends[ray]
        opacity = np.float32(1) - left
        out_colour[ray, 0], out_colour[ray, 1], out_colour[ray, 2] = red, green, blue
        out_opacity[ray] = opacity
        out_depth[ray] = depth / opacity if opacity > 0 else np.float32(0)
