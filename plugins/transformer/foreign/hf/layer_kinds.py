"""Reads from a Hugging Face config.json which layers look back over a window, turn no positions, or have no experts."""

from collections.abc import Callable
from typing import Any, Final

from studio.core.container.json_settings import Settings

from ...text.model.config import MAX_LAYERS

Sizes = dict[str, Any]
Usual = Callable[[Settings, int], list[str]]
_SLIDING: Final = "sliding_attention"
_FULL: Final = "full_attention"
_LAYERS: Final = ("n_layer", "n_layers", "num_layers", "num_hidden_layers")


def n_layers(settings: Settings) -> int:
    """How many layers; bounded before a list is made for them."""
    name = given(settings, _LAYERS)
    count = settings.integer(name)
    if count > MAX_LAYERS:
        raise settings.wrong(name)
    return count


def given(settings: Settings, names: tuple[str, ...]) -> str:
    """The name that the file has among those that mean the same, the last where it has none."""
    return next((name for name in names if settings.has(name)), names[-1])


def every(_: Settings, count: int) -> list[str]:
    """A window in all layers."""
    return [_SLIDING] * count


def patterned(name: str, default: int) -> Usual:
    """No window in every so manieth layer, as a setting says."""

    def kinds(settings: Settings, count: int) -> list[str]:
        period = settings.integer(name, default)
        return [_SLIDING if (layer + 1) % period else _FULL for layer in range(count)]

    return kinds


def late(settings: Settings, count: int) -> list[str]:
    """Qwen's: a window from some layer on."""
    first = settings.integer("max_window_layers", 28)
    return [_SLIDING if layer >= first else _FULL for layer in range(count)]


def early(settings: Settings, count: int) -> list[str]:
    """That of Qwen's experts: a window in every other layer up to some layer."""
    first = settings.integer("max_window_layers", 28)
    return [_FULL if layer % 2 or layer >= first else _SLIDING for layer in range(count)]


def windows(usual: Usual, missing: int = 0) -> Callable[[Settings], Sizes]:
    """Reads the layers that look back over a window only.

    Args:
        usual: says it of each where the file does not.
        missing: the width where the file has none; null is none at all.
    """

    def read(settings: Settings) -> Sizes:
        width = settings.integer("sliding_window", 0 if "sliding_window" in settings.values else missing)
        return {"sliding_window": width, "sliding_layers": _sliding(settings, usual)} if width else {}

    return read


def _sliding(settings: Settings, usual: Usual) -> tuple[int, ...]:
    count = n_layers(settings)
    kinds = list(settings.texts("layer_types")) or usual(settings, count)
    if set(kinds) - {_SLIDING, _FULL} or len(kinds) != count:
        raise settings.wrong("layer_types")
    return tuple(layer for layer, kind in enumerate(kinds) if kind == _SLIDING)


def wanted_windows(usual: Usual) -> Callable[[Settings], Sizes]:
    """The same where "use_sliding_window" must ask for them."""
    read = windows(usual, 4096)
    return lambda settings: read(settings) if settings.flag("use_sliding_window", False) else {}


def turned_windows(usual: Usual, missing: int) -> Callable[[Settings], Sizes]:
    """Windows of Cohere 2, whose other layers turn no positions."""

    def read(settings: Settings) -> Sizes:
        sliding = _sliding(settings, usual)
        return windows(usual, missing)(settings) | {"unturned_layers": _others(settings, sliding)}

    return read


def smollm3_layers(settings: Settings) -> Sizes:
    """Every so manieth layer turns no positions; these are the ones with a window where there is any."""
    count = n_layers(settings)
    period = settings.integer("no_rope_layer_interval", 4)
    turned = settings.integers("no_rope_layers") or tuple((layer + 1) % period for layer in range(count))
    if len(turned) < count:
        raise settings.wrong("no_rope_layers")
    unturned = tuple(layer for layer in range(count) if not turned[layer])
    usual = [_SLIDING if layer in unturned else _FULL for layer in range(count)]
    return wanted_windows(lambda *_: usual)(settings) | {"unturned_layers": unturned}


def gpt_neo_layers(settings: Settings) -> Sizes:
    """Global and local layers, named one by one or as a pattern with how often it comes."""
    count = n_layers(settings)
    kinds = list(settings.texts("attention_layers")) or _expanded(settings, count)
    if len(kinds) != count or any(kind not in ("global", "local") for kind in kinds):
        raise settings.wrong("attention_types")
    local = tuple(layer for layer, kind in enumerate(kinds) if kind == "local")
    return {"sliding_window": settings.integer("window_size", 256), "sliding_layers": local}


def _expanded(settings: Settings, count: int) -> list[Any]:
    patterns = settings.values.get("attention_types", [[["global", "local"], count // 2]])
    kinds: list[Any] = []
    for pattern in patterns if isinstance(patterns, list) else ():
        match pattern:
            case [list() as names, int() as times] if times <= count:
                kinds += names * times
            case _:
                raise settings.wrong("attention_types")
    return kinds


def sparse(read: Callable[[Settings], Sizes]) -> Callable[[Settings], Sizes]:
    """The same, and the layers that have one MLP for all tokens instead of Qwen's experts."""

    def both(settings: Settings) -> Sizes:
        period, dense = settings.integer("decoder_sparse_step", 1), settings.integers("mlp_only_layers")
        layers = range(n_layers(settings))
        return read(settings) | {"dense_layers": tuple(at for at in layers if at in dense or (at + 1) % period)}

    return both


def _others(settings: Settings, layers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(layer for layer in range(n_layers(settings)) if layer not in layers)
