"""What the panel of the styles says in plain words."""

from collections.abc import Mapping
from typing import Final

from studio.core.frame import Frame
from studio.core.translation import N_, translate

from .scene import StylesScene

STYLE_NAMES: Final = {False: N_("Flat"), True: N_("Glossy")}
MAKERS: Final = {False: N_("flat, like Google’s Noto"), True: N_("glossy, like Microsoft’s Fluent")}
TERM: Final = N_("CycleGAN: two generators and two discriminators, trained without pairs")


def live_caption(scene: StylesScene, name: str, scalars: Mapping[str, float]) -> str:
    """What is on screen: which picture, which way, what the discriminator says, how well it comes back."""
    subject = N_("Your picture, redrawn {style}.") if scene.own is not None else N_("“{name}”, redrawn {style}.")
    verdict = N_(
        "The detective for that style finds it more genuine than {share:.0f} of 100 real emoji; the original, more "
        "than {share_original:.0f}."
    )
    returned = N_("Translated back, its colours are {percent:.1f} % off.")
    text = " ".join(translate(part) for part in (subject, verdict, returned))
    return text.format(
        name=name,
        style=translate(MAKERS[not scene.is_back]),
        share=100 * scalars["verdict"],
        share_original=100 * scalars["verdict_original"],
        percent=100 * scalars["returned"],
    )


def turns_caption(frame: Frame) -> str:
    """What a frame of the way back and forth shows."""
    text = N_(
        "After {n} translations in a row, every second one back. Its colours are {percent:.1f} % off the original: "
        "what one translation loses, the next cannot bring back."
    )
    return translate(text).format(n=frame.step, percent=100 * frame.scalars["changed"])


def learning_caption(frame: Frame) -> str:
    """What a picture of a training shows."""
    text = N_(
        "After {n:,} of {total:,} training steps: held-out flat emoji, and the same redrawn glossy; below, glossy "
        "ones redrawn flat."
    )
    return translate(text).format(n=frame.step + 1, total=frame.n_steps)
