"""No job holds the Worker for long at a shipped model: products and pauses are counted, for a clock would be unfair."""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import pytest
from safetensors import safe_open
from torch.utils.flop_counter import FlopCounterMode

from studio.core import pausing
from studio.core.param import first_params
from studio.core.pausing import Turns
from studio.registry.catalog import Catalog
from studio.registry.model import ModelInfo
from tests.contract.conftest import ALL_FOUND, one_each

MOST_PRODUCTS = 1.0e9
"""Between two yields: two usual cores take less than 100 ms for them."""
N_YIELDS = 8
SHIPPED = Catalog().list_models()
DEFAULTS = {found.manifest.default_model for found in ALL_FOUND}


def is_quick(model):
    return model.id in DEFAULTS


@pytest.fixture(params=one_each(SHIPPED, [model.id for model in SHIPPED], "every model", is_quick))
def model(request) -> ModelInfo:
    return request.param


@pytest.fixture(autouse=True)
def _at_every_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause gives the turn back, however short it was before."""
    monkeypatch.setattr(pausing, "LONGEST_S", 0.0)


def products_between_yields(steps: Iterator[Any], has_turns: bool) -> list[float]:
    """How many numbers are multiplied between two yields of a job, or between two pauses where its engine pauses."""
    counter = FlopCounterMode(display=False)

    def counted() -> None:
        with counter:  # of the thread on which it is
            for _ in islice(steps, N_YIELDS):
                pausing.pause()

    if has_turns:
        totals = [counter.get_total_flops() / 2 for _ in Turns().call(counted)]
    else:
        with counter:
            totals = [counter.get_total_flops() / 2 for _ in islice(steps, N_YIELDS)]
    return [after - before for before, after in pairwise([0.0, *totals])]


def test_a_run_yields_before_it_has_computed_for_long(model, device):
    catalog = Catalog()
    engine = catalog.open_engine(model.source, device)
    params: Any = first_params(catalog.params_class(model.source), model.source.card)
    products = products_between_yields(engine.generate_with_pauses(params), engine.pauses)
    engine.close()
    assert max(products) <= MOST_PRODUCTS


def test_opening_pauses_after_each_array(model, device):
    if model.source.path.suffix == ".json":
        pytest.skip("its card alone is the model")
    handle = Catalog().make_handle(model.source, lambda: device)
    n_pauses = sum(1 for _ in handle.work(type)())
    with safe_open(model.source.path, "pt") as file:
        n_arrays = sum(key.startswith("model.") and not key.endswith("#step") for key in file.keys())  # noqa: SIM118
    assert n_pauses >= n_arrays
    list(handle.unload()())
