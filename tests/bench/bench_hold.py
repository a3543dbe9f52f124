"""How long a job keeps the Worker from all others at every shipped model, once torch is loaded.

python -m tests.bench.bench_hold MODEL ... prints the same of every kind of job.
"""

import sys
from functools import partial
from typing import Any

import numpy as np

from studio.registry.catalog import Catalog
from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where

N_NAMED = 3
SHIPPED = [model.id for model in Catalog().list_models()]


def _figure(model_id: str) -> Figure:
    found: dict[str, Any] = dict(visit(f"hold {model_id}"))
    longest = ", ".join(f"{key} {job['longest_ms']:.0f}" for key, job in list(found["jobs"].items())[:N_NAMED])
    note = f"p99 of {found['n_steps']} steps, median {found['median_ms']:.1f}, longest: {longest}"
    return Figure(found["p99_ms"], note=note)


for _id in SHIPPED:
    bench(_id.replace("/", ".hold_"), "ms", at_most=100)(partial(_figure, _id))


def _all_holds_ms() -> np.ndarray[Any, Any]:
    visits: list[dict[str, Any]] = [dict(visit(f"hold {model_id}")) for model_id in SHIPPED]
    return np.concatenate([one["holds_ms"] for one in visits])


@bench("studio.hold_median", "ms", at_most=50)
def hold_median() -> Figure:
    """Of all steps at all models."""
    holds_ms = _all_holds_ms()
    return Figure(float(np.median(holds_ms)), note=f"of {len(holds_ms)} steps at {len(SHIPPED)} models, {where()}")


@bench("studio.hold_p99", "ms", at_most=100)
def hold_p99() -> Figure:
    """Of the same steps."""
    holds_ms = _all_holds_ms()
    return Figure(float(np.percentile(holds_ms, 99)), note=f"of the same steps, the longest {holds_ms.max():.0f} ms")


def main(models: list[str]) -> None:
    """Print a Markdown table of models and their jobs."""
    print("| model | job | steps | median | p99 | longest |\n|---|---|---:|---:|---:|---:|")
    for model_id in models or SHIPPED:
        found: dict[str, Any] = dict(visit(f"hold {model_id}"))
        for key, job in {"all": found, **found["jobs"]}.items():
            figures = " | ".join(f"{job[name]:.1f}" for name in ("median_ms", "p99_ms", "longest_ms"))
            print(f"| {model_id} | {key} | {job['n_steps']} | {figures} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
