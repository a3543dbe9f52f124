"""The light of a scene that was learnt from photos in different light: a slider through its lights."""

from collections.abc import Sequence

from studio.api.panel import SettingsSection, SliderRow, SteadyLabel, ValueRange, put_in_a_column
from studio.core.param import param_specs
from studio.core.translation import _, translate

from ..params import FieldParams


class LightSection(SettingsSection):
    """The slider has a place for each of the lights, in the order of their names; in between they are mixed."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = [translate(name) for name in names] or [""]
        spec = param_specs(FieldParams)["light"]
        places = ValueRange(1.0, float(max(len(self._names), 2)), step=0.05, default=1.0)
        self.light = SliderRow("light", spec.label, places, spec.help)
        self.edit_by(self.light, "light")
        self.words = SteadyLabel(role="small")
        put_in_a_column(self, (self.light, self.words), 4)
        self.show_light(1.0)

    def show_light(self, light: float) -> None:
        """Show which light the scene is in; emits nothing."""
        self.light.set_value(light)
        self.words.set_text(light_words(self._names, light))


def light_words(names: Sequence[str], light: float) -> str:
    """The name of a light, or between which two it lies."""
    place = min(max(light, 1.0), float(len(names))) - 1
    first = int(place)
    if place == first:
        return names[first]
    return _("between {one} and {other}").format(one=names[first], other=names[first + 1])
