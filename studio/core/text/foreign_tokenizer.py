"""Takes tokenizers of other people into the `tokenizers` library, which panics or runs out of memory on some of them.

Where memory runs out in it, the whole program ends: what could ask for that much is looked for before.
"""

import base64
import json
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer

from studio.core.container.git_pointer import refuse_pointer
from studio.core.container.source import open_regular, printable
from studio.core.container.weights.folder import in_file, label
from studio.core.error import UserError
from studio.core.translation import N_

WHOLE: Final = "tokenizer.json"
SETTINGS: Final = "tokenizer_config.json"
MAX_WHOLE_BYTES: Final = 96 << 20
MAX_GROWTH: Final = 4096
"""How many times longer a text may become before it is cut; the tokenizers of real models: a few times."""
_HEAD_BYTES: Final = 4
_HIDDEN_LETTER: Final = re.compile(rb"\\u00[2-7]")
"""A plain letter that no program writes like this: it may hide the name of a table."""


@contextmanager
def guarded(refusal: UserError) -> Iterator[None]:
    """Raise `refusal` for whatever the library raises in the block: also a panic, which is no Exception."""
    try:
        yield
    except (UserError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise refusal from error


def uncut() -> UserError:
    """What to say where the library fails on a text."""
    return UserError(
        N_("The tokenizer of this model cannot split this text."),
        N_("Write another text, or download the model again."),
    )


def read_whole(path: Path) -> Tokenizer:
    """The tokenizer in a `tokenizer.json`; raises UserError where it is too large, broken or a trap."""
    data = tokenizer_bytes(path, MAX_WHOLE_BYTES)
    in_file(path, lambda: refuse_pointer(data))
    with guarded(broken(path)):
        _check_tables(data)
        tokenizer = Tokenizer.from_buffer(data)
        if tokenizer.normalizer is not None and _growth(_state(tokenizer.normalizer)) > MAX_GROWTH:
            raise broken(path)
    return tokenizer


def tokenizer_bytes(path: Path, limit: int) -> bytes:
    """The content of a file; raises UserError where it is larger than a tokenizer may be, or cannot be read."""
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


def tokens_of(tokenizer: Tokenizer, text: str, n_known: int) -> list[int]:
    """The tokens of a text, without marks at its ends.

    Raises UserError where a model of `n_known` tokens does not know one of them, or the library fails on the text.
    """
    with guarded(uncut()):
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    check_known(tokenizer, ids, n_known)
    return ids


def check_known(tokenizer: Tokenizer, ids: Iterable[int], n_known: int) -> None:
    """Raise UserError where a model of `n_known` tokens does not know one of these."""
    unknown = next((number for number in ids if number >= n_known), None)
    if unknown is not None:
        name = printable(tokenizer.id_to_token(unknown) or str(unknown))
        raise UserError(
            N_("The model does not know the token “{name}”.").format(name=name),
            N_("Its tokenizer belongs to another model: write the text without this token."),
        )


def is_character_table(data: bytes) -> bool:
    """Whether SentencePiece's table of characters holds as much as it says; the library asks for that much unseen."""
    if len(data) < _HEAD_BYTES:
        return False
    n_bytes = int.from_bytes(data[:_HEAD_BYTES], "little")
    return n_bytes > 0 and n_bytes % 4 == 0 and n_bytes + _HEAD_BYTES <= len(data)


def broken(path: Path) -> UserError:
    """What to say of a file that makes no tokenizer."""
    return UserError(
        N_("The tokenizer in “{name}” is damaged.").format(name=label(path)), N_("Copy or download the folder again.")
    )


def _check_tables(data: bytes) -> None:
    """Raise ValueError where a table of characters lies about its size; JSON without one is not parsed."""
    if b"charsmap" not in data and not _HIDDEN_LETTER.search(data):
        return
    for step in _steps(json.loads(data).get("normalizer")):
        table = step.get("precompiled_charsmap")
        if isinstance(table, str) and not is_character_table(base64.b64decode(table)):
            raise ValueError("a table of characters that is cut short")


def _state(part: Any) -> Any:
    return json.loads(part.__getstate__())


def _steps(normalizer: Any) -> Iterator[dict[str, Any]]:
    """All steps of a normalizer, those of sequences in it included."""
    if isinstance(normalizer, dict):
        yield normalizer
        for one in normalizer.get("normalizers") or ():
            yield from _steps(one)


def _growth(normalizer: Any) -> float:
    """At most how many times longer a text becomes."""
    return math.prod(map(_growth_of_step, _steps(normalizer)))


def _growth_of_step(step: dict[str, Any]) -> float:
    match step:
        case {"type": "Replace", "pattern": {"String": str(pattern)}, "content": str(content)}:
            return max(1.0, len(content) / max(len(pattern), 1))
        case {"type": "Replace", "content": str(content)} | {"type": "Prepend", "prepend": str(content)}:
            return 1.0 + len(content)
    return 1.0
