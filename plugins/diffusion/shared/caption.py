"""Turns what was measured of a moment into one to three sentences for people who do not program."""

from dataclasses import dataclass
from typing import Final

from studio.core.frame import Frame
from studio.core.translation import N_, _, plural, translate

from .measurements import FrameMeasurements, FrameMotion
from .params import SAMPLER_TEXTS

SETTLED: Final = FrameMotion(6.0, 10.0, 4.0)
"""A belief that is nearer than this to the finished picture is settled: the eye hardly sees the difference."""
STILL: Final = FrameMotion(2.0, 2.5, 0.8)
"""What moves by less than this in a step stands still."""
STILL_SOUND: Final = 0.02
BRANCH: Final = N_("Branch from here")
MINUS: Final = "\N{MINUS SIGN}"
_PURE: Final = 0.995


@dataclass(frozen=True)
class RunFacts:
    """What else is known of a run, beside what its frames measure.

    Attributes:
        sampler: one of SAMPLERS; empty where none has a part in it.
        is_sound: whether it is heard.
        n_items: how many are made at once.
        masked_share: how much of the picture is made anew, 0..1; None without a mask.
        can_branch: whether the run can go on differently from here.
        is_from_picture: whether it began with a person's picture.
        is_few: whether a network that jumps draws it.
    """

    sampler: str = ""
    is_sound: bool = False
    n_items: int = 1
    masked_share: float | None = None
    can_branch: bool = False
    is_from_picture: bool = False
    is_few: bool = False


@dataclass(frozen=True)
class DiffusionCaption:
    """A caption: what stands in bold, finished sentences, the words of the field, and a part of the text to click."""

    lead: str
    text: str
    term: str = ""
    link: str = ""


def describe(moment: FrameMeasurements, scenery: RunFacts) -> DiffusionCaption:
    """What is on screen."""
    if moment.kind == "forward":
        return _forward(moment)
    if moment.is_finished:
        return _finished(moment, scenery)
    noise = _pure_text(scenery) if moment.noise_left >= _PURE else _noise_text(moment, scenery)
    sentences = [noise, _x0_text(moment, scenery), _mask_text(scenery), _batch_text(scenery)]
    lead = N_("Pure noise.") if moment.noise_left >= _PURE else N_("Step {k} of {n}.")
    link = ""
    if scenery.can_branch and scenery.n_items == 1 and moment.step > 0:
        link = translate(BRANCH)
        sentences.append(_("{branch} to try another ending.").format(branch=link))
    return DiffusionCaption(_with_step(lead, moment), _joined(sentences), _term(moment, scenery), link)


def learning_words(frame: Frame) -> DiffusionCaption:
    """What a model that is being trained draws, always from the same noise."""
    text = _("What the model makes after {n:,} of {total:,} training steps, always from the same noise.")
    return DiffusionCaption(
        _("Training."),
        text.format(n=frame.step + 1, total=frame.n_steps),
        _("Samples of fixed seeds with the averaged weights (EMA)"),
    )


def path_words(number: int, n_pictures: int) -> DiffusionCaption:
    """A picture of a path, the first one has number 1."""
    text = _("Picture {i:,} of {n:,} on the path. Words and noise change gradually from one keyframe to the next.")
    return DiffusionCaption(
        _("On the way."),
        text.format(i=number, n=n_pictures),
        _("The prompts’ embeddings are blended, and the noise is turned along an arc (slerp)"),
    )


# Pieces


def _pure_text(scenery: RunFacts) -> str:
    if scenery.is_sound:
        return _("Only noise so far. Next to it is the model’s first guess, with everything still mixed together.")
    return _("Nothing to see in it yet. Next to it is the model’s first guess, a blend of everything that would fit.")


def _noise_text(moment: FrameMeasurements, scenery: RunFacts) -> str:
    if scenery.is_from_picture and moment.is_first:
        text = N_("This is the start: {share} % is noise, and the rest is your picture.")
        return translate(text).format(share=whole_percents(moment.noise_left))
    gone = moment.share_gone if scenery.is_from_picture else 1.0 - moment.noise_left
    return _("{share} % of the noise is gone.").format(share=whole_percents(gone))


def _x0_text(moment: FrameMeasurements, scenery: RunFacts) -> str:
    """What is settled: measured against the finished one where there is one, else against the step before."""
    if moment.noise_left >= _PURE:
        return ""
    if scenery.is_sound:
        return _sound_text(moment.belief_change)
    if moment.to_end is not None:
        return translate(_settled_text(moment.to_end, moment.is_grey))
    moved = moment.since_before
    return "" if moved is None else translate(_moving_text(moved, moment.is_grey))


def _settled_text(left: FrameMotion, is_grey: bool) -> str:
    if left.colour > SETTLED.colour:
        return N_("Even the rough shape will still change.") if is_grey else N_("Even the colours will still change.")
    if left.shape > SETTLED.shape:
        grey = N_("The rough shape is settled; the outline can still change.")
        return grey if is_grey else N_("The colours are settled; the outline can still change.")
    if left.detail > SETTLED.detail:
        grey = N_("The outline is settled; from here on the model only adds detail.")
        return grey if is_grey else N_("Colours and outline are settled; from here on the model only adds detail.")
    return N_("The picture is settled: what the model expects hardly changes any more.")


def _moving_text(moved: FrameMotion, is_grey: bool) -> str:
    if moved.colour > STILL.colour:
        grey = N_("The model is still changing its mind about the rough shape.")
        return grey if is_grey else N_("The model is still changing its mind about the colours.")
    if moved.shape > STILL.shape:
        grey = N_("The rough shape has stopped changing; the outline is still forming.")
        return grey if is_grey else N_("The colours have stopped changing; the outline is still forming.")
    if moved.detail > STILL.detail:
        return N_("The outline has stopped changing; only details change from step to step.")
    return N_("Hardly anything changes from step to step.")


def _sound_text(change: float | None) -> str:
    if change is None:
        return ""
    if change > STILL_SOUND:
        return _("What the model expects to hear still changes with every step.")
    return _("What the model expects to hear is settled; the last of the noise is being removed.")


def _mask_text(scenery: RunFacts) -> str:
    if scenery.masked_share is None:
        return ""
    text = N_("{share} % of the picture is redrawn; the rest stays as it was.")
    return translate(text).format(share=whole_percents(scenery.masked_share))


def _batch_text(scenery: RunFacts) -> str:
    if scenery.n_items == 1:
        return ""
    text = N_("{n} are made side by side, each from its own seed. Click one to continue with it.")
    return translate(text).format(n=scenery.n_items)


def _finished(moment: FrameMeasurements, scenery: RunFacts) -> DiffusionCaption:
    if scenery.n_items > 1:
        text = _("{n} results for one prompt, each from its own seed. Click one to continue with it.")
        return DiffusionCaption(_("Finished."), text.format(n=scenery.n_items), _term(moment, scenery))
    if scenery.masked_share is not None:
        sentences = [_mask_text(scenery), _("Paint somewhere else, or change the words, and make it again.")]
        return DiffusionCaption(_("Finished."), _joined(sentences), _term(moment, scenery))
    if scenery.is_few:
        text = plural(
            "Drawn from noise in one step. Refine draws it in many, from the same noise.",
            "Drawn from noise in {n} steps. Refine draws it in many, from the same noise.",
            moment.n_steps,
        )
        return DiffusionCaption(_("Finished."), text, _term(moment, scenery))
    text = N_("Made from noise in {n} steps. Scrub back to see how, and branch off anywhere.")
    if scenery.is_from_picture:
        text = N_("Your picture, dissolved and redrawn in {n} steps. Scrub back to see how.")
    elif scenery.is_sound:
        text = N_("Made from noise in {n} steps. Scrub back to hear how.")
    return DiffusionCaption(_("Finished."), translate(text).format(n=moment.n_steps), _term(moment, scenery))


def _forward(moment: FrameMeasurements) -> DiffusionCaption:
    if moment.step == 0:
        text = _("Your picture, as the model sees it. Step forward to dissolve it into noise.")
        return DiffusionCaption(_("No noise yet."), text, _forward_term(moment))
    share = _("{share} % of what you see is noise.").format(share=whole_percents(moment.noise_left))
    link = translate(BRANCH)
    back = _("{branch} and it comes back different.").format(branch=link)
    text = _joined([share, _likeness_text(moment.likeness), back])
    return DiffusionCaption(_with_step(N_("Step {k} of {n}."), moment), text, _forward_term(moment), link)


def _likeness_text(likeness: float | None) -> str:
    if likeness is None:
        return ""
    if likeness > 0.9:
        return _("The shapes are still recognisable.")
    if likeness > 0.5:
        return _("Only large shapes are still recognisable.")
    if likeness > 0.2:
        return _("Only a trace of it can be seen.")
    return _("Nothing of it can be seen any more.")


def _term(moment: FrameMeasurements, scenery: RunFacts) -> str:
    parts = [_("Signal to noise {db} dB").format(db=_decibels(moment.snr_db))] if moment.noise_left > 0 else []
    parts.append(_("what the model expects is the predicted x0"))
    if scenery.is_few:
        parts.append(_("a network distilled from runs of many steps"))
    elif scenery.sampler:
        parts.append(_("sampler {name}").format(name=translate(SAMPLER_TEXTS[scenery.sampler])))
    if scenery.masked_share is not None:
        parts.append(_("inpainting"))
    elif scenery.is_from_picture:
        parts.append(_("image to image"))
    return " · ".join(parts)


def _forward_term(moment: FrameMeasurements) -> str:
    if moment.noise_left <= 0:
        return _("Forward process, x0")
    text = _("Forward process: x = α x0 + σ ε · signal to noise {db} dB")
    return text.format(db=_decibels(moment.snr_db))


def _with_step(lead: str, moment: FrameMeasurements) -> str:
    return translate(lead).format(k=moment.step, n=moment.n_steps)


def whole_percents(share: float) -> int:
    """Whole percents; neither 0 nor 100 where something is left or done."""
    return round(100 * share) if share in (0.0, 1.0) else min(max(round(100 * share), 1), 99)


def _decibels(db: float) -> str:
    return f"{db:+.1f}".replace("-", MINUS)


def _joined(sentences: list[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
