"""The trainings that make this family's models: where each one stands, by the id of the model."""

from typing import Final

RECIPES: Final = {
    "autoregressive/digits": "pixels.training.recipes:DIGITS",
    "autoregressive/digits-rnn": "pixels.training.recipes:DIGITS_RNN",
    "autoregressive/glyphs": "pixels.training.recipes:GLYPHS",
    "autoregressive/pictures": "pixels.training.recipes:PICTURES",
    "autoregressive/forecast": "series.training.recipe:FORECAST",
    "autoregressive/tables": "series.training.own_recipe:TABLES",
    "autoregressive/chorales": "music.training.recipe:CHORALES",
    "autoregressive/text-xl": "text.training.recipe:TEXT_XL",
    "autoregressive/text-xlnet": "infill.training.recipe:TEXT_XLNET",
    "autoregressive/texts": "text.training.recipe:TEXTS",
    "autoregressive/notes": "sound.training.notes_recipe:NOTES",
    "autoregressive/speech": "sound.training.speech_recipe:SPEECH",
    "autoregressive/sounds": "sound.training.own_recipe:SOUNDS",
}
