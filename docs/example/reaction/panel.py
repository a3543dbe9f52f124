"""The ready panel, with this family's parameters."""

from studio.api.params_panel import ParamsPanel

from .params import ReactionParams


class ReactionPanel(ParamsPanel):
    """A picture, four sliders and the timeline."""

    params_class = ReactionParams
    hint = "Move a slider: the pattern grows again."
