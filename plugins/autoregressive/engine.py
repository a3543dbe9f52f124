"""The engine of the family: opens a model with the engine of its kind."""

from studio.api.engine import Device, Engine, ModelSource

from .kind import kind_of, load


class AutoregressiveEngine:
    """Stands for the engines of all kinds."""

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Engine:
        """Load a model; raises UserError where the file is no good."""
        engine: Engine = load(kind_of(source.card).engine).open(source, device)
        return engine
