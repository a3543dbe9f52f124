"""Finds and checks the weights in a folder as Hugging Face's libraries write them: one file, or several with an index.

A folder comes from anywhere: names in an index are names of files beside it and nothing else, sizes are bounded before
anything is read, and weights are safetensors, or numbers that are read out of a pickle without running it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from studio.core.container.json_text import parse_json
from studio.core.container.source import is_file, open_regular, printable
from studio.core.container.weights.pickle_reader import walk_tensors
from studio.core.container.weights.safetensors_file import read_safetensors
from studio.core.container.weights.tensor import NumberCheck, TensorInfo
from studio.core.container.weights.torch_weights import open_torch
from studio.core.error import UserError
from studio.core.translation import N_

MAX_CONFIG_BYTES: Final = 1 << 20
MAX_INDEX_BYTES: Final = 4 << 20
MAX_SHARDS: Final = 256
PICKLED: Final = "pytorch_model.bin"
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".onnx", ".h5")
T = TypeVar("T")


@dataclass(frozen=True)
class WeightFiles:
    """The weights of one network.

    Attributes:
        paths: the files, more than one where the weights are split.
        tensors: what their headers say, in the order of the files.
        warnings: sentences about what could not be checked.
        owners: the file of each array, by its name.
    """

    paths: tuple[Path, ...]
    tensors: tuple[TensorInfo, ...]
    warnings: tuple[str, ...] = ()
    owners: Mapping[str, Path] = field(default_factory=dict)

    @property
    def n_params(self) -> int:
        """How many numbers they hold."""
        return sum(one.n_elements for one in self.tensors)

    @property
    def dtype(self) -> str:
        """The type of most of their numbers."""
        counts: Counter[str] = Counter()
        for tensor in self.tensors:
            counts[tensor.dtype] += tensor.n_elements
        return counts.most_common(1)[0][0] if counts else "float32"


def read_object(path: Path, max_bytes: int = MAX_CONFIG_BYTES, max_tokens: int = 300_000) -> dict[str, Any]:
    """The table in a JSON file; raises UserError where it is missing, too large or none."""
    with open_regular(path) as file:
        values = in_file(path, lambda: parse_json(file.read(max_bytes + 1), max_bytes, max_tokens, takes_infinity=True))
    if not isinstance(values, dict):
        raise UserError(N_("“{name}” does not contain a table of settings.").format(name=label(path)))
    return values


def find_weights(folder: Path, stem: str) -> tuple[Path, ...]:
    """The safetensors files of a network whose weights are called `stem`; raises UserError where there are none."""
    for variant in ("", ".fp16"):
        single = folder / f"{stem}{variant}.safetensors"
        if is_file(single):
            return (single,)
        for index in (f"{stem}.safetensors.index{variant}.json", f"{stem}{variant}.safetensors.index.json"):
            if is_file(folder / index):
                return _shards(folder / index)
    raise _without_weights(folder)


def read_arrays(folder: Path, check: Callable[[], NumberCheck] = NumberCheck) -> WeightFiles:
    """The model's files in a folder: safetensors, else `PICKLED`, of which only the numbers are read.

    `check` is that of `read_weights`.

    Raises UserError where there are none, or one is missing or broken.
    """
    has_tensors = any(is_file(folder / f"model.safetensors{end}") for end in ("", ".index.json"))
    if is_file(folder / PICKLED) and not has_tensors:
        return _pickled(folder / PICKLED)
    return read_weights(find_weights(folder, "model"), check)


def _pickled(path: Path) -> WeightFiles:
    def look() -> tuple[TensorInfo, ...]:
        with open_torch(path) as weights:
            return tuple(TensorInfo(name, one.dtype, one.shape) for name, one in walk_tensors(weights.root))

    tensors = in_file(path, look)
    return WeightFiles((path,), tensors, (), {one.name: path for one in tensors})


def read_weights(paths: tuple[Path, ...], check: Callable[[], NumberCheck] = NumberCheck) -> WeightFiles:
    """Check every file as any other of its kind; raises UserError where one is broken or an array comes twice.

    Args:
        check: makes the look for values that are no numbers, of which each file gets one; one for all files makes
            them share its budget.
    """
    tensors: list[TensorInfo] = []
    warnings: list[str] = []
    owners: dict[str, Path] = {}
    for path in paths:
        with open_regular(path) as file:
            contents = in_file(path, lambda: read_safetensors(file, check()))
        tensors += contents.tensors
        warnings += contents.warnings
        owners |= {one.name: path for one in contents.tensors}
    twice = [name for name, count in Counter(one.name for one in tensors).items() if count > 1]
    if twice:
        raise UserError(N_("The array “{name}” is in two files of this model.").format(name=twice[0]))
    return WeightFiles(paths, tuple(tensors), tuple(dict.fromkeys(warnings)), owners)


def label(path: Path) -> str:
    """A file's name with its folder's, fit to be shown."""
    return printable(f"{path.parent.name}/{path.name}")


def in_file(path: Path, read: Callable[[], T]) -> T:
    """What `read()` returns; its failures name the file."""
    try:
        return read()
    except UserError as error:
        raise UserError(f"{label(path)}: {error.title}", error.what_to_do) from error


def _shards(index: Path) -> tuple[Path, ...]:
    """The files that an index names: each a plain name beside it."""
    table = read_object(index, MAX_INDEX_BYTES).get("weight_map")
    if not isinstance(table, dict) or not table or not all(isinstance(name, str) for name in table.values()):
        raise UserError(N_("“{name}” does not say where the weights are.").format(name=label(index)))
    names = sorted(set(table.values()))
    if len(names) > MAX_SHARDS:
        raise UserError(N_("“{name}” lists too many files.").format(name=label(index)))
    for name in names:
        if not _is_plain(name):
            raise UserError(
                N_("“{index}” lists a file outside its folder (“{name}”), so nothing is read.").format(
                    index=label(index), name=printable(name)
                )
            )
        if not is_file(index.parent / name):
            raise UserError(
                N_("A part of the weights is missing: “{name}”.").format(name=label(index.parent / name)),
                N_("Copy or download the folder again."),
            )
    return tuple(index.parent / name for name in names)


def _is_plain(name: str) -> bool:
    return name.endswith(".safetensors") and not name.startswith(".") and not any(one in name for one in '/\\:\0"')


def _without_weights(folder: Path) -> UserError:
    name = printable(folder.name)
    try:
        others = any(path.suffix in _PICKLES for path in folder.iterdir())
    except OSError:
        others = False
    if others:
        return UserError(
            N_("The weights in “{name}” are stored in a format that can run programs.").format(name=name),
            N_("Only safetensors files can be opened: save the model again with safe_serialization=True."),
        )
    return UserError(N_("There are no weights in the folder “{name}”.").format(name=name))
