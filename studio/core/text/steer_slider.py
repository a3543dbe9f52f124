"""Sliders that steer a model from one text to another, and the line of text that asks for each."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.translation import N_

LIMIT: Final = 100.0
"""Of a strength, in per cent of the stream's usual length."""
MAX_CHARS: Final = 5000
MAX_SLIDERS: Final = 12
_STRING: Final = r'"(?:[^"\\]|\\.)*"'
_LINE: Final = re.compile(
    rf"(?P<strength>[-+]?\d{{1,4}}(?:\.\d{{1,6}})?)\s*%?\s+"
    rf"(?:feature\s+(?P<feature>\d{{1,6}})|(?P<toward>{_STRING})\s+-\s+(?P<away>{_STRING})(?:\s+layer\s+(?P<layer>\d{{1,4}}))?)"
)


@dataclass(frozen=True)
class SteerSlider:
    """One direction and how far the stream is pushed along it.

    Attributes:
        strength: -100 to 100, in per cent of the stream's usual length at the layer; 0 changes nothing.
        toward, away: what the two ends are called after, texts of one example a line; empty for a feature.
        layer: after which it is added, counted from 0; None for the one where it does most.
        feature: the number of a sparse feature, None for a pair of texts.
    """

    strength: float
    toward: str = ""
    away: str = ""
    layer: int | None = None
    feature: int | None = None

    @property
    def line(self) -> str:
        """As a line of the parameter; layers and features are counted from 1 there."""
        strength = f"{self.strength:+.2f}".rstrip("0").rstrip(".")
        if self.feature is not None:
            return f"{strength} feature {self.feature + 1}"
        where = "" if self.layer is None else f" layer {self.layer + 1}"
        return f"{strength} {_quoted(self.toward)} - {_quoted(self.away)}{where}"

    @property
    def what(self) -> tuple[Any, ...]:
        """All but its strength."""
        return self.toward, self.away, self.layer, self.feature


def sliders_text(sliders: Iterable[SteerSlider]) -> str:
    """As a parameter, which `sliders_of` reads."""
    return "\n".join(slider.line for slider in sliders)


def sliders_of(text: str) -> tuple[SteerSlider, ...]:
    """Read lines like `+30 "cheerful" - "sad" layer 4` or `+30 feature 12`; raises UserError at anything else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_SLIDERS:
        raise UserError(N_("At most {n} steering sliders work at once.").format(n=MAX_SLIDERS))
    return tuple(_slider(line) for line in lines)


def with_slider(text: str, slider: SteerSlider) -> str:
    """The parameter with one more slider, in place of one that leads the same way; raises UserError for too many."""
    made = sliders_text([*(one for one in sliders_of(text) if one.what != slider.what), slider])
    sliders_of(made)
    return made


def with_strength(text: str, number: int, strength: float) -> str:
    """The parameter with another strength of its slider of that number, counted from 0."""
    sliders = list(sliders_of(text))
    sliders[number] = replace(sliders[number], strength=strength)
    return sliders_text(sliders)


def step_of(text: str) -> str:
    """Which changes of the parameter are one step of undo: those of the same sliders' strengths."""
    return f"steer {[slider.what for slider in sliders_of(text)]}"


def checked_pair(toward: str, away: str) -> tuple[str, str]:
    """Both texts without space around them; raises UserError where they make no direction."""
    toward, away = toward.strip(), away.strip()
    if not toward or not away:
        raise UserError(N_("A direction needs a text for each end."), N_("Write one in both fields."))
    if toward == away:
        raise UserError(N_("Both texts are the same, so no direction leads from one to the other."))
    if max(len(toward), len(away)) > MAX_CHARS:
        raise UserError(
            N_("A text for steering can have at most {n:,} characters.").format(n=MAX_CHARS),
            N_("A few words or lines are enough."),
        )
    return toward, away


def _slider(line: str) -> SteerSlider:
    found = _LINE.fullmatch(line)
    problem = UserError(
        N_("“{text}” does not say how to steer.").format(text=line[:60]),
        N_("Write how far, from −100 to 100, and two texts or a feature: {texts}, or {feature}.").format(
            texts='+30 "cheerful" - "sad"', feature="+30 feature 12"
        ),
    )
    if found is None:
        raise problem
    strength = float(found["strength"])
    layer, feature = (None if found[name] is None else int(found[name]) - 1 for name in ("layer", "feature"))
    if not math.isfinite(strength) or abs(strength) > LIMIT or min(layer or 0, feature or 0) < 0:
        raise problem
    if feature is not None:
        return SteerSlider(strength, feature=feature)
    try:
        toward, away = (json.loads(found[name]) for name in ("toward", "away"))
    except ValueError as error:
        raise problem from error
    return SteerSlider(strength, *checked_pair(toward, away), layer)


def _quoted(text: str) -> str:
    return (
        json.dumps(text, ensure_ascii=False)
        .replace("\x85", "\\u0085")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
