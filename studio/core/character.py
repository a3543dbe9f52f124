"""The 62 characters that every glyph data set, glyph model and glyph judge knows, in their order."""

import string
from typing import Final

CHARACTERS: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits
