"""What the caption of the people's panel says, made from what is on screen."""

from studio.core.frame import Frame
from studio.core.text import N_, translate

from .carpet import corners
from .people_scene import PeopleScene

VERDICT_TERM = N_("The discriminator’s score, as the share of held-out real pictures with a lower one")

SWAPPED = N_("Made by a machine: the expression comes from another face.")


def describe(scene: PeopleScene, frame: Frame, is_faces: bool) -> str:
    """One or two sentences on the picture."""
    if scene.is_marked:
        return f"{translate(SWAPPED)} {_about(scene, frame)}".strip()
    first = translate(N_("This person does not exist.")) if is_faces else translate(N_("Nobody ever saw this picture."))
    return f"{first} {_about(scene, frame)}".strip()


def _about(scene: PeopleScene, frame: Frame) -> str:
    if scene.params.truncation == 0 and not scene.is_moved:
        return translate(N_("Truncation 0 is the average of all that the forger can draw."))
    share = frame.scalars.get("real_share")
    if share is None:
        return translate(N_("The forger drew it from numbers alone."))
    if share < 0.01:
        better = 100 * frame.scalars.get("forged_share", 0.0)
        return translate(
            N_("The detective is not fooled, but finds it more real than {percent:.0f} % of what is forged.")
        ).format(percent=better)
    return translate(
        N_("The detective finds it more real than {percent:.0f} % of the real pictures it never saw.")
    ).format(percent=100 * share)


def carpet_hint(scene: PeopleScene) -> str:
    """Where on the carpet the picture lies."""
    if scene.own_w is not None:
        return translate(N_("A place of its own, which no seed gives"))
    around = corners(scene.params.seed, scene.x, scene.y)
    if len(around) == 1:
        return translate(N_("Seed {seed}")).format(seed=around[0].seed)
    seeds = ", ".join(str(corner.seed) for corner in around)
    return translate(N_("Between the seeds {seeds}")).format(seeds=seeds)
