"""How long a click on each shipped model, in a fresh home, shows a room that stands still."""

from functools import partial
from statistics import median

from studio.registry.catalog import Catalog
from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where

N_VISITS = 3
BUDGET_S = 2.0
SHIPPED = [model.id for model in Catalog().list_models()]


def _motion_s(model_id: str) -> float:
    return median(visit(f"motion {model_id}", number)["motion_s"] for number in range(N_VISITS))


def _figure(model_id: str) -> Figure:
    gap_ms = max(visit(f"motion {model_id}", number)["gap_ms"] for number in range(N_VISITS))
    return Figure(_motion_s(model_id), note=f"median of {N_VISITS}; the window was held {gap_ms:.0f} ms at most")


for _id in SHIPPED:
    bench(_id.replace("/", ".first_motion_"), "s", at_most=BUDGET_S)(partial(_figure, _id))


@bench("studio.first_motion", "s", at_most=BUDGET_S)
def first_motion() -> Figure:
    """From the click until a second, other picture has been painted, at the slowest model."""
    seconds = {model_id: _motion_s(model_id) for model_id in SHIPPED}
    slowest = max(seconds, key=seconds.__getitem__)
    return Figure(seconds[slowest], note=f"{slowest}, the slowest of {len(SHIPPED)} models, {where()}")
