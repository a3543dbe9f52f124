"""Networks that draw one picture at a time, run by ONNX Runtime where it is installed: the extra `onnx`.

torch stays for everything else: more pictures, gradients, other sizes. A file is written by torch's own exporter from
a network that stands here; none of anybody else's is ever opened.
"""

import importlib.metadata
import importlib.util
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

NEEDED: Final = ("onnxruntime", "onnxscript")
LARGEST_ERROR: Final = 1e-5
"""Of the largest number that torch draws; sums are taken in another order."""


@dataclass(frozen=True, eq=False)
class Part:
    """What a network does for one picture: `name` of the method of `owner` and what it is called with, for instance.

    Inputs are tensors, or lists of them, of the only shapes that may come later; outputs are a tensor or a tuple.
    """

    owner: nn.Module
    name: str
    inputs: tuple[Any, ...]


def is_installed() -> bool:
    """Whether ONNX Runtime and what torch exports with can be imported; loads neither."""
    return all(importlib.util.find_spec(name) for name in NEEDED)


def runtime_name() -> str:
    """What a recording says of it: "onnxruntime 1.32.0"."""
    return f"onnxruntime {importlib.metadata.version('onnxruntime')}"


def made_with() -> str:
    """All versions that decide what a file holds and what is drawn with it."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in (*NEEDED, "torch")]
    return ", ".join([*versions, platform.machine()])


class _Method(nn.Module):
    """A method of a network as a network, which is what torch's exporter takes."""

    def __init__(self, part: Part) -> None:
        super().__init__()
        self.owner, self._part = part.owner, part

    def forward(self, *inputs: Any) -> Any:
        return getattr(self.owner, self._part.name)(*inputs)


def export(part: Part, path: Path) -> None:
    """Write what a part computes to a file; takes some ten seconds."""
    whole = _Method(part).eval().requires_grad_(False)
    torch.onnx.export(whole, part.inputs, str(path), dynamo=True, external_data=False, verbose=False)


class Exported:
    """A method as ONNX Runtime computes it, on one thread; calls that it was not exported for go to torch.

    Raises:
        ValueError: it does not draw what torch does.
    """

    def __init__(self, part: Part, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._names = [one.name for one in self._session.get_inputs()]
        self._kinds = [(one.shape, one.dtype) for one in _flat(part.inputs)]
        self._by_torch: Callable[..., Any] = getattr(part.owner, part.name)
        self._compare(part.inputs)

    def __call__(self, *inputs: Any) -> Any:
        """The same as the method."""
        tensors = list(_flat(inputs))
        if torch.is_grad_enabled() or [(one.shape, one.dtype) for one in tensors] != self._kinds:
            return self._by_torch(*inputs)
        return self._computed(tensors)

    def _computed(self, tensors: Sequence[Tensor]) -> Any:
        fed = {name: one.contiguous().numpy() for name, one in zip(self._names, tensors, strict=True)}
        found = tuple(map(torch.from_numpy, self._session.run(None, fed)))
        return found if len(found) > 1 else found[0]

    @torch.no_grad()
    def _compare(self, inputs: Sequence[Any]) -> None:
        wanted, found = _flat([self._by_torch(*inputs)]), _flat([self._computed(list(_flat(inputs)))])
        for one, other in zip(wanted, found, strict=True):
            if one.shape != other.shape or not (one - other).abs().max() <= LARGEST_ERROR * max(
                1.0, float(one.abs().max())
            ):
                raise ValueError("what was exported does not draw what torch does")


def _flat(values: Iterable[Any]) -> Iterable[Tensor]:
    """The tensors in lists of tensors, one after the other."""
    for one in values:
        if isinstance(one, Tensor):
            yield one
        else:
            yield from _flat(one)


def swap_in(parts: Sequence[Part], paths: Sequence[Path]) -> None:
    """Let ONNX Runtime compute all parts of a network, or none: raises ValueError where a file draws something else."""
    ready = [Exported(part, path) for part, path in zip(parts, paths, strict=True)]
    for part, exported in zip(parts, ready, strict=True):
        setattr(part.owner, part.name, exported)
