"""Opens a model of texts in a fresh process, and says at what time its first word had been drawn and captured.

python -m tests.bench.first_token ID PATH
"""

import sys
import time
from pathlib import Path


def main(model_id: str, path: str) -> None:
    """Print the time of the first token that was not in the prompt, by the clock that all processes share."""
    from studio.api.engine import ModelSource
    from studio.compute.device import choose_device
    from studio.registry.catalog import Catalog

    catalog = Catalog()
    source = ModelSource(model_id, Path(path))
    engine = catalog.open_engine(source, choose_device())
    params = catalog.params_class(source)(prompt="To be, or not to be, that is the", length=1)
    for _ in engine.generate(params):  # the last frame is that of the first word
        pass
    print(time.monotonic(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
