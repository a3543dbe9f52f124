"""The arrays of a network's files by the names that today's libraries have for them."""

from collections.abc import Iterator, Mapping
from typing import Final

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from .checkpoint import renamed
from .described import Component

# What attention was called in files from before diffusers 0.14.
_OLD_NAMES: Final = {
    ".query.": ".to_q.",
    ".key.": ".to_k.",
    ".value.": ".to_v.",
    ".proj_attn.": ".to_out.0.",
}
_TEXT: Final = "text_model."
_T5_SHARED, _T5_TIED = "shared.weight", "encoder.embed_tokens.weight"
"""One table of tokens by two names, of which files hold the first."""


def stored(component: Component, module: nn.Module) -> dict[str, Tensor]:
    """Its weights where they go in the module; raises UserError where they are not those of one like it."""
    arrays = _read(component)
    if component.prefix:
        arrays = _renamed(component, arrays, module)
    found = {place: arrays[name] for name, place in _places(component, module, arrays).items()}
    return found | {_T5_TIED: found[_T5_SHARED]} if _T5_SHARED in found else found


def _renamed(component: Component, arrays: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    try:
        return renamed(component, arrays, module)
    except Exception as error:  # the library stops in many ways where an array is missing
        raise _incomplete(component.name, 1, printable(str(error))) from error


def _places(component: Component, module: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, str]:
    """Where each array of the files goes in the module; raises UserError where they are not its weights."""
    expected = {name: tuple(one.shape) for name, one in module.state_dict().items()}
    places: dict[str, str] = {}
    for stored, tensor in arrays.items():
        shape = tuple(tensor.shape)
        place = next((name for name in _spellings(stored) if name in expected), None)
        if place is None:
            continue  # such as the numbers of positions, which old files hold
        if _squeezed(expected[place]) != _squeezed(shape):
            raise UserError(
                N_("“{name}” of “{part}” has the shape {found}, but {wanted} was expected.").format(
                    name=stored, part=component.name, found=shape, wanted=expected[place]
                )
            )
        places[stored] = place
    missing = sorted(set(expected) - set(places.values()) - {_T5_TIED})
    if missing:
        raise _incomplete(component.name, len(missing), missing[0])
    return places


def _incomplete(part: str, n_missing: int, name: str) -> UserError:
    return UserError(
        N_("{n} arrays of “{part}” are missing, such as “{name}”.").format(n=n_missing, part=part, name=name),
        N_("The weights belong to another model, or the folder is incomplete."),
    )


def _spellings(name: str) -> Iterator[str]:
    """The names that an array may have in today's libraries."""
    for old, new in _OLD_NAMES.items():
        if ".attentions." in name and old in name:
            yield name.replace(old, new)
    yield name
    yield name.removeprefix(_TEXT)
    yield _TEXT + name


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A 1 x 1 convolution and a matrix hold the same."""
    return shape[:2] if len(shape) == 4 and shape[2:] == (1, 1) else shape


def _read(component: Component) -> dict[str, Tensor]:
    """Its arrays by their names; their numbers stay in the files until they are looked at."""
    found: dict[str, Tensor] = {}
    for path in component.weights.paths:
        try:
            with safe_open(path, framework="pt") as file:
                names = [name for name in file.keys() if name.startswith(component.prefix)]  # noqa: SIM118 - no mapping
                found |= {printable(name): file.get_tensor(name) for name in names}
        except (SafetensorError, OSError) as error:
            raise UserError(N_("“{name}” cannot be read.").format(name=printable(path.name))) from error
    return found
