"""How many pictures a second follow the hand where a model draws in one step."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where


def _per_second(scenario: str) -> Figure:
    found = visit(scenario)
    computed = f"computed: {found['picture_ms']:.1f} ms a picture, the window {found['window_ms']:.0f} ms a second"
    return Figure(found["per_s"], note=f"{computed}; {where()}")


@bench("diffusion.live_guidance", "pictures/s", at_least=30)
def live_guidance() -> Figure:
    """The slider of guidance."""
    return _per_second("live_guidance")


@bench("diffusion.live_prompt", "pictures/s", at_least=30)
def live_prompt() -> Figure:
    """Scrubbing from one prompt to another."""
    return _per_second("live_prompt")


@bench("diffusion.live_noise", "pictures/s", at_least=30)
def live_noise() -> Figure:
    """Scrubbing from the noise of one seed to that of another."""
    return _per_second("live_noise")
