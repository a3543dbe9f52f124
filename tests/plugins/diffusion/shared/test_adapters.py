"""What a parameter says about adapters is read back as it was, or refused in a sentence."""

from pathlib import Path

import pytest

from plugins.diffusion.shared.adapters import Adapter, adapters_of, text_of
from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.params import DiffusionParams
from studio.api.engine import ModelSource
from studio.core.error import UserError
from tests.plugins.diffusion.tiny_model import TinyModel


def test_it_is_read_as_it_was_written():
    adapters = (Adapter(Path("/a b/me @ home.safetensors"), -0.25), Adapter(Path("x.safetensors"), 2.0, is_on=False))
    assert adapters_of(text_of(adapters)) == adapters
    assert adapters_of("\n  \n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "x.safetensors",
        "x @ 3",
        "x @ nan",
        "@ 1",
        "x @ 1 on",
        "//there/x @ 1",
        "\\\\there\\x @ 1",
        "x\0 @ 1",
        "x" * 2000,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(UserError, match="does not say which adapter"):
        adapters_of(text)


def test_there_are_not_too_many():
    with pytest.raises(UserError, match="at most 8"):
        adapters_of("a @ 1\n" * 9)


def test_a_model_of_our_own_takes_none():
    engine = DiffusionEngine(ModelSource("diffusion/tiny", Path(__file__), {}), TinyModel())
    with pytest.raises(UserError, match="takes no adapters"):
        next(iter(engine.moments(DiffusionParams(adapters="a @ 1"))))
    with pytest.raises(UserError, match="takes no adapters"):
        engine.check_adapter(Path("a"))
