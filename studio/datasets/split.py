"""Which part of a data set an item belongs to, decided once by a stable hash."""

import hashlib
from enum import StrEnum


class Split(StrEnum):
    """Train is learnt from, validation chooses, test is read once for the card."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def stable_fraction(key: str) -> float:
    """A number in [0, 1) that depends on `key` alone: on any machine, Python version and order of items."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split_by_share(key: str, validation: float, test: float) -> Split:
    """The part of the item called `key`, where the two shares are of 1."""
    place = stable_fraction(key)
    if place < test:
        return Split.TEST
    return Split.VALIDATION if place < test + validation else Split.TRAIN


def split_by_count(keys: list[str], n_validation: int, n_test: int) -> list[Split]:
    """The parts of a fixed list of items with exact counts: the smallest hashes are test, the next validation."""
    order = sorted(range(len(keys)), key=lambda index: stable_fraction(keys[index]))
    parts = [Split.TRAIN] * len(keys)
    for rank, index in enumerate(order[: n_test + n_validation]):
        parts[index] = Split.TEST if rank < n_test else Split.VALIDATION
    return parts
