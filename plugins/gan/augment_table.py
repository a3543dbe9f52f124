"""The table that is written beside exported samples: a line for each picture, in comma-separated values."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TABLE_NAME = "labels.csv"


@dataclass(frozen=True, eq=False)
class Sample:
    """A drawn face that passed.

    Attributes:
        seed: that it was made from.
        pixels: uint8 (64, 64, 3).
        classes: (K,) numbers of its kinds; kinds: their names by label, as the judge reads them.
        confidence: how sure the judge is of the label that it is least sure of, 0 to 1.
        share: of held-out real pictures that the detective scores lower, 0 to 1.
        distance: mean difference of a colour to the nearest shipped training picture, 0 to 1.
    """

    seed: int
    pixels: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.int64]
    kinds: Mapping[str, str]
    confidence: float
    share: float
    distance: float

    @property
    def file_name(self) -> str:
        """The name of its picture."""
        return f"face_{self.seed:010d}.png"


def table_text(samples: Iterable[Sample], labels: Sequence[str]) -> str:
    """The whole table, with a head; numbers with four decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "seed", *labels, "confidence", "real_share", "nearest_distance"])
    for one in samples:
        numbers = [f"{value:.4f}" for value in (one.confidence, one.share, one.distance)]
        writer.writerow([one.file_name, one.seed, *(one.kinds[label] for label in labels), *numbers])
    return text.getvalue()
