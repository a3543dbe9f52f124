"""How numbers are written and read."""

import pytest

from studio.widgets.controls.value_range import ValueRange

LATENT = ValueRange(-3, 3, step=0.1, trained=(-2, 2))


@pytest.mark.parametrize(
    ("values", "value", "text"),
    [
        (LATENT, 1.3, "+1.3"),
        (LATENT, -0.44, "−0.4"),
        (LATENT, 0.0, "0.0"),
        (LATENT, -0.04, "0.0"),
        (ValueRange(0, 1, step=0.01), 0.5, "0.50"),
        (ValueRange(0, 10, step=0.25), 0.25, "0.2"),
        (ValueRange(1, 50000, step=1, is_whole=True, default=1), 12000, "12,000"),
        (ValueRange(0, 90, step=1, unit="°"), 45.0, "45°"),
    ],
)
def test_text(values: ValueRange, value: float, text: str) -> None:
    assert values.text(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        (" −2 ", -2),
        ("-1,5", -1.5),
        ("+0.3", 0.3),
        ("9", 3),
        ("", None),
        ("much", None),
        ("nan", None),
    ],
)
def test_parsed(text: str, value: float | None) -> None:
    assert LATENT.parsed(text) == value


def test_whole_numbers_and_units_are_read_back() -> None:
    values = ValueRange(0, 50000, step=1, is_whole=True, unit="steps")
    assert values.parsed(values.text(12345)) == 12345
    assert values.parsed("7.6") == 8


def test_share_and_trained_part() -> None:
    assert LATENT.share(0) == 0.5
    assert LATENT.share(99) == 1
    assert LATENT.is_trained(2)
    assert not LATENT.is_trained(-2.1)
    assert ValueRange(0, 1).is_trained(5)


def test_filled_part_begins_at_zero_or_at_the_low_end() -> None:
    assert LATENT.origin == 0
    assert ValueRange(2, 5).origin == 2


@pytest.mark.parametrize(("low", "high", "step"), [(1, 1, 1), (2, 1, 1), (0, float("inf"), 1), (0, 1, 0)])
def test_impossible_ranges_are_refused(low: float, high: float, step: float) -> None:
    with pytest.raises(ValueError, match="range"):
        ValueRange(low, high, step)
