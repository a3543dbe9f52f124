"""What every page that the program writes keeps to: it loads nothing, and what others wrote in it is data."""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

from studio.core.place import asset


def content_policy(script: str, style: str) -> str:
    """Nothing is loaded, from this computer or any other, and no script runs but ours, whatever a prompt says."""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (script, style)]
    return (
        "default-src 'none'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'"
    )


def script_json(values: Any) -> bytes:
    """Values as JSON for a script element, inside of which nothing may look like its end."""
    return json.dumps(values, ensure_ascii=False).replace("<", "\\u003c").encode()


@cache
def page_file(name: str) -> str:
    """A file of the program's pages, by its name."""
    return asset(f"page/{name}").read_text("utf-8")
