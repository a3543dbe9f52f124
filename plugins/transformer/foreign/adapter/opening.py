"""Opens a fine-tuned model: the base with the adapter in its weights, or beside them where these stay quantised."""

from dataclasses import dataclass

from studio.api.engine import Device, ModelSource
from studio.core.error import UserError
from studio.core.translation import N_

from ...adapter_importer import base_from_card
from ...text.model.decoder import Decoder
from ...text.model.low_rank import adapted, can_merge, merged
from ...text.model.weights import load_decoder
from ..model import ForeignModel, is_foreign, open_foreign
from .file import read_adapter, weights_of
from .settings import read_settings


@dataclass(frozen=True, eq=False)
class TunedModel:
    """Attributes: base: the model without the adapter. decoder: with it; both share what the adapter leaves alone."""

    base: ForeignModel
    decoder: Decoder


def open_base(source: ModelSource, device: Device) -> ForeignModel:
    """Any decoder, our own or of other people; raises UserError where it does not open."""
    if is_foreign(source.card):
        return open_foreign(source, device)
    decoder, tokenizer = load_decoder(source.path)
    decoder = decoder.to(device.torch_device)
    return ForeignModel(decoder, tokenizer, decoder.tokens.weight.dtype, None)


def open_tuned(source: ModelSource, device: Device) -> TunedModel:
    """Open the model of a card whose format is ADAPTED.

    Raises:
        UserError: its base is missing or another one, or the adapter is broken or does not fit it.
    """
    table = source.card.get("adapter")
    if not isinstance(table, dict):
        raise UserError(N_("The card of this model does not say how it was fine-tuned."))
    settings = read_settings(table, "adapter_config.json")
    weights = weights_of(source.path) if source.path.is_dir() else source.path
    base = base_from_card(source.card, source.path)
    model = open_base(base.source, device)
    adapter = read_adapter(weights, settings, base, device.torch_device)
    decoder = (merged if can_merge(model.decoder, adapter) else adapted)(model.decoder, adapter)
    return TunedModel(model, decoder)
