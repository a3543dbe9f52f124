"""How many pictures a second follow the hand where a model draws in one step."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where


def _per_second(scenario: str) -> Figure:
    found = visit(scenario)
    return Figure(found["per_s"], note=f"{found['cpu_ms']:.1f} ms computed for each; {where()}")


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
