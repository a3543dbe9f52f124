"""What the panel of series says in words, made from what is on screen; no Qt."""

from typing import Final

import numpy as np

from studio.api.table import SeriesLine
from studio.core.translation import N_, _, grouped, translate

from .quantile_fan import Fan
from .view_model import SeriesView

TERM: Final = N_(
    "Probabilistic forecast by an autoregressive network (DeepAR): sample paths, each value drawn given all "
    "those before it"
)

QUANTILE_TERM: Final = N_(
    "Probabilistic forecast by quantiles (Chronos-Bolt): paths with that spread at every step, and neighbours as "
    "close to each other as in the past (Gaussian copula)"
)


def term(kind: str) -> str:
    """What the field calls a forecast by a model of a kind."""
    return QUANTILE_TERM if kind == "quantiles" else TERM


def lead(view: SeriesView) -> str:
    """How far it has grown."""
    fan = view.fan
    if fan is None or fan.n_steps == 0:
        return _("What comes next?")
    if fan.n_steps < view.horizon:
        return _("Step {step} of {n}.").format(step=fan.n_steps, n=view.horizon)
    return _("{steps} ahead.").format(steps=view.clock.words(view.horizon))


def describe(view: SeriesView) -> str:
    """One or two sentences on the fan."""
    fan = view.fan
    if fan is None or not fan.n_steps:
        known = _("The model has read the values up to {when} and nothing after that.")
        return known.format(when=view.clock.text(view.n_known - 1))
    when = view.clock.text(view.n_known + fan.n_steps - 1)
    text = _("On {when}, half of the paths are above {middle}, and nine in ten are between {low} and {high}.")
    if view.clock.unit in ("month", "year"):
        text = _("In {when}, half of the paths are above {middle}, and nine in ten are between {low} and {high}.")
    elif view.clock.at(0) is None:
        text = _("At {when}, half of the paths are above {middle}, and nine in ten are between {low} and {high}.")
    low, middle, high = (number(float(fan.quantiles[row, -1])) for row in (0, 2, 4))
    said = text.format(when=when, middle=middle, low=low, high=high)
    more = truth_words(view, fan) or changes_words(view)
    return f"{said} {more}".strip()


def value_words(view: SeriesView, place: int) -> str:
    """What is known and said of the value of a place."""
    words, step = [view.clock.text(place)], place - view.n_known
    if step < 0:
        words.append(number(float(view.line.values[place]), 5))
    elif view.fan is not None and step < view.fan.n_steps:
        low, middle, high = (number(float(view.fan.quantiles[row, step]), 5) for row in (0, 2, 4))
        text = _("{middle}, nine in ten paths between {low} and {high}")
        words.append(text.format(low=low, middle=middle, high=high))
    if 0 <= step < len(view.truth):
        words.append(_("actual: {value}").format(value=number(float(view.truth[step]), 5)))
    return " · ".join(words)


def truth_words(view: SeriesView, fan: Fan) -> str:
    """How much of what came lies within the fan; empty where it is not known."""
    n = min(len(view.truth), fan.n_steps)
    if not n:
        return ""
    truth, low, high = view.truth[:n], fan.quantiles[0, :n], fan.quantiles[4, :n]
    inside = int(((truth >= low) & (truth <= high)).sum())
    return _("Of the {n} values that actually came (dotted line), {inside} are within that range.").format(
        inside=inside, n=n
    )


def changes_words(view: SeriesView) -> str:
    """What a hand has set; an invitation where it has not."""
    n_pins = sum(view.n_known <= place <= view.last for place in view.pins)
    n_edits = sum(place < view.n_known for place in view.edits)
    if not n_pins and not n_edits:
        return _("Drag a past point to move it, or click ahead to pin one.")
    parts = []
    if n_edits:
        moved = N_("one past value has been moved") if n_edits == 1 else N_("{n} past values have been moved")
        parts.append(translate(moved).format(n=n_edits))
    if n_pins:
        pinned = N_("the pinned value") if n_pins == 1 else N_("the {n} pinned values")
        parts.append(_("all paths go through {pinned}").format(pinned=translate(pinned).format(n=n_pins)))
    text = _(" and ").join(parts)
    return f"{text[0].upper()}{text[1:]}."


def series_words(line: SeriesLine) -> str:
    """What a series is: how many values, how they are apart, what comes round, where it is from."""
    about = line.about
    words = [about.clock.words(len(line.values))]
    if about.period > 1:
        words.append(_("repeats after {n}").format(n=about.period))
        if about.long_period:
            words[-1] += " " + _("and {n}").format(n=about.long_period)
    else:
        words.append(_("no season found"))
    return f"{', '.join(words)}. {translate(about.note)}".strip()


def figure_rows(view: SeriesView) -> list[tuple[str, str]]:
    """What the fan says at its end, as (name, text)."""
    fan = view.fan
    if fan is None or not fan.n_steps:
        return []
    low, near_low, middle, near_high, high = (number(float(value)) for value in fan.quantiles[:, -1])
    unit = translate(view.line.about.unit)
    rows = [
        (_("Middle"), f"{middle} {unit}".strip()),
        (_("Half of all paths"), f"{near_low} – {near_high}"),
        (_("Nine in ten"), f"{low} – {high}"),
    ]
    n = min(len(view.truth), fan.n_steps)
    if n:
        off = float(np.abs(fan.median[:n] - view.truth[:n]).mean())
        rows.append((_("Average error"), f"{number(off)} {unit}".strip()))
    return rows


def number(value: float, n_digits: int = 4) -> str:
    """A value in so many digits."""
    value = float(f"{value:.{n_digits}g}")
    return grouped(value, ",.0f") if abs(value) >= 1000 else f"{value:.{n_digits}g}"
