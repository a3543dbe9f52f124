"""Tokenizers of other people's folders: the file, what is wrong with it, and tokens that a model does not know."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from studio.core.container.git_pointer import refuse_pointer
from studio.core.container.source import open_regular, printable
from studio.core.container.weights.folder import in_file, label
from studio.core.error import UserError
from studio.core.translation import N_

WHOLE: Final = "tokenizer.json"
SETTINGS: Final = "tokenizer_config.json"
_MAX_WHOLE_BYTES: Final = 96 << 20


def read_whole(path: Path) -> Tokenizer:
    """The tokenizer in a `tokenizer.json`; raises UserError where it is broken. Nothing in it is run."""
    data = tokenizer_bytes(path, _MAX_WHOLE_BYTES)
    in_file(path, lambda: refuse_pointer(data))
    try:
        return Tokenizer.from_buffer(data)
    except BaseException as error:  # the library also throws what is no Exception where it panics
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise broken(path) from error


def broken(path: Path) -> UserError:
    """What to say of a file that makes no tokenizer."""
    return UserError(
        N_("The tokenizer in “{name}” is broken.").format(name=label(path)), N_("Copy or download the folder again.")
    )


def tokenizer_bytes(path: Path, limit: int) -> bytes:
    """A file of at most so many bytes; raises UserError where it is larger."""
    with open_regular(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UserError(N_("“{name}” is too large for a tokenizer.").format(name=label(path)))
    return data


def no_tokenizer(pieces: str) -> UserError:
    """What to say of a folder that has neither `tokenizer.json` nor the file of pieces."""
    return UserError(
        N_("The folder has no tokenizer: there is neither “{whole}” nor “{pieces}”.").format(
            whole=WHOLE, pieces=pieces
        ),
        N_("Copy or download the folder again."),
    )


def check_known(tokenizer: Tokenizer, ids: Iterable[int], n_known: int) -> None:
    """Raise UserError where a model of `n_known` tokens does not know one of them."""
    unknown = next((number for number in ids if number >= n_known), None)
    if unknown is None:
        return
    name = printable(tokenizer.id_to_token(unknown) or str(unknown))
    raise UserError(
        N_("The model does not know the token “{name}”.").format(name=name),
        N_("Its tokenizer is of another model: write the text without it."),
    )
