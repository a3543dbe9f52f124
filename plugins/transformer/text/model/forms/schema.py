"""Turns a JSON schema into the shape of the texts that fit it; what is not known here is refused by its name.

Properties come in the order of the schema, those that are not required may be missing, others never come. Between
values stands at most one space, or one end of a line with some spaces. A `pattern` matches the whole string.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from .pattern import pattern_shape
from .shape import Chars, Either, Repeat, Shape, ShapeSequence, chars, literal, maybe, other_ranges, row, without

MAX_DEPTH: Final = 20
MAX_PROPERTIES: Final = 100
MAX_INDENT: Final = 8
_DIGIT: Final = Chars(((ord("0"), ord("9")),))
_GAP: Final = Either((literal(" "), row(literal("\n"), Repeat(literal(" "), 0, MAX_INDENT)), ShapeSequence()))
_INTEGER: Final = row(
    maybe(literal("-")), Either((literal("0"), row(Chars(((ord("1"), ord("9")),)), Repeat(_DIGIT, 0, 17))))
)
_NUMBER: Final = row(
    _INTEGER,
    maybe(row(literal("."), Repeat(_DIGIT, 1, 17))),
    maybe(row(chars("eE"), maybe(chars("+-")), Repeat(_DIGIT, 1, 2))),
)
_ESCAPED: Final = ((0, 31), (34, 34), (92, 92))
"""Characters that stand in a string of JSON only behind a backslash: controls, the quotation mark, the backslash."""
_SHORT: Final = {'"': '"', "\\": "\\", "\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
"""Those of them that are written as a backslash and a letter; no others come."""
_ANYWHERE: Final = frozenset(
    {"type", "enum", "const", "title", "description", "default", "examples", "$schema", "$id", "$comment"}
)
_ONLY: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"pattern", "minLength", "maxLength"}),
    "integer": frozenset(),
    "number": frozenset(),
    "boolean": frozenset(),
    "null": frozenset(),
}
_KNOWN: Final = _ANYWHERE.union(*_ONLY.values())


def schema_shape(text: str) -> Shape:
    """The shape of the JSON texts that fit a schema; raises UserError where it is broken or not known."""
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f" ({error})" if isinstance(error, json.JSONDecodeError) else ""
        raise UserError(N_("The schema is not JSON{at}.").format(at=at)) from error
    return _value(schema, 0)


def _value(schema: Any, depth: int) -> Shape:
    if not isinstance(schema, dict):
        raise _wrong(N_("a part of it is not an object"))
    if depth > MAX_DEPTH:
        raise _wrong(N_("its parts are nested too deeply"))
    unknown = next((name for name in schema if name not in _KNOWN), None)
    if unknown is not None:
        raise UserError(
            N_("“{name}” is not supported in a schema here.").format(name=printable(unknown)[:60]),
            N_("You can use {names}.").format(names=", ".join(sorted(_KNOWN - {"$schema", "$id", "$comment"}))),
        )
    if "const" in schema or "enum" in schema:
        return _listed(schema)
    types = schema["type"] if "type" in schema else _guessed(schema)
    names = types if isinstance(types, list) else [types]
    if not names or not all(isinstance(name, str) and name in _MAKERS for name in names):
        raise _wrong(N_("“type” must be one of {names}").format(names=", ".join(_MAKERS)))
    fitting = _ANYWHERE.union(*(_ONLY[name] for name in names))
    stray = next((name for name in schema if name not in fitting), "")
    if stray:
        raise _wrong(N_("“{name}” does not go with its type").format(name=stray))
    ways = tuple(_MAKERS[name](schema, depth) for name in names)
    return ways[0] if len(ways) == 1 else Either(ways)


def _guessed(schema: Mapping[str, Any]) -> Any:
    """The type that the other words are about, where it is not written."""
    found = [name for name, words in _ONLY.items() if words & set(schema)]
    if len(found) != 1:
        raise _wrong(N_("a part of it has no “type”"))
    return found


def _listed(schema: Mapping[str, Any]) -> Shape:
    values = [schema["const"]] if "const" in schema else schema["enum"]
    extra = next((name for name in schema if name not in _ANYWHERE or (name == "enum" and "const" in schema)), "")
    if not isinstance(values, list) or not values or extra:
        raise _wrong(N_("“enum” must be a list of values, without other conditions"))
    return Either(tuple(literal(json.dumps(value, ensure_ascii=False)) for value in values))


def _object(schema: Mapping[str, Any], depth: int) -> Shape:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list) or len(properties) > MAX_PROPERTIES:
        raise _wrong(
            N_("“properties” must be an object with at most {n} entries, “required” a list").format(n=MAX_PROPERTIES)
        )
    if not isinstance(schema.get("additionalProperties", False), bool):
        raise _wrong(N_("“additionalProperties” must be true or false here"))
    missing = next((name for name in required if name not in properties), None)
    if missing is not None:
        raise _wrong(
            N_("“{name}” is required but is not among the properties").format(name=printable(str(missing))[:60])
        )
    members = [(_member(name, value, depth), name in required) for name, value in properties.items()]
    return row(literal("{"), _GAP, _members(members), _GAP, literal("}"))


def _member(name: str, value: Any, depth: int) -> Shape:
    return row(literal(json.dumps(name, ensure_ascii=False)), literal(":"), _GAP, _value(value, depth + 1))


def _members(members: Sequence[tuple[Shape, bool]]) -> Shape:
    """The members from the first that is there on; a comma stands before each but that one."""
    ways: list[Shape] = []
    rest: Shape = ShapeSequence()
    is_empty_good = True
    for member, is_required in reversed(members):
        if is_required:
            ways = []
        ways.append(row(member, rest))
        is_empty_good = is_empty_good and not is_required
        later = row(literal(","), _GAP, member)
        rest = row(later if is_required else maybe(later), rest)
    return Either((*ways, *([ShapeSequence()] if is_empty_good else [])))


def _array(schema: Mapping[str, Any], depth: int) -> Shape:
    if "items" not in schema:
        raise _wrong(N_("an array needs “items”"))
    item = _value(schema["items"], depth + 1)
    least, most = _count(schema, "minItems", 0), _count(schema, "maxItems", None)
    if most is not None and most < (least or 0):
        raise _wrong(N_("“maxItems” is less than “minItems”"))
    if most == 0:
        return row(literal("["), _GAP, literal("]"))
    others = Repeat(row(literal(","), _GAP, item), max((least or 0) - 1, 0), None if most is None else most - 1)
    filled = row(item, others)
    return row(literal("["), _GAP, filled if least else maybe(filled), _GAP, literal("]"))


def _string(schema: Mapping[str, Any], depth: int) -> Shape:
    least, most = _count(schema, "minLength", 0), _count(schema, "maxLength", None)
    if "pattern" not in schema:
        if most is not None and most < (least or 0):
            raise _wrong(N_("“maxLength” is less than “minLength”"))
        return row(literal('"'), Repeat(_CHAR, least or 0, most), literal('"'))
    if not isinstance(schema["pattern"], str) or "minLength" in schema or "maxLength" in schema:
        raise _wrong(N_("“pattern” must be a text, without “minLength” and “maxLength”"))
    return row(literal('"'), in_json(pattern_shape(schema["pattern"], is_plain=True)), literal('"'))


def in_json(shape: Shape) -> Shape:
    """The same texts as they are written within a string of JSON."""
    match shape:
        case Chars(ranges):
            plain = without(ranges, _ESCAPED)
            short = "".join(letter for char, letter in _SHORT.items() if not without(((ord(char), ord(char)),), ranges))
            ways: list[Shape] = [Chars(plain)] if plain else []
            ways += [row(literal("\\"), chars(short))] if short else []
            if not ways:
                raise _wrong(N_("“pattern” asks for control characters"))
            return ways[0] if len(ways) == 1 else Either(tuple(ways))
        case ShapeSequence(parts):
            return ShapeSequence(tuple(in_json(part) for part in parts))
        case Either(choices):
            return Either(tuple(in_json(way) for way in choices))
        case Repeat(part, least, most):
            return Repeat(in_json(part), least, most)


_CHAR: Final = in_json(Chars(other_ranges(())))


def _count(schema: Mapping[str, Any], name: str, default: int | None) -> int | None:
    value = schema.get(name, default)
    if value is not default and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 4096):
        raise _wrong(N_("“{name}” must be a whole number from 0 to 4096").format(name=name))
    return value


def _boolean(schema: Mapping[str, Any], depth: int) -> Shape:
    return Either((literal("true"), literal("false")))


_MAKERS: Final[Mapping[str, Callable[[Mapping[str, Any], int], Shape]]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": lambda *_: _INTEGER,
    "number": lambda *_: _NUMBER,
    "boolean": _boolean,
    "null": lambda *_: literal("null"),
}


def _wrong(what: str) -> UserError:
    return UserError(N_("The schema cannot be followed: {what}.").format(what=what), N_("Change the schema."))
