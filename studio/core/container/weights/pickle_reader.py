"""Interprets pickles as plain data: it imports nothing and calls nothing.

What a kind of pickle may ask for is its dialect: names of functions and classes, each with a stand-in of ours.
"""

import io
import pickletools
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from studio.core.container.source import MAX_LABEL_LENGTH, printable
from studio.core.container.weights.tensor import ITEM_BYTES, MAX_ELEMENTS, check_count, check_shape
from studio.core.error import UserError
from studio.core.translation import N_

MAX_BYTES = 8 << 20
MAX_OPERATIONS = 250_000
MAX_COPIES = 1_000_000
"""How many items, or 256 letters or bytes, all calls together may be handed: each may be copied."""
_LETTERS_PER_COPY = 256
_MAX_VISITS = 300_000
_MAX_DEPTH = 16

_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "",
}


@dataclass(frozen=True)
class Global:
    """A name that the pickle wants to import; here it stays a name."""

    module: str
    name: str

    @property
    def path(self) -> str:
        """Module and name, as the pickle has them: not fit to be shown."""
        return f"{self.module}.{self.name}"

    def __str__(self) -> str:
        return printable(self.path)


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


class Stateful(ABC):
    """A stand-in that takes in what a pickle says of it after it was made."""

    @abstractmethod
    def set_state(self, state: Any) -> None:
        """Take it in; raises UserError where it makes no sense."""


Rebuilder = Callable[[tuple[Any, ...]], Any]


@dataclass(frozen=True)
class Dialect:
    """What a kind of pickle may ask for.

    Attributes:
        rebuilders: by the name of a function or class that the pickle calls, what stands for its result.
        makers: by the name of a class that it makes bare objects of, what stands for one.
        names: other names that it may mention.
        plain_name: the name that one with another path of modules stands for.
        has_members: whether it may speak of storages that lie beside it in the file.
    """

    rebuilders: Mapping[str, Rebuilder]
    makers: Mapping[str, Rebuilder] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    plain_name: Callable[[str], str] = str
    has_members: bool = True


def read_pickle(data: bytes) -> Any:
    """Return the dicts, lists, numbers, texts and tensors that `data` describes.

    Raises UserError where it is broken, too large, or asks for anything but the rebuilding of tensors; the
    sentence names what it asked for.
    """
    if len(data) > MAX_BYTES:
        raise too_large_pickle()
    return run_pickle(io.BytesIO(data), TENSORS, MAX_OPERATIONS)


def run_pickle(stream: IO[bytes], dialect: Dialect, max_operations: int) -> Any:
    """Return what the pickle in `stream` describes, which is read up to its end.

    Raises UserError where it is broken, has more operations, or asks for what is not in the dialect, by its name.
    """
    machine = _Machine(dialect)
    try:
        for n_done, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if n_done >= max_operations:
                raise too_large_pickle()
            machine.step(opcode.name, argument)
        return machine.pop()
    except _FAILURES as error:
        raise broken_pickle() from error


def walk_tensors(root: Any) -> Iterator[tuple[str, PickledTensor]]:
    """Yield every tensor below `root` with its dotted name; raises UserError where there are too many."""
    return _Walk().visit(root, ())


def broken_pickle() -> UserError:
    """What to say when a pickle makes no sense."""
    return UserError(N_("The pickle in this file is damaged."), N_("Copy or download it again."))


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
                    raise too_large_pickle()
                yield from self.visit(child, (*path, str(key)[:MAX_LABEL_LENGTH]))


def too_large_pickle() -> UserError:
    """What to say when a pickle is beyond all bounds."""
    return UserError(N_("The pickle in this file is too large to be checked."))


class _Machine:
    """The stack machine of the pickle format, reduced to what plain data and a dialect need."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._stack: list[Any] = []
        self._marked: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._n_copies = 0

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
            raise foreign_call(printable(str(argument).replace(" ", ".")))
        else:
            sentence = N_("The pickle in this file does more than list weights (“{name}”), so it is not opened.")
            raise UserError(sentence.format(name=printable(f"{opcode} {argument or ''}".strip())))

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
        self._stack.append(self._allowed(module, name))

    def load_stack_global(self, argument: Any) -> None:
        name, module = self.pop(), self.pop()
        if not isinstance(module, str) or not isinstance(name, str):
            raise broken_pickle()
        self._stack.append(self._allowed(module, name))

    def load_storage(self, argument: Any) -> None:
        if not self._dialect.has_members:
            raise UserError(N_("The pickle in this file asks for another file next to it, so it is not opened."))
        match self.pop():
            case ("storage", Global(name=kind), str(key), str(), int(n_elements), *view) if (
                kind in _STORAGES and view in ([], [None])  # before 2018 a storage could be a view of another one
            ):
                self._stack.append(Storage(key, _STORAGES[kind], n_elements))
            case _:
                raise broken_pickle()

    def reduce(self, argument: Any) -> None:
        self._call(self._dialect.rebuilders)

    def make(self, argument: Any) -> None:
        self._call(self._dialect.makers)

    def _call(self, known: Mapping[str, Rebuilder]) -> None:
        arguments, callee = self.pop(), self.pop()
        if not isinstance(callee, Global) or not isinstance(arguments, tuple):
            raise broken_pickle()
        if callee.path not in known:
            raise foreign_call(str(callee))
        self._spend(*arguments)
        self._stack.append(known[callee.path](arguments))

    def build(self, argument: Any) -> None:
        """Attributes of a state dict or a parameter hold no weights: they are dropped."""
        state, value = self.pop(), self._stack[-1]
        if isinstance(value, Stateful):
            self._spend(state, *(state if isinstance(state, tuple) else ()))
            value.set_state(state)
        elif not isinstance(value, dict | PickledTensor):
            raise foreign_call("__setstate__")

    def _spend(self, *values: Any) -> None:
        """What is remembered costs one operation to hand over and may be large: its size counts each time."""
        for value in values:
            if isinstance(value, list | tuple | dict):
                self._n_copies += len(value)
            elif isinstance(value, str | bytes | bytearray):
                self._n_copies += len(value) // _LETTERS_PER_COPY
        if self._n_copies > MAX_COPIES:
            raise too_large_pickle()

    def _allowed(self, module: str, name: str) -> Global:
        dialect = self._dialect
        found = Global(*dialect.plain_name(f"{module}.{name}").rsplit(".", 1))
        is_type = found.name in _STORAGES or found.name in ITEM_BYTES
        is_known = any(found.path in names for names in (dialect.rebuilders, dialect.makers, dialect.names))
        if not (is_type and found.module in ("torch", "torch.storage")) and not is_known:
            raise foreign_call(str(found))
        return found

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


def foreign_call(name: str) -> UserError:
    """What to say when a pickle asks for a function or class; `name` is printable."""
    return UserError(
        N_("Reading this file the usual way would run “{name}”, so it is not opened.").format(name=name),
        N_("Ask its author for only the weights, preferably as safetensors."),
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


class Namespace(dict[Any, Any], Stateful):
    """The arguments of a training, which its checkpoint keeps."""

    def set_state(self, state: Any) -> None:
        """Attributes become items."""
        if not isinstance(state, dict):
            raise broken_pickle()
        self.update(state)


def _rebuild_set(arguments: tuple[Any, ...]) -> list[Any]:
    match arguments:
        case ():
            return []
        case (list(items),):
            return items
    raise broken_pickle()


def _make_namespace(arguments: tuple[Any, ...]) -> Namespace:
    if arguments:
        raise broken_pickle()
    return Namespace()


class Unread(Stateful):
    """A number that numpy wrote, such as a learning rate: no weight, so nobody asks what it is."""

    def set_state(self, state: Any) -> None:
        """Nothing of it is kept."""


def _unread(arguments: tuple[Any, ...]) -> Unread:
    return Unread()


TENSOR_REBUILDERS: dict[str, Rebuilder] = {
    "collections.OrderedDict": _rebuild_dict,
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v3": _rebuild_tensor,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch.Size": _rebuild_size,
    "torch.device": lambda _: None,
    "numpy.core.multiarray.scalar": _unread,
    "numpy._core.multiarray.scalar": _unread,
    "numpy.dtype": _unread,
    "_codecs.encode": _unread,
    "builtins.set": _rebuild_set,
    "__builtin__.set": _rebuild_set,
}
TENSORS = Dialect(TENSOR_REBUILDERS, {"argparse.Namespace": _make_namespace})
"""State dicts and training checkpoints as torch.save writes them."""
# DeprecationWarning: pickletools meets a text with unknown escapes while warnings are errors.
_FAILURES = (
    ValueError,
    struct.error,
    LookupError,
    TypeError,
    OverflowError,
    EOFError,
    DeprecationWarning,
)
_LITERALS = {
    "INT",
    "BININT",
    "BININT1",
    "BININT2",
    "LONG",
    "LONG1",
    "LONG4",
    "STRING",
    "BINSTRING",
    "SHORT_BINSTRING",
    "BINBYTES",
    "SHORT_BINBYTES",
    "BINBYTES8",
    "BYTEARRAY8",
    "UNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE",
    "BINUNICODE8",
    "FLOAT",
    "BINFLOAT",
}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,  # kept as lists: hashing what a stranger chose could take forever
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
    "ADDITEMS": _Machine.appends,
    "FROZENSET": _Machine.marked_list,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "GLOBAL": _Machine.load_global,
    "STACK_GLOBAL": _Machine.load_stack_global,
    "BINPERSID": _Machine.load_storage,
    "REDUCE": _Machine.reduce,
    "NEWOBJ": _Machine.make,
    "BUILD": _Machine.build,
}
