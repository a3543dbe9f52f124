"""Says of a model which projections an adapter may change, under the names of its own library; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.core.container.json_settings import Settings
from studio.core.error import UserError
from studio.core.translation import N_

from ...importers import GGUF, HUGGING_FACE
from ...text.model.config import DecoderConfig, config_from_json
from ..gguf.model import read_gguf_model
from ..hf.architectures import ARCHITECTURES, Architecture
from ..hf.config import model_type
from ..hf.folder import hf_plan, read_folder
from ..weight_plan import WeightPlace

_MATRICES: Final = ("attention.qkv.weight", "attention.out.weight", "mlp.up.weight", "mlp.down.weight")
_GGUF_NAMES: Final = {"gemma3": "gemma3_text"}
_OWN: Final = "llama"
"""Our own decoders are built as LLaMA is, and their adapters have its names."""


@dataclass(frozen=True)
class AdaptableBase:
    """A model that adapters belong to.

    Attributes:
        places: of the projections that an adapter may change, by their paths. prefix: what all paths begin with.
    """

    source: ModelSource
    config: DecoderConfig
    places: Mapping[str, WeightPlace]
    prefix: str

    @property
    def is_turned(self) -> bool:
        """Whether its files have the inputs of a projection first."""
        return any(place.layout == "columns" for place in self.places.values())


def base_of(source: ModelSource) -> AdaptableBase:
    """Raises UserError where the model cannot be opened, or no adapter can change it."""
    name, values, config = _known(source)
    kind = ARCHITECTURES[name]
    places = _places(kind, values, config)
    if not places:
        raise UserError(N_("Models of this kind cannot be fine-tuned."), N_("Choose another model."))
    return AdaptableBase(source, config, places, kind.prefix)


def _known(source: ModelSource) -> tuple[str, Mapping[str, Any], DecoderConfig]:
    """The architecture, what its config.json says, and the configuration."""
    if source.card.get("format") == HUGGING_FACE:
        folder = read_folder(source.path)
        return model_type(folder.settings), folder.settings, folder.config
    if source.card.get("format") == GGUF:
        model = read_gguf_model(source.path)
        name = str(model.file.settings["general.architecture"])
        return _GGUF_NAMES.get(name, name), {}, model.config
    try:
        return _OWN, {}, config_from_json(source.card["config"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(N_("The card of this model does not say how it is built.")) from error


def _places(kind: Architecture, values: Mapping[str, Any], config: DecoderConfig) -> dict[str, WeightPlace]:
    names = kind.names(Settings(values)) if callable(kind.names) else kind.names
    plan = hf_plan(kind, names, config, {kind.prefix})
    found = {}
    for name, place in plan.items():
        if place.target.startswith("blocks.") and place.target.split(".", 2)[2] in _MATRICES and "*" not in name:
            found[name.removesuffix(".weight")] = place
    return found
