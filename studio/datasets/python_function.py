"""Cuts a Python file into short functions, written in one way: what a small model can learn."""

import ast
import warnings
from collections.abc import Iterator
from typing import Final, TypeAlias

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

MIN_STATEMENTS: Final = 2
MAX_BODY: Final = 400
MAX_LINE: Final = 100
N_SHARED: Final = 40
"""No run of so many characters stands in the bodies of two functions."""


def functions_of(source: bytes) -> list[str]:
    """The short functions of a file as plain text, methods too, from column 0 and without a line end.

    They are written by `ast.unparse`: four spaces to a level, single quotes, a statement on a line, no comments; and
    they have no docstrings, annotations and decorators. Only those are taken whose body has two statements or more and
    at most 400 characters, in lines of ASCII no longer than 100. A file that this Python cannot parse has none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in other people's strings
            tree = ast.parse(source.decode("utf-8"))
    except (SyntaxError, ValueError, RecursionError):
        return []
    return list(_short_functions(tree))


def n_statements(node: ast.AST) -> int:
    """Statements below a node, at any depth, that do something: `pass`, `...` and lone strings do nothing."""
    return sum(isinstance(one, ast.stmt) and not _is_empty(one) for one in ast.walk(node) if one is not node)


def _is_empty(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _short_functions(node: ast.AST) -> Iterator[str]:
    """The outermost functions that are short enough."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            plain = _plain(child)
            if n_statements(plain) >= MIN_STATEMENTS and _is_short(text := ast.unparse(plain)):
                yield text
                continue
        yield from _short_functions(child)


def _plain(function: FunctionNode) -> FunctionNode:
    """The same function, changed: bare of what is said about it."""
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.decorator_list = []
            node.body = [one for one in node.body if not _is_empty(one)] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return function


def _is_short(text: str) -> bool:
    lines = text.split("\n")
    is_narrow = max(map(len, lines)) <= MAX_LINE
    return is_narrow and len(text) - len(lines[0]) <= MAX_BODY and text.isascii() and "" not in lines


def body_of(function: str) -> str:
    """The lines below the head."""
    return function.partition("\n")[2]


class SharedRuns:
    """Knows every run of `n_shared` characters in the bodies that were taken."""

    def __init__(self, n_shared: int = N_SHARED) -> None:
        self._n_shared = n_shared
        self._known: set[str | int] = set()

    def take(self, function: str) -> bool:
        """Take a function, unless its body shares a run with one that was taken, or is the same."""
        body = body_of(function)
        runs = {hash(body[first : first + self._n_shared]) for first in range(len(body) - self._n_shared + 1)}
        if body in self._known or not runs.isdisjoint(self._known):
            return False
        self._known |= runs
        self._known.add(body)
        return True
