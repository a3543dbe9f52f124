"""Writes a text as plain text, or as JSON with the chance of every token."""

import json
from pathlib import Path

from studio.core.atomic import atomic_write
from studio.core.container.json_metadata import beside
from studio.core.container.metadata import KEYWORD, metadata_text
from studio.core.recording.clip import Clip
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.token_row import plain_rows, reading_rows, text_of


def write_text(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the text at the end of the range, and beside it, as "NAME.txt.json", what made it."""
    last = options.span(clip)[1] - 1
    text = "".join(text_of(clip.frame(last)).pieces)
    made_from = metadata_text(clip.made_from())
    yield done(1, 1)
    atomic_write(path, text.encode())
    atomic_write(beside(path), f'{{"{KEYWORD}":{made_from}}}\n'.encode())
    return path


def write_json(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the text at the end of the range with every token's surprise and what could have come instead."""
    rows = yield from reading_rows(clip, options)
    made_from = metadata_text(clip.made_from())
    told = {"text": "".join(row.piece for row in rows), "tokens": plain_rows(rows)}
    rest = json.dumps(told, ensure_ascii=False, indent=1)
    atomic_write(path, f'{{"{KEYWORD}":{made_from},\n{rest[1:]}\n'.encode())  # first, where a reader looks for it
    return path
