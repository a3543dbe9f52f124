"""Finds the weights of a component of a pipeline folder and reads what their headers say, without running anything.

A folder comes from anywhere: names in an index are names of files beside it and nothing else, sizes are bounded before
anything is read, and weights are safetensors or nothing.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.core.container.json_text import parse_json
from studio.core.container.safetensors_file import read_safetensors
from studio.core.container.source import is_file, is_folder, open_regular, printable
from studio.core.container.tensor import ITEM_BYTES, TensorInfo
from studio.core.error import UserError
from studio.core.text import N_

MAX_CONFIG_BYTES: Final = 1 << 20
MAX_INDEX_BYTES: Final = 4 << 20
MAX_SHARDS: Final = 64
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".onnx")


@dataclass(frozen=True)
class WeightFiles:
    """The weights of one component.

    Attributes:
        paths: the files, more than one where the weights are split.
        tensors: what their headers say, in the order of the files.
        warnings: sentences about what could not be checked.
    """

    paths: tuple[Path, ...]
    tensors: tuple[TensorInfo, ...]
    warnings: tuple[str, ...] = ()

    @property
    def n_params(self) -> int:
        """How many numbers they hold."""
        return sum(one.n_elements for one in self.tensors)

    @property
    def stored_bytes(self) -> int:
        """How large they are as they are stored."""
        return sum(one.n_elements * ITEM_BYTES[one.dtype] for one in self.tensors)


def read_object(path: Path, max_bytes: int = MAX_CONFIG_BYTES, max_tokens: int = 300_000) -> dict[str, Any]:
    """The table in a JSON file; raises UserError where it is missing, too large or none."""
    with open_regular(path) as file:
        values = _in_file(path, lambda: parse_json(file.read(max_bytes + 1), max_bytes, max_tokens))
    if not isinstance(values, dict):
        raise UserError(N_("“{name}” does not hold a table of settings.").format(name=_label(path)))
    return values


def find_weights(folder: Path, stem: str) -> tuple[Path, ...]:
    """The safetensors files of a component whose weights are called `stem`; raises UserError where there are none."""
    if not is_folder(folder):
        raise UserError(N_("The folder “{name}” of this pipeline is missing.").format(name=printable(folder.name)))
    for variant in ("", ".fp16"):
        single = folder / f"{stem}{variant}.safetensors"
        if is_file(single):
            return (single,)
        for index in (f"{stem}.safetensors.index{variant}.json", f"{stem}{variant}.safetensors.index.json"):
            if is_file(folder / index):
                return _shards(folder / index)
    raise _without_weights(folder)


def read_weights(paths: tuple[Path, ...]) -> WeightFiles:
    """Check every file as any other of its kind; raises UserError where one is broken or an array comes twice."""
    tensors: list[TensorInfo] = []
    warnings: list[str] = []
    for path in paths:
        with open_regular(path) as file:
            contents = _in_file(path, lambda: read_safetensors(file))
        tensors += contents.tensors
        warnings += contents.warnings
    twice = [name for name, count in Counter(one.name for one in tensors).items() if count > 1]
    if twice:
        raise UserError(N_("The array “{name}” is in two files of this pipeline.").format(name=twice[0]))
    return WeightFiles(paths, tuple(tensors), tuple(dict.fromkeys(warnings)))


def _shards(index: Path) -> tuple[Path, ...]:
    """The files that an index names: each a plain name beside it."""
    table = read_object(index, MAX_INDEX_BYTES).get("weight_map")
    if not isinstance(table, dict) or not table or not all(isinstance(name, str) for name in table.values()):
        raise UserError(N_("“{name}” does not say where the weights lie.").format(name=_label(index)))
    names = sorted(set(table.values()))
    if len(names) > MAX_SHARDS:
        raise UserError(N_("“{name}” names too many files.").format(name=_label(index)))
    for name in names:
        if not _is_plain(name):
            raise UserError(
                N_("“{index}” names a file outside its folder (“{name}”), so nothing is read.").format(
                    index=_label(index), name=printable(name)
                )
            )
        if not is_file(index.parent / name):
            raise UserError(
                N_("A part of the weights is missing: “{name}”.").format(name=_label(index.parent / name)),
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
            N_("Only safetensors files are opened: save the pipeline again with safe_serialization=True."),
        )
    return UserError(N_("There are no weights in the folder “{name}”.").format(name=name))


def _in_file(path: Path, read: Any) -> Any:
    """What `read()` returns; its failures name the file."""
    try:
        return read()
    except UserError as error:
        raise UserError(f"{_label(path)}: {error.title}", error.what_to_do) from error


def _label(path: Path) -> str:
    return printable(f"{path.parent.name}/{path.name}")
