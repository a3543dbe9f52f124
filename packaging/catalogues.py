"""Makes what the program reads of translations: a binary `.mo` beside every `.po` file.

`python packaging/catalogues.py` does so for all languages below studio/core/locale; set-up and the wheel call it.
"""

import ast
import re
import struct
import sys
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "studio" / "core" / "locale"
MAGIC = 0x950412DE
_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr)(?:\[(\d)\])? )?(".*")')


def compile_all(folder: Path = LOCALE) -> list[Path]:
    """Write the `.mo` files that are missing or older than their `.po`, and return them."""
    written = []
    for source in sorted(folder.rglob("*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.write_bytes(binary(entries(source.read_text(encoding="utf-8"))))
            written.append(target)
    return written


def entries(source: str) -> dict[str, str]:
    """The translations in a `.po` file, forms for several parted by NUL; without empty and doubtful (fuzzy) ones.

    Raises ValueError at a line that is none of a `.po` file.
    """
    found: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", source):
        parts = _parts(block)
        forms = [text for name, text in sorted(parts.items()) if name.startswith("msgstr")]
        if "#, fuzzy" not in block and forms and all(forms):
            key = "\0".join(parts[name] for name in ("msgid", "msgid_plural") if name in parts)
            found[key] = "\0".join(forms)
    return found


def _parts(block: str) -> dict[str, str]:
    """The texts of an entry, by keyword: "msgid", "msgstr0"."""
    parts: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or not (match[1] or name):
            raise ValueError(f"this is no line of a .po file: {line[:60]!r}")
        name = f"{match[1]}{match[2] or ''}" if match[1] else name
        parts[name] = parts.get(name, "") + ast.literal_eval(match[3])
    return parts


def binary(texts: dict[str, str]) -> bytes:
    """The `.mo` file of these texts, as gettext reads it: sorted, little-endian, without a hash table."""
    pairs = [(key.encode(), texts[key].encode()) for key in sorted(texts)]
    n, start = len(pairs), 28
    place = start + 16 * n
    tables: list[bytes] = []
    body = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), place + len(body)))
            body += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, n, start, start + 8 * n, 0, place)
    return head + b"".join(tables) + body


def main() -> int:
    """Compile what has changed."""
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
