"""Interprets the pickle inside a torch file as plain data: it imports nothing and calls nothing."""

import io
import pickletools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from studio.core.container.source import MAX_LABEL_LENGTH, printable
from studio.core.container.tensor import ITEM_BYTES, MAX_ELEMENTS, check_count, check_shape
from studio.core.error import UserError
from studio.core.text import N_

MAX_BYTES = 8 << 20
MAX_OPERATIONS = 250_000
_MAX_VISITS = 300_000
_MAX_DEPTH = 16

_STORAGES = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16", "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16",
    "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool", "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128", "UntypedStorage": "",
}  # fmt: skip


@dataclass(frozen=True)
class Global:
    """A name that the pickle wants to import; here it stays a name."""

    module: str
    name: str

    def __str__(self) -> str:
        return printable(f"{self.module}.{self.name}")


@dataclass(frozen=True)
class Storage:
    """Bytes that lie beside the pickle as member `key`; `dtype` is empty where only the tensor knows it."""

    key: str
    dtype: str
    n_elements: int


@dataclass(frozen=True)
class PickledTensor:
    """A view into a storage; offset and strides count elements."""

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read_pickle(data: bytes) -> Any:
    """Return the dicts, lists, numbers, texts and tensors that `data` describes.

    Raises UserError where it is broken, too large, or asks for anything but the rebuilding of tensors; the
    sentence names what it asked for.
    """
    if len(data) > MAX_BYTES:
        raise _too_large()
    machine = _Machine()
    try:
        for n_done, (opcode, argument, _) in enumerate(pickletools.genops(io.BytesIO(data))):
            if n_done >= MAX_OPERATIONS:
                raise _too_large()
            machine.step(opcode.name, argument)
        return machine.pop()
    except _FAILURES as error:
        raise broken_pickle() from error


def walk_tensors(root: Any) -> Iterator[tuple[str, PickledTensor]]:
    """Yield every tensor below `root` with its dotted name; raises UserError where there are too many."""
    return _Walk().visit(root, ())


def broken_pickle() -> UserError:
    """What to say when a pickle makes no sense."""
    return UserError(N_("The pickle in this file is broken."), N_("Copy or download it again."))


class _Walk:
    """Visits what may hold itself many times over, within a budget."""

    def __init__(self) -> None:
        self._n_visits = 0
        self._n_tensors = 0

    def visit(self, value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, PickledTensor]]:
        if isinstance(value, PickledTensor):
            self._n_tensors += 1
            check_count(self._n_tensors)
            yield printable(".".join(path)), value
        elif isinstance(value, dict | list | tuple):
            for key, child in value.items() if isinstance(value, dict) else enumerate(value):
                self._n_visits += 1
                if self._n_visits > _MAX_VISITS or len(path) >= _MAX_DEPTH:
                    raise _too_large()
                yield from self.visit(child, (*path, str(key)[:MAX_LABEL_LENGTH]))


def _too_large() -> UserError:
    return UserError(N_("The pickle in this file is too large to be checked."))


class _Machine:
    """The stack machine of the pickle format, reduced to what a state dict needs."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marked: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def pop(self) -> Any:
        """Take the top of the stack."""
        return self._stack.pop()

    def step(self, opcode: str, argument: Any) -> None:
        """Carry out one operation; raises UserError for one that would run or build something foreign."""
        if opcode in _LITERALS:
            self._stack.append(argument)
        elif opcode in _CONSTANTS:
            self._stack.append(_CONSTANTS[opcode]())
        elif opcode in _OPERATIONS:
            _OPERATIONS[opcode](self, argument)
        elif opcode == "INST":
            raise _foreign(printable(str(argument).replace(" ", ".")))
        else:
            raise UserError(N_("The pickle in this file does more than list weights, so it is not opened."))

    def nothing(self, argument: Any) -> None:
        """PROTO, FRAME, STOP."""

    def mark(self, argument: Any) -> None:
        self._marked.append(self._stack)
        self._stack = []

    def drop(self, argument: Any) -> None:
        if self._stack:
            self.pop()
        else:
            self._pop_mark()

    def drop_mark(self, argument: Any) -> None:
        self._pop_mark()

    def duplicate(self, argument: Any) -> None:
        self._stack.append(self._stack[-1])

    def put(self, argument: int | None) -> None:
        self._memo[len(self._memo) if argument is None else argument] = self._stack[-1]

    def get(self, argument: int) -> None:
        self._stack.append(self._memo[argument])

    def marked_tuple(self, argument: Any) -> None:
        items = self._pop_mark()
        self._stack.append(tuple(items))

    def marked_list(self, argument: Any) -> None:
        items = self._pop_mark()
        self._stack.append(items)

    def marked_dict(self, argument: Any) -> None:
        items = self._pop_mark()
        self._stack.append(_pairs(items))

    def short_tuple(self, n_items: int) -> None:
        if len(self._stack) < n_items:
            raise broken_pickle()
        items = tuple(self._stack[-n_items:])
        del self._stack[-n_items:]
        self._stack.append(items)

    def append(self, argument: Any) -> None:
        item = self.pop()
        self._top(list).append(item)

    def appends(self, argument: Any) -> None:
        items = self._pop_mark()
        self._top(list).extend(items)

    def set_item(self, argument: Any) -> None:
        value, key = self.pop(), self.pop()
        self._top(dict).update(_pairs([key, value]))

    def set_items(self, argument: Any) -> None:
        pairs = _pairs(self._pop_mark())
        self._top(dict).update(pairs)

    def load_global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._stack.append(_allowed(Global(module, name)))

    def load_stack_global(self, argument: Any) -> None:
        name, module = self.pop(), self.pop()
        self._stack.append(_allowed(Global(str(module), str(name))))

    def load_storage(self, argument: Any) -> None:
        match self.pop():
            case ("storage", Global(name=kind), str(key), str(), int(n_elements), *_) if kind in _STORAGES:
                self._stack.append(Storage(key, _STORAGES[kind], n_elements))
            case _:
                raise broken_pickle()

    def reduce(self, argument: Any) -> None:
        arguments, callee = self.pop(), self.pop()
        if not isinstance(callee, Global) or not isinstance(arguments, tuple):
            raise broken_pickle()
        if str(callee) not in _REBUILDERS:
            raise _foreign(str(callee))
        self._stack.append(_REBUILDERS[str(callee)](arguments))

    def build(self, argument: Any) -> None:
        """Attributes of a state dict or a parameter hold no weights: they are dropped."""
        self.pop()
        if not isinstance(self._stack[-1], dict | PickledTensor):
            raise _foreign("__setstate__")

    def _pop_mark(self) -> list[Any]:
        items = self._stack
        self._stack = self._marked.pop()
        return items

    def _top(self, kind: type) -> Any:
        if not isinstance(self._stack[-1], kind):
            raise broken_pickle()
        return self._stack[-1]


def _pairs(items: list[Any]) -> dict[Any, Any]:
    keys = items[::2]
    if len(items) % 2 or not all(_is_key(key) for key in keys):
        raise broken_pickle()
    return dict(zip(keys, items[1::2], strict=True))


def _is_key(key: Any) -> bool:
    """Keys stay plain: hashing a deeply nested tuple would overflow the interpreter's stack."""
    return key is None or isinstance(key, str | float) or (isinstance(key, int) and _is_size(abs(key)))


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value <= MAX_ELEMENTS


def _allowed(name: Global) -> Global:
    is_known = name.name in _STORAGES or name.name in ITEM_BYTES
    if not (is_known and name.module in ("torch", "torch.storage")) and str(name) not in _REBUILDERS:
        raise _foreign(str(name))
    return name


def _foreign(name: str) -> UserError:
    return UserError(
        N_("Reading this file the usual way would run “{name}”, so it is not opened.").format(name=name),
        N_("Ask its author for the weights alone, best as safetensors."),
    )


def _rebuild_tensor(arguments: tuple[Any, ...]) -> PickledTensor:
    match arguments:
        case (Storage() as storage, offset, tuple(shape), tuple(stride), *rest):
            dtype = next((item.name for item in rest if isinstance(item, Global)), storage.dtype)
            if dtype in ITEM_BYTES and all(_is_size(value) for value in (offset, *stride)):
                return PickledTensor(storage, dtype, offset, check_shape(shape), stride)
    raise broken_pickle()


def _rebuild_parameter(arguments: tuple[Any, ...]) -> PickledTensor:
    if not arguments or not isinstance(arguments[0], PickledTensor):
        raise broken_pickle()
    return arguments[0]


def _rebuild_dict(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    match arguments:
        case ():
            return {}
        case (list(pairs),) if all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
            return _pairs([item for pair in pairs for item in pair])
    raise broken_pickle()


def _rebuild_size(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    match arguments:
        case (tuple(sizes),):
            return sizes
    raise broken_pickle()


_REBUILDERS: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "collections.OrderedDict": _rebuild_dict,
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v3": _rebuild_tensor,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch.Size": _rebuild_size,
    "torch.device": lambda _: None,
}
# DeprecationWarning: pickletools meets a text with unknown escapes while warnings are errors.
_FAILURES = (
    ValueError, struct.error, LookupError, TypeError, OverflowError, EOFError, DeprecationWarning,
)  # fmt: skip
_LITERALS = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "STRING", "BINSTRING", "SHORT_BINSTRING",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE",
    "BINUNICODE8", "FLOAT", "BINFLOAT",
}  # fmt: skip
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
}
_OPERATIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _Machine.nothing,
    "FRAME": _Machine.nothing,
    "STOP": _Machine.nothing,
    "MARK": _Machine.mark,
    "POP": _Machine.drop,
    "POP_MARK": _Machine.drop_mark,
    "DUP": _Machine.duplicate,
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.put,
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "TUPLE": _Machine.marked_tuple,
    "TUPLE1": lambda machine, _: machine.short_tuple(1),
    "TUPLE2": lambda machine, _: machine.short_tuple(2),
    "TUPLE3": lambda machine, _: machine.short_tuple(3),
    "LIST": _Machine.marked_list,
    "DICT": _Machine.marked_dict,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "GLOBAL": _Machine.load_global,
    "STACK_GLOBAL": _Machine.load_stack_global,
    "BINPERSID": _Machine.load_storage,
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
}
