"""Collects every visible sentence of the program, and writes them as the template that translations begin with.

`python packaging/messages.py` writes studio/core/locale/manifold_studio.pot.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "studio" / "core" / "locale" / "manifold_studio.pot"
FOLDERS = ("studio", "plugins")
MARKS = ("_", "N_", "translate")
HEADER = """# Visible sentences of Manifold Studio, written by packaging/messages.py.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;\\n"
"""


@dataclass(frozen=True)
class Message:
    """A visible text.

    Attributes:
        text: what gettext looks up. plural: the form for several, or nothing.
        file, line: where it stands. within: the call that it is a part of, such as `UserError`.
    """

    text: str
    plural: str
    file: str
    line: int
    within: str


def messages(root: Path = ROOT) -> Iterator[Message]:
    """All marked texts below `root`, by file and line."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            found = messages_in(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
            yield from sorted(found, key=lambda message: (message.line, message.text))


def messages_in(source: str, file: str) -> Iterator[Message]:
    """The marked texts of one file, a pair of forms as one message."""
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    within = {part: _name(call) for call in calls for part in (*call.args, *(word.value for word in call.keywords))}
    forms: set[ast.AST] = set()
    for one, more, outer in _pairs(tree, calls):
        forms |= {one, more}
        yield Message(one.value, more.value, file, one.lineno, within.get(outer, ""))
    for call in calls:
        if _name(call) in MARKS and call.args:
            for text in _texts(call.args[0]):
                if text not in forms:
                    yield Message(text.value, "", file, text.lineno, within.get(call, ""))


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _pairs(tree: ast.AST, calls: list[ast.Call]) -> Iterator[tuple[ast.Constant, ast.Constant, ast.AST]]:
    """The forms for one and for several, given to `plural` or marked in one tuple; with what they are in."""
    for call in calls:
        if _name(call) == "plural":
            one, more = (_texts(form) if not isinstance(form, ast.Name) else [] for form in call.args[:2])
            yield from ((a, b, call) for a, b in zip(one, more, strict=False))
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple):
            marked = [part.args[0] for part in node.elts if isinstance(part, ast.Call) and _name(part) == "N_"]
            counted = [text for text in marked if isinstance(text, ast.Constant) and "{n}" in str(text.value)]
            if len(counted) == 2:
                yield counted[0], counted[1], node


def _texts(node: ast.AST) -> list[ast.Constant]:
    if isinstance(node, ast.JoinedStr):
        return []
    if isinstance(node, ast.Constant):
        return [node] if isinstance(node.value, str) and node.value.strip() else []
    return [text for part in ast.iter_child_nodes(node) for text in _texts(part)]


def template(found: Iterator[Message]) -> str:
    """The messages as a gettext template; the same text stands there once, with all its places."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    plurals: dict[str, str] = {}
    for message in found:
        if message.file not in places[message.text]:
            places[message.text].append(message.file)
        if message.plural:
            plurals[message.text] = message.plural
    return HEADER + "".join(_entry(text, plurals.get(text, ""), places[text]) for text in places)


def _entry(text: str, plural: str, places: list[str]) -> str:
    lines = ["", *(f"#: {place}" for place in places)]
    lines += ["#, python-brace-format"] if "{" in text else []
    lines.append(f"msgid {_quoted(text)}")
    lines += [f"msgid_plural {_quoted(plural)}", 'msgstr[0] ""', 'msgstr[1] ""'] if plural else ['msgstr ""']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main() -> int:
    """Write the template."""
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_text(template(messages()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
