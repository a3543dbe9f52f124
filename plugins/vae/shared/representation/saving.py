"""Writes a map as a table."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_file
from studio.core.text.csv_text import csv_text

from .encoded import Encoded
from .layout import Layout

N_AT_ONCE = 200


def save_table(path: Path, encoded: Encoded, layout: Layout, chosen: npt.NDArray[np.int64]) -> Iterator[None]:
    """Write the chosen pictures as CSV: name, place on the map, kinds, error, latent numbers; yields between rows.

    Raises UserError where that is not possible.
    """
    titles, labels = list(encoded.labels), list(encoded.labels.values())
    latent = [f"z{number}" for number in range(1, encoded.z.shape[1] + 1)]
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_text([["name", "x", "y", *titles, "error", "held_out", *latent]]))
        for first in range(0, len(chosen), N_AT_ONCE):
            rows = []
            for index in chosen[first : first + N_AT_ONCE]:
                x, y = layout.positions[index]
                kinds = [label.kinds[label.of[index]] for label in labels]
                numbers = [f"{value:.5g}" for value in encoded.z[index]]
                known = int(encoded.is_held_out[index])
                row = [f"{x:.5f}", f"{y:.5f}", *kinds, f"{encoded.errors[index]:.5g}", known]
                rows.append([encoded.names[index], *row, *numbers])
            file.write(csv_text(rows))
            yield
