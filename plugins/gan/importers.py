"""Reads generators of other programs: says what a file is, and makes a source of it that the engine opens.

The source is the foreign file itself; nothing is converted. Its card has the usual keys, and for engine and panel:
    kind: "people". format: STYLEGAN, by which the engine knows how to open it.
    architecture: "StyleGAN2", "StyleGAN3-T" or "StyleGAN3-R". author: whose program wrote it.
    size_px: the side of its pictures. n_classes: 0 where it knows none. n_params: how many numbers it holds.
"""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from studio.api.engine import ModelSource
from studio.api.importer import ReadingImporter, bare_card, foreign_id
from studio.core.container.signature import sniff_format
from studio.core.container.source import open_regular
from studio.core.container.weights.pickle_reader import PickledTensor
from studio.core.container.weights.tensor import TensorInfo
from studio.core.container.weights.torch_weights import open_torch
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import FileReport
from studio.core.translation import N_

if TYPE_CHECKING:
    from .foreign.stylegan.reader import StyleGanFile

STYLEGAN: Final = "stylegan"
_START_BYTES: Final = 1 << 20
_PICKLE_NAMES: Final = (b"_reconstruct_persistent_obj",)
_TORCH_NAMES: Final = (b"convs.0.conv.modulation.weight", b"synthesis.b4.const", b"synthesis.input.freqs")
_LUCIDRAINS_NAMES: Final = (b"GAN", b"G.initial_conv.weight", b"S.net.0.weight", b"to_style1")


class StyleGanImporter(ReadingImporter["StyleGanFile"]):
    """Knows StyleGAN2 and StyleGAN3 of NVIDIA, and StyleGAN2 of rosinality."""

    format, family = STYLEGAN, "gan"
    title = N_("StyleGAN generator")
    suffixes = (".pkl", ".pt", ".pth")

    def sniff(self, path: Path) -> float:
        """Return 0.9 where the start of the file names the parts of a generator."""
        kind, start = _start(path)
        names = {"pickle": _PICKLE_NAMES, "zip": _TORCH_NAMES, "torch-legacy": _TORCH_NAMES}.get(kind, ())
        return 0.9 if any(name in start for name in names) else 0.0

    def read(self, path: Path) -> "StyleGanFile":
        from .foreign.stylegan.reader import describe_stylegan  # with torch, which other files are described without

        return describe_stylegan(path)

    def report(self, path: Path, found: "StyleGanFile") -> FileReport:
        return FileReport(
            STYLEGAN,
            "gan",
            f"{found.architecture}, {found.size_px} x {found.size_px}",
            found.n_params,
            "float32",
            tuple(TensorInfo(name, "float32", shape) for name, shape in found.shapes.items()),
            opens=True,
            title=path.stem,
            metadata={"author": found.author, "size_px": found.size_px, "n_classes": _n_classes(found)},
        )

    def source(self, path: Path, found: "StyleGanFile") -> ModelSource:
        return ModelSource(model_id(path), path, _card(path, found))


class LucidrainsImporter:
    """Knows checkpoints of lucidrains' stylegan2-pytorch well enough to say that they are not read."""

    title = N_("lucidrains checkpoint")
    suffixes = (".pt",)

    def sniff(self, path: Path) -> float:
        """Return 0.9 where the start of the file names the parts of such a network."""
        kind, start = _start(path)
        is_torch = kind in ("zip", "torch-legacy")
        return 0.9 if is_torch and all(name in start for name in _LUCIDRAINS_NAMES) else 0.0

    def describe(self, path: Path) -> FileReport:
        """Say what it is and why it does not open."""
        try:
            with open_torch(path) as file:
                root = file.root
        except UserError as error:
            return FileReport("torch", "gan", why_not=str(error))
        state = root.get("GAN") if isinstance(root, dict) else None
        tensors = [
            TensorInfo(str(name), tensor.dtype, tensor.shape)
            for name, tensor in (state.items() if isinstance(state, dict) else ())
            if isinstance(tensor, PickledTensor)
        ]
        return FileReport(
            "torch",
            "gan",
            "StyleGAN2 of lucidrains",
            sum(tensor.n_elements for tensor in tensors),
            tensors=tuple(tensors),
            why_not=str(_not_read()),
        )

    def load(self, path: Path) -> Generator[Frame, None, ModelSource]:
        """Raise UserError: there is nothing to load."""
        yield Frame(0, 1)
        raise _not_read()


def model_id(path: Path) -> str:
    """An id of this family for a file: its whole name in plain letters, which no model of the list has."""
    return foreign_id("gan", path.stem, path.suffix, "generator")


def _start(path: Path) -> tuple[str, bytes]:
    """What kind of file it is, and its first bytes."""
    if not path.is_file():
        return "", b""
    with open_regular(path) as file:
        start = file.read(_START_BYTES)
    return sniff_format(start), start


def _card(path: Path, found: "StyleGanFile") -> dict[str, Any]:
    return {
        **bare_card(model_id(path), path.stem, task=N_("Pictures")),
        "kind": "people",
        "format": STYLEGAN,
        "architecture": found.architecture,
        "author": found.author,
        "size_px": found.size_px,
        "n_classes": _n_classes(found),
        "n_params": found.n_params,
    }


def _n_classes(found: "StyleGanFile") -> int:
    return found.config.mapping.n_classes


def _not_read() -> UserError:
    return UserError(
        N_(
            "This is a StyleGAN2 from lucidrains’ program, whose layers differ from the original’s, so it cannot "
            "be opened."
        ),
        N_("Generators made by NVIDIA’s and rosinality’s programs can be opened."),
    )
