"""Makes up pickles of networks that lie, ask for programs, or are meant to eat time and memory."""

import io
import pickle
import pickletools
import struct
from collections.abc import Iterator
from typing import Any

import torch

from studio.core.container.weights.network_pickle import MAX_NETWORK_OPERATIONS
from studio.core.container.weights.torch_file import LEGACY_MAGIC
from tests.core.container.hostile import CANARY_NAME, torch_zip

COMMAND = f"touch {CANARY_NAME}"
PROTO = b"\x80\x04"
PART = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n"
TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
INNER = b"ctorch.storage\n_load_from_bytes\n"
NUMPY = b"cnumpy.core.multiarray\n"
Case = tuple[bytes, str]  # a file, and what the refusal must name


def plain(value: Any) -> bytes:
    """The operations that put a plain value on the stack, and nothing into the memo."""
    return pickletools.optimize(pickle.dumps(value, 3))[2:-1]


def blob(data: bytes) -> bytes:
    """Bytes on the stack, of any length."""
    return b"B" + struct.pack("<I", len(data)) + data


def inner(key: Any = "0", n: int = 4, keys: Any = None, count: int | None = None, **changes: Any) -> bytes:
    """A file of torch.save before 2020 that holds one storage of float32 numbers; what is said of it may be wrong."""
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}} | changes.get("system", {})
    kind = changes.get("kind", b"ctorch\nFloatStorage\n")
    storage = b"(" + plain("storage") + kind + plain(key) + plain("cpu") + plain(n) + changes.get("view", b"N") + b"tQ"
    parts = [plain(changes.get("protocol", 1001)), plain(system), changes.get("root", storage)]
    parts.append(plain([key] if keys is None else keys))
    pickles = b"".join(b"\x80\x03" + part + b"." for part in parts)
    numbers = changes.get("numbers", struct.pack("<4f", 1, 2, 3, 4))
    return LEGACY_MAGIC + pickles + struct.pack("<q", n if count is None else count) + numbers


def tensor(shape: Any = (2, 2), stride: Any = (2, 1), offset: Any = 0, stored: bytes | None = None) -> bytes:
    """Operations that make an array of four numbers, which may be impossible."""
    storage = INNER + blob(inner() if stored is None else stored) + b"\x85R"
    return TENSOR + b"(" + storage + plain(offset) + plain(shape) + plain(stride) + b"\x89}tR"


def part(buffer: bytes = b"N", modules: bytes = b"}", kind: str = "class", rest: bytes = b"") -> bytes:
    """Operations that make a part of a network with one buffer "a"."""
    state = b"}(" + plain("_buffers") + b"}" + plain("a") + buffer + b"s" + plain("_modules") + modules + b"u"
    meta = b"}(" + plain("type") + plain(kind) + plain("class_name") + plain("Network") + plain("state") + state + b"u"
    return PART + meta + b"\x85R" + rest


def network(made: bytes) -> bytes:
    """A file whose dictionary has a network under "G_ema"."""
    return PROTO + b"}" + plain("G_ema") + made + b"s."


def called(name: str, argument: bytes = plain(COMMAND)) -> bytes:
    """A file that calls a function, hidden in a buffer of a network."""
    module, _, function = name.rpartition(".")
    return network(part(f"c{module}\n{function}\n".encode() + argument + b"\x85R"))


FUNCTIONS = (
    "os.system",
    "posix.system",
    "nt.system",
    "subprocess.Popen",
    "builtins.eval",
    "builtins.exec",
    "__builtin__.eval",
    "builtins.__import__",
    "builtins.open",
    "builtins.getattr",
    "importlib.import_module",
    "runpy.run_path",
    "pickle.loads",
    "marshal.loads",
    "types.FunctionType",
    "types.CodeType",
    "functools.partial",
    "operator.attrgetter",
    "copyreg._reconstructor",
    "ctypes.CDLL",
    "shutil.rmtree",
    "pathlib.Path",
    "webbrowser.open",
    "sys.setrecursionlimit",
    "socket.create_connection",
    "_codecs.decode",
    "collections.Counter",
    "torch.load",
    "torch.hub.load",
    "torch.storage._StorageBase",
    "torch._utils._rebuild_wrapper_subclass",
    "torch.jit.load",
    "numpy.load",
    "numpy.matrix",
    "numpy.core.multiarray.fromfile",
    "dnnlib.util.open_url",
    "dnnlib.util.call_func_by_name",
    "torch_utils.persistence.persistent_class",
    "torch_utils.persistence._src_to_module",
    "torch_utils.misc.assert_shape",
    "evil._reconstruct_persistent_obj",
    "evil.EasyDict",
    "dnnlib.tflib.network.Network",
    "training.networks.Generator",
    "torch.nn.modules.linear.Linear",
)


def hostile_networks() -> dict[str, Case]:
    """All of them by what is wrong with them."""
    cases = {f"calls {name}": (called(name), name) for name in FUNCTIONS}
    for group in (_ways_to_call(), _inner_files(), _parts(), _arrays(), _numpy(), _shape_of_the_pickle(), _bombs()):
        for name, data, named in group:
            assert name not in cases
            cases[name] = (data, named)
    return cases


def _ways_to_call() -> Iterator[tuple[str, bytes, str]]:
    system, words = b"cos\nsystem\n", plain(COMMAND)
    yield "STACK_GLOBAL", network(part(plain("os") + plain("system") + b"\x93" + words + b"\x85R")), "os.system"
    yield "STACK_GLOBAL of a path", network(part(plain("os") + plain("path.join") + b"\x93")), "os.path.join"
    yield "STACK_GLOBAL of lists", network(part(b"]]\x93")), ""
    remembered = plain("os") + b"\x940" + plain("system") + b"\x940h\x00h\x01\x93"
    yield "STACK_GLOBAL from the memo", network(part(remembered)), "os.system"
    yield "INST", network(part(b"(" + words + b"ios\nsystem\n")), "os.system"
    yield "OBJ", network(part(b"(" + system + words + b"o")), "os.system"
    yield "OBJ of an allowed class", network(part(b"(cdnnlib.util\nEasyDict\no")), "OBJ"
    yield "NEWOBJ", network(part(b"csubprocess\nPopen\n" + words + b"\x85\x81")), "subprocess.Popen"
    yield "NEWOBJ of a function", network(part(PART + b"}\x85\x81")), "_reconstruct_persistent_obj"
    yield "NEWOBJ with arguments", network(part(b"cdnnlib.util\nEasyDict\n" + words + b"\x85\x81")), ""
    yield "NEWOBJ_EX", network(part(b"cdnnlib.util\nEasyDict\n)}\x92")), "NEWOBJ_EX"
    for code, number in ((b"\x82", b"\x01"), (b"\x83", b"\x01\x02"), (b"\x84", b"\x01\x02\x03\x04")):
        yield f"EXT of {len(number)} bytes", network(part(code + number)), f"EXT{len(number)}"
    yield "BUILD of a module's variable", network(part(b"cos\nenviron\n}b")), "os.environ"
    yield "BUILD of a number", network(part(b"K\x01}b")), "__setstate__"
    yield "BUILD of a list", network(part(b"]}b")), "__setstate__"
    yield "REDUCE of a text", network(part(words + b")R")), ""
    yield "REDUCE of a class", network(part(b"cdnnlib.util\nEasyDict\n)R")), "EasyDict"
    yield "REDUCE without a tuple", network(part(PART + b"}R")), ""
    yield "persistent id as text", network(part(b"Pos.system\n")), "PERSID"
    yield "persistent id", network(part(b"(" + plain(("storage", 1)) + b"tQ")), "next to it"
    stored = b"(" + plain("storage") + b"ctorch\nFloatStorage\n" + plain("0") + plain("cpu") + plain(4) + b"tQ"
    yield "persistent id of a storage", network(part(tensor() + b"0" + stored)), "next to it"
    yield "out of band", network(part(b"\x97")), "NEXT_BUFFER"
    yield "read only", network(part(plain(b"a") + b"\x98")), "READONLY_BUFFER"


def _inner_files() -> Iterator[tuple[str, bytes, str]]:
    def holding(data: bytes) -> bytes:
        return network(part(tensor(stored=data)))

    call = b"cos\nsystem\n" + plain(COMMAND) + b"\x85R"
    yield "a call in the inner file", holding(inner(root=call)), "os.system"
    yield "a call in the inner file's system", holding(LEGACY_MAGIC + b"\x80\x03" + call + b"."), "os.system"
    yield "a call in an inner zip", holding(torch_zip(PROTO + call + b".")), "os.system"
    yield "a script in an inner zip", holding(torch_zip(PROTO + plain({"a": 1}) + b".")), ""
    yield "an inner file in an inner file", holding(inner(root=INNER + blob(inner()) + b"\x85R")), "_load_from_bytes"
    yield "an inner file that is a list", holding(inner(root=b"]")), ""
    yield "an inner file of another kind", holding(b"GIF89a" + bytes(100)), ""
    yield "an empty inner file", holding(b""), ""
    yield "an inner file that is a text", network(part(INNER + plain("x") + b"\x85R")), ""
    yield "an inner file without arguments", network(part(INNER + b")R")), ""
    yield "another byte order", holding(inner(system={"little_endian": False})), ""
    yield "another protocol", holding(inner(protocol=1002)), ""
    yield "other keys", holding(inner(keys=["1"])), ""
    yield "more keys", holding(inner(keys=["0", "1"])), ""
    yield "a key that is a path", holding(inner(key="../../x", keys=["../../y"])), ""
    yield "a view of a storage", holding(inner(view=plain(("1", 0, 2)))), ""
    yield "an unknown storage", holding(inner(kind=b"ctorch\nEvilStorage\n")), "EvilStorage"
    yield "another count", holding(inner(count=5)), ""
    yield "a negative count", holding(inner(n=-4)), ""
    yield "a huge count", holding(inner(n=1 << 60)), ""
    yield "missing numbers", holding(inner(numbers=b"\0" * 12)), "larger than its data"
    yield "a long head", holding(inner(system={str(i): i for i in range(400)})), ""
    yield "many operations in a head", holding(LEGACY_MAGIC + b"\x80\x03" + b"N0" * 1000 + b"N."), "too large"
    yield "no number", holding(inner(numbers=struct.pack("<4f", 1, float("nan"), 3, 4))), "NaN"


def _parts() -> Iterator[tuple[str, bytes, str]]:
    yield "no class", network(part(kind="function")), ""
    yield "meta is a list", network(PART + b"]\x85R"), ""
    yield "no meta", network(PART + b")R"), ""
    yield "two metas", network(PART + b"}}\x86R"), ""
    yield "no state", network(PART + plain({"type": "class", "class_name": "A"}) + b"\x85R"), ""
    named = plain({"type": "class", "class_name": 7, "state": {"_modules": {}}})
    yield "a class that is a number", network(PART + named + b"\x85R"), ""
    listed = plain({"type": "class", "class_name": "A", "state": [1]})
    yield "a state that is a list", network(PART + listed + b"\x85R"), ""
    yield "a part that is a text", network(part(modules=plain({"b": "text"}))), "cannot be read"
    yield "a part that is an array", network(part(modules=b"}" + plain("b") + tensor() + b"s")), "cannot be read"
    again = b"\x94" + b"}" + plain("b") + b"h\x00s"
    yield "a part that is its own part", network(_own_part()), "too large"
    yield "no network at all", PROTO + b"}" + again + b".", ""
    yield "networks in a list", PROTO + b"]" + part() + b"a.", "Python pickle"


def _own_part() -> bytes:
    """A part whose parts are filled with itself after it was made."""
    modules = b"}\x94"  # memo 0
    return part(tensor(), modules) + b"\x940h\x00" + plain("again") + b"h\x01s0h\x01"


def _arrays() -> Iterator[tuple[str, bytes, str]]:
    impossible: dict[str, dict[str, Any]] = {
        "huge shape": {"shape": (1 << 40, 1 << 40)},
        "a shape beyond the numbers": {"shape": (3, 3)},
        "a negative size": {"shape": (-2, 2)},
        "sizes that are broken": {"shape": (2.0, 2)},
        "sizes that are truth values": {"shape": (True, True)},
        "sizes that are texts": {"shape": ("2", "2")},
        "a shape that is a list": {"shape": [2, 2]},
        "many axes": {"shape": (1,) * 100, "stride": (1,) * 100},
        "a negative stride": {"stride": (-2, 1)},
        "too few strides": {"stride": (2,)},
        "a huge stride": {"stride": (1 << 60, 1)},
        "a stride beyond the numbers": {"stride": (9, 1)},
        "a negative offset": {"offset": -1},
        "a huge offset": {"offset": 1 << 62},
        "an offset beyond the numbers": {"offset": 3},
        "an offset that is a text": {"offset": "0"},
    }
    for name, values in impossible.items():
        yield name, network(part(tensor(**values))), ""
    storage = plain({"storage": 1})
    yield "an array of a dictionary", network(part(TENSOR + b"(" + storage + b"K\x00)}\x89}tR")), ""
    yield "a parameter of a number", network(part(b"ctorch._utils\n_rebuild_parameter\nK\x01\x88}\x87R")), ""
    yield "a dictionary of a number", network(part(b"ccollections\nOrderedDict\nK\x01\x85R")), ""
    yield "a set of a number", network(part(b"cbuiltins\nset\nK\x01\x85R")), ""


def _numpy() -> Iterator[tuple[str, bytes, str]]:
    empty = NUMPY + b"_reconstruct\n(cnumpy\nndarray\n" + plain((0,)) + plain(b"b") + b"tR"
    f4 = b"cnumpy\ndtype\n" + plain(("f4", False, True)) + b"R" + plain((3, "<", None, None, None, -1, -1, 0)) + b"b"

    def array(shape: Any, dtype: bytes, data: bytes) -> bytes:
        return network(part(empty + b"(K\x01" + plain(shape) + dtype + b"\x89" + data + b"tb"))

    for name, code in (("objects", "O8"), ("records", "V8")):
        dtype = b"cnumpy\ndtype\n" + plain((code, False, True)) + b"R"
        yield f"an array of {name}", array((1,), dtype, b"]"), "numpy.dtype"
    yield "an array of a subclass", network(part(NUMPY + b"_reconstruct\n(cnumpy\nmatrix\n)K\x00tR")), "numpy.matrix"
    yield "an array of a list", array((2,), f4, b"]"), ""
    yield "an array of a text", array((2,), f4, plain("12345678")), ""
    yield "an array of the wrong length", array((3,), f4, plain(b"12345678")), ""
    yield "an array of negative size", array((-2,), f4, plain(b"12345678")), ""
    yield "an array of huge size", array((1 << 62,), f4, plain(b"12345678")), ""
    fields = f4[:-1] + b"0" + plain((3, "<", None, ("a",), {"a": 1}, -1, -1, 0)) + b"b"
    yield "a type with fields", network(part(fields)), ""
    yield "half a number", network(part(NUMPY + b"scalar\n" + f4 + plain(b"12") + b"\x86R")), ""
    yield "a number of a text", network(part(NUMPY + b"scalar\n" + f4 + plain("1234") + b"\x86R")), ""
    yield "bytes by another way", network(part(b"c_codecs\nencode\n" + plain(("x", "zlib")) + b"R")), ""
    yield "bytes beyond Latin", network(part(b"c_codecs\nencode\n" + plain(("\u0400", "latin1")) + b"R")), ""


def _shape_of_the_pickle() -> Iterator[tuple[str, bytes, str]]:
    sound = sound_network()
    yield "nothing behind the header", PROTO, ""
    yield "no STOP", sound[:-1], ""
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
        yield f"cut at {share}", sound[: int(len(sound) * share)], ""
    underflows = {
        "REDUCE": b"R",
        "BUILD": b"b",
        "APPEND": b"a",
        "SETITEM": b"s",
        "TUPLE": b"t",
        "TUPLE3": b"\x87",
        "DUP": b"2",
        "NEWOBJ": b"\x81",
        "STACK_GLOBAL": b"\x93",
        "BINPUT": b"q\x00",
        "MEMOIZE": b"\x94",
        "ADDITEMS": b"\x90",
        "BINPERSID": b"Q",
        "POP": b"0",
        "POP_MARK": b"1",
        "SETITEMS": b"u",
    }
    for name, code in underflows.items():
        yield f"{name} of nothing", PROTO + code + b".", ""
    yield "GET of nothing", PROTO + b"h\x09.", ""
    yield "LONG_BINGET of nothing", PROTO + b"j\xff\xff\xff\xff.", ""
    yield "an unknown operation", PROTO + b"\xff.", ""
    yield "bad UTF-8", PROTO + b"}" + b"\x8c\x03\xff\xfe\xfd" + part(tensor()) + b"s.", ""
    yield "bad UTF-8 in a line", PROTO + b"V\\ud8\n.", ""
    yield "a name of a module without an end", PROTO + b"cos", ""
    yield "a name of a module that is not UTF-8", PROTO + b"c\xff\xfe\nsystem\n.", ""
    yield "a line of 100,000 characters", PROTO + b"c" + b"a" * 100_000 + b"\nb\n.", ""
    yield "a number of 5,000 digits", PROTO + b"I" + b"9" * 5000 + b"\n.", ""
    yield "a number that is none", PROTO + b"F1e\n.", ""
    yield "a text with odd escapes", PROTO + b"S'\\q'\n.", ""
    yield "a key that is a list", PROTO + b"}]]s.", ""
    yield "a key that is a part", PROTO + b"}" + part() + b"Ns.", ""
    yield "an odd number of items", PROTO + b"}(" + plain("a") + b"u.", ""
    yield "an item for a list", PROTO + b"]" + plain("a") + b"Ns.", ""
    yield "APPEND to a dictionary", PROTO + b"}Na.", ""
    yield "ADDITEMS to a dictionary", PROTO + b"}(N\x90.", ""


def _bombs() -> Iterator[tuple[str, bytes, str]]:
    for code, n_length in ((b"B", 4), (b"\x8e", 8), (b"X", 4), (b"\x8d", 8), (b"\x96", 8), (b"\x8b", 4), (b"T", 4)):
        length = (1 << (8 * n_length - 2)).to_bytes(n_length, "little")
        yield f"a length beyond the file ({code!r})", PROTO + code + length + b"x.", "cut short"
    yield "a negative length", PROTO + b"\x8b" + struct.pack("<i", -5) + b".", ""
    lists = b"]\x94" * (MAX_NETWORK_OPERATIONS // 2 + 1)
    yield "more operations than any network has", PROTO + lists + b".", "too large"
    laughs = b"".join(b"](" + (b"h" + bytes([i])) * 9 + b"e\x94" for i in range(200))
    yield "a list of lists of lists", PROTO + b"]\x94" + laughs + b".", "Python pickle"
    yield "nested without end", PROTO + b"]" * 200_000 + b".", "Python pickle"
    yield "nested tuples as a key", PROTO + b"}" + b"(" * 50_000 + b"t" * 50_000 + b"Ns.", ""
    yield "nested text for a name", PROTO + b"]" * 50_000 + b"a" * 49_999 + plain("x") + b"\x93.", ""
    yield "parts of parts of parts", network(_many_parts(30, 2)), "too large"
    yield "a part with many parts", network(_many_parts(2, 300)), "too large"


def _many_parts(depth: int, width: int) -> bytes:
    """Parts that hold the same part many times over, from the memo."""
    made = part(tensor()) + b"\x940"
    for level in range(depth):
        children = b"".join(plain(f"p{i}") + b"j" + struct.pack("<I", level) for i in range(width))
        made += part(modules=b"}(" + children + b"u") + b"\x940"
    return made + b"j" + struct.pack("<I", depth)


def sound_network() -> bytes:
    """What all of them would be if nothing were wrong: one network with one part and two arrays."""
    return network(part(tensor(), b"}" + plain("b") + part(tensor()) + b"s"))


def zip_storage() -> bytes:
    """A file of torch.save of today's format that holds one storage of four numbers, as torch writes it."""
    file = io.BytesIO()
    numbers = torch.tensor([1.0, 2.0, 3.0, 4.0])
    storage = torch.storage.TypedStorage(wrap_storage=numbers.untyped_storage(), dtype=numbers.dtype, _internal=True)
    torch.save(storage, file)
    return file.getvalue()
