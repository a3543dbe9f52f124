"""What the studio knows about this family before anything of it is loaded."""

from typing import Final

from studio.api.family import Example, Family, Kind, Showing, Tab
from studio.core.translation import N_

FAMILY: Final = Family(
    id="autoregressive",
    title=N_("Autoregressive"),
    subtitle=N_("Autoregressive model"),
    summary=N_("What comes next? Pictures pixel by pixel, music note by note, numbers year by year."),
    order=50,
    hue="autoregressive",
    thumbnail="models/thumbnail.webp",
    reference="../../docs/autoregressive.md",
    default_model="autoregressive/digits",
    kinds={
        "pixels": Kind(
            "pixels.engine:PixelEngine",
            "pixels.panel.panel:PixelPanel",
            "pixels.params:PixelParams",
            tabs=(
                Tab(
                    N_("Picture"),
                    N_("Pixel by pixel: erase a part and let the model finish it (PixelCNN, PixelRNN)"),
                    ("autoregressive/digits",),
                ),
            ),
            known_as=("picture",),
            kernels="pixels.warm_up",
            takes_pictures=True,
            showings=(
                Showing(
                    N_("Pixel by pixel"),
                    N_("The computer guesses each pixel from those before it. Rub a part out, and it guesses again."),
                    ("pixel_kinds", "pixel_temperature", "pixel_n_endings", "pixel_tool", "pixel_again"),
                ),
            ),
        ),
        "sound": Kind(
            "sound.engine:SoundEngine",
            "sound.panel.panel:SoundPanel",
            "sound.params:SoundParams",
            tabs=(
                Tab(
                    N_("Sound"),
                    N_("Sample by sample (WaveNet)"),
                    ("autoregressive/notes", "autoregressive/speech"),
                ),
            ),
            kernels="sound.warm_up",
            showings=(
                Showing(
                    N_("A sound out of thin air"),
                    N_("The computer guesses each of thousands of samples from those before it."),
                    ("sound_play", "sound_kind", "sound_instrument", "sound_temperature", "sound_again"),
                ),
            ),
        ),
        "text": Kind(
            "text.engine:XLTextEngine",
            "text.panel.panel:XLTextPanel",
            "text.params:TextParams",
            tabs=(
                Tab(
                    N_("Text"),
                    N_("Word by word, with a long memory or in any order (Transformer-XL, XLNet)"),
                    ("autoregressive/text-xl", "autoregressive/text-xlnet"),
                ),
            ),
            showings=(
                Showing(
                    N_("It remembers the beginning"),
                    N_("The computer writes one word after the other, and remembers far more than it sees at once."),
                    ("text_temperature", "text_memory", "text_length", "autoregressive.text_passage"),
                    "autoregressive.text_seed",
                ),
            ),
        ),
        "infill": Kind(
            "infill.engine:InfillEngine",
            "infill.panel.panel:InfillPanel",
            "infill.scene:InfillParams",
            beside="text",
            known_as=("order",),
            showings=(
                Showing(
                    N_("In any order"),
                    N_("The computer fills the gaps of this text in whatever order you like."),
                    ("order_shuffle", "order_left", "order_right", "order_surest", "order_example"),
                ),
            ),
        ),
        "music": Kind(
            "music.engine:MusicEngine",
            "music.panel.panel:MusicPanel",
            "music.params:MusicParams",
            tabs=(
                Tab(
                    N_("Music"),
                    N_("Note by note: four voices in the style of Bach (decoder-only transformer)"),
                    ("autoregressive/chorales",),
                ),
            ),
            showings=(
                Showing(
                    N_("In the manner of Bach"),
                    N_("The computer sets a melody for four voices, note by note. Take another one, and listen."),
                    ("music_play", "music_melodies", "music_temperature", "music_tempo_bpm", "music_all"),
                ),
            ),
        ),
        "series": Kind(
            "series.engine:ForecastEngine",
            "series.panel.panel:SeriesPanel",
            "series.params:SeriesParams",
            tabs=(
                Tab(
                    N_("Series"),
                    N_("Year by year: what may come next, and how certain that is (probabilistic forecast)"),
                    ("autoregressive/forecast",),
                ),
            ),
            showings=(
                Showing(
                    N_("What may come next"),
                    N_("The computer draws many ways in which this may go on. Where they part, it is not sure."),
                    ("series_pack", "series_n_back", "series_horizon", "series_temperature", "series_again"),
                ),
            ),
        ),
        "quantiles": Kind(
            "series.engine:BoltEngine", "series.panel.panel:SeriesPanel", "series.params:SeriesParams", beside="series"
        ),
    },
    tabs_title=N_("What to continue from"),
    models={
        "autoregressive/digits": N_("finish complete drawing number handwriting digit erase"),
        "autoregressive/chorales": N_("music compose song melody Bach harmony voices sound choir"),
        "autoregressive/forecast": N_("future predict table numbers data weather sales time series"),
        "autoregressive/glyphs": N_("font typeface letter alphabet finish complete drawing"),
        "autoregressive/speech": N_("sound voice speak say talk number audio"),
        "autoregressive/notes": N_("sound music instrument play hear audio"),
        "autoregressive/text-xl": N_("write text story words language remember"),
        "autoregressive/text-xlnet": N_("fill gap blank text missing words language"),
        "autoregressive/digits-rnn": N_("finish complete drawing number handwriting digit"),
    },
    examples=(
        Example(
            N_("Finish a digit"),
            N_("Erase a part of a handwritten digit and see four ways in which it may go on."),
            "examples/finish.webp",
            "autoregressive/digits",
            words=N_("complete my drawing handwriting number erase"),
        ),
        Example(
            N_("Add three voices to a tune"),
            N_("You give the melody; alto, tenor and bass are composed in the manner of Bach."),
            "models/chorales.webp",
            "autoregressive/chorales",
            words=N_("music sound song compose harmony choir"),
        ),
    ),
    recipes="recipes:RECIPES",
    importers=("importers:XLNetImporter", "importers:ChronosImporter", "importers:OtherImporter"),
    takes={
        **dict.fromkeys((".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".pq", ".xlsx"), "autoregressive/forecast"),
        **dict.fromkeys((".mid", ".midi"), "autoregressive/chorales"),
        **dict.fromkeys((".wav", ".flac", ".ogg"), "autoregressive/notes"),
    },
)
