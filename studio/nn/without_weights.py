"""Networks without memory for their weights, to be asked for their shapes and to be given weights that are there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

_DRAWING: Final[frozenset[Callable[..., Any]]] = frozenset((Tensor.normal_, nn.init.normal_))


@contextmanager
def without_weights() -> Iterator[None]:
    """Within it, what is made lies on torch's device "meta", and nothing is drawn for it."""
    with torch.device("meta"), _NothingDrawn():
        yield


class _NothingDrawn(TorchFunctionMode):
    """To draw normal numbers or a unit matrix there, torch would import its compiler: two seconds and 76 MB."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        if func in _DRAWING:
            return args[0] if args else named["tensor"]
        if func is torch.eye:
            return torch.empty(args[0], args[-1])
        return func(*args, **named)
