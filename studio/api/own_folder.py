"""What recipes that learn from a person's own folder have alike: settings, licences, and what they say of it."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from studio.api.engine import FolderFinding
from studio.compute.train_settings import TrainSettings
from studio.core.param import param, text_param
from studio.core.translation import N_, plural, translate
from studio.datasets.folder.pictures import FolderPictures, skipped_sentence
from studio.datasets.folder.texts import is_text_folder, load_texts


@dataclass(frozen=True)
class PictureFolderSettings(TrainSettings):
    """What a person chooses for a model of own pictures.

    Attributes:
        data: the folder of the pictures; those within it count too.
        framing: the middle of each picture, or all of it on white.
    """

    data: str = text_param(N_("Folder"), N_("The folder with your pictures; its subfolders count too."))
    framing: str = param(
        "crop",
        label=N_("Square"),
        help=N_(
            "How a picture becomes a square: by cropping to its middle (crop), or by placing all of it on white (fit)."
        ),
        choices=("crop", "fit"),
    )


class PictureFolderRecipe:
    """Learns from any folder with pictures."""

    licence: ClassVar[str] = N_("Your own pictures; what you may do with them decides what you may do with the model.")

    def pictures_card(self, pictures: FolderPictures) -> dict[str, Any]:
        """What a card says of them."""
        n, size_px = pictures.pictures.shape[:2]
        notes = [
            N_(
                "Five in a hundred pictures were held out to choose the best weights, and five more to measure the "
                "figure."
            ),
            skipped_sentence(pictures),
            N_("Files that show the same as another: {n:,}.").format(n=pictures.n_doubles)
            if pictures.n_doubles
            else "",
        ]
        return {
            "data": N_("{n:,} pictures of your own, {size} x {size} pixels").format(n=n, size=size_px),
            "notes": [note for note in notes if note],
        }


def usable_pictures(pictures: FolderPictures, more: str = "") -> FolderFinding:
    """Say how many pictures there are, and `more` of them."""
    text = plural(N_("{n} picture can be used."), N_("{n} pictures can be used."), len(pictures.pictures))
    if pictures.n_doubles:
        same, others = N_("{n} shows the same as another."), N_("{n} show the same as others.")
        text += f" {plural(same, others, pictures.n_doubles)}"
    lines = tuple(f"{one.name}: {translate(one.reason)}" for one in pictures.skipped)
    return FolderFinding(f"{text} {translate(more)}".strip(), lines, pictures.n_skipped)


@dataclass(frozen=True)
class SoundFolderSettings(TrainSettings):
    """What a person chooses for a model of own sounds.

    Attributes:
        data: the folder of the sounds; those within it count too.
    """

    data: str = text_param(N_("Folder"), N_("The folder with your sounds; its subfolders count too."))


@dataclass(frozen=True)
class TextFolderSettings(TrainSettings):
    """What a person chooses for a model of own texts.

    Attributes:
        data: the folder of the texts; those within it count too.
    """

    data: str = text_param(N_("Folder"), N_("The folder with your texts; its subfolders count too."))


class TextFolderRecipe:
    """Learns from a folder of which most files are texts."""

    invitation: ClassVar[str] = N_("Choose or drop a folder of texts (.txt, .md) with 20,000 characters or more.")
    licence: ClassVar[str] = N_("Your own texts; what you may do with them decides what you may do with the model.")

    def takes_folder(self, path: Path) -> bool:
        """Whether most files are texts in a folder, or in that of the file which stands for it."""
        return is_text_folder(path if path.is_dir() else path.parent)

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how much there is to read."""
        texts = yield from load_texts(path)
        return FolderFinding(texts.sentence, texts.left_out, len(texts.left_out))
