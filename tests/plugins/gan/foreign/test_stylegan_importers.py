"""Foreign generators from the drop to the picture, as the window and the command line open them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.gan.family import FAMILY
from plugins.gan.foreign.stylegan.generator import StyleGanGenerator, open_stylegan
from plugins.gan.importers import LucidrainsImporter, StyleGanImporter, model_id
from studio.api.engine import Device
from studio.core.container.metadata import is_model_id
from studio.core.pausing import result_of
from studio.core.view import Image
from studio.registry.catalog import Catalog
from studio.registry.target import describe, understand

from .stylegan_made import THREE, TWO, made, nvidia_pickle, rosinality_state, torch_bytes


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def lucidrains_bytes() -> bytes:
    state = {
        "S.net.0.weight": torch.zeros(4, 4),
        "G.initial_block": torch.zeros(1, 4, 4, 4),
        "G.initial_conv.weight": torch.zeros(4, 4, 3, 3),
        "G.blocks.0.to_style1.weight": torch.zeros(4, 4),
    }
    return torch_bytes({"GAN": state, "version": "1.8.9"})


def files() -> dict[str, bytes]:
    return {
        "two.pkl": nvidia_pickle(made(TWO)),
        "three.pkl": nvidia_pickle(made(THREE)),
        "rosinality.pt": torch_bytes({"g_ema": rosinality_state(made(TWO)), "latent_avg": torch.zeros(24)}),
        "old.pt": torch_bytes({"g_ema": rosinality_state(made(TWO))}, is_legacy=True),
        "state.pth": torch_bytes({"G_ema": made(THREE).state_dict()}),
    }


@pytest.mark.parametrize("name", ["two.pkl", "three.pkl", "rosinality.pt", "old.pt", "state.pth"])
def test_a_dropped_file_opens_and_is_drawn(tmp_path: Path, catalog: Catalog, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(files()[name])
    understood = result_of(understand(path, catalog))
    assert understood.report.opens
    assert understood.report.family == "gan"
    assert understood.report.warnings == ()
    assert understood.opening is not None
    source = understood.opening.source
    json.dumps(source.card)
    assert source.card["kind"] in FAMILY.kinds
    size_px = source.card["size_px"]
    assert (source.card["format"], source.card["n_classes"]) == ("stylegan", 0)
    assert size_px == (32 if name in ("three.pkl", "state.pth") else 64)
    generator = open_stylegan(source, Device("cpu", "float32", 1))
    assert generator.synthesis(torch.zeros(1, generator.n_layers, 24)).shape == (1, 3, size_px, size_px)


def test_a_pickle_draws_the_network_it_was_made_of(tmp_path: Path, catalog: Catalog) -> None:
    network = made(TWO)
    path = tmp_path / "mine.pkl"
    path.write_bytes(nvidia_pickle(network))
    opening = result_of(understand(path, catalog)).opening
    assert opening is not None
    found = open_stylegan(opening.source, Device("cpu", "float32", 1))
    ours = StyleGanGenerator(network)
    w = ours.mapping(torch.randn(2, 16, generator=torch.Generator().manual_seed(7)))
    rows = ours.mean_w().lerp(w, 0.7)[:, None].expand(-1, 10, -1)
    assert torch.equal(found.synthesis(rows), ours.synthesis(rows))


def test_info_says_what_it_is(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "renamed.png"
    path.write_bytes(nvidia_pickle(made(THREE)))
    report = describe(path, catalog)
    assert report.opens
    assert report.architecture == "StyleGAN3-T, 32 x 32"
    assert report.metadata == {"author": "NVIDIA", "size_px": 32, "n_classes": 0}
    assert report.n_params == sum(value.numel() for value in made(THREE).state_dict().values())
    assert any(tensor.name == "synthesis.input.freqs" for tensor in report.tensors)
    assert json.loads(json.dumps(report.to_json()))["format"] == "stylegan"


def test_files_of_lucidrains_are_named_but_not_opened(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "model_12.pt"
    path.write_bytes(lucidrains_bytes())
    report = describe(path, catalog)
    assert not report.opens
    assert "lucidrains" in report.why_not
    assert report.architecture == "StyleGAN2 of lucidrains"
    assert report.n_params == 16 + 64 + 144 + 16
    assert result_of(understand(path, catalog)).opening is None


def test_what_does_not_open_says_why(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(nvidia_pickle(made(TWO), attributes={"synthesis.b8.conv0": {"activation": "swish"}}))
    report = describe(path, catalog)
    assert not report.opens
    assert "activation" in report.why_not
    assert result_of(understand(path, catalog)).opening is None


def test_files_of_others_are_left_to_others(tmp_path: Path) -> None:
    contents: dict[str, Any] = {
        "noise": np.random.default_rng(0).bytes(5000),
        "empty": b"",
        "text": b"_reconstruct_persistent_obj synthesis.b4.const S.net.0.weight",
        "weights": torch_bytes({"state_dict": {"a": torch.ones(2)}}),
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert StyleGanImporter().sniff(path) == LucidrainsImporter().sniff(path) == 0
    assert StyleGanImporter().sniff(tmp_path) == 0


@pytest.mark.parametrize("name", ["Ffhq Ä.pkl", "…", ".pkl", "a" * 200 + ".pt", "..", "x/../y.pkl", "ABC"])
def test_every_name_makes_an_id(name: str) -> None:
    assert is_model_id(model_id(Path(name)))


@pytest.mark.parametrize("name", ["two.pkl", "three.pkl"])
def test_the_engine_draws_what_the_generator_draws(tmp_path: Path, catalog: Catalog, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(files()[name])
    source = result_of(StyleGanImporter().load(path))
    engine = catalog.open_engine(source, Device("cpu", "float32", 1))
    params = catalog.params_class(source)(seed=3, truncation=0.0)
    shown, same = (view for _ in range(2) for view in list(engine.generate(params))[-1].views.values())
    assert isinstance(shown, Image)
    assert isinstance(same, Image)
    np.testing.assert_array_equal(shown.pixels, same.pixels)
    generator = open_stylegan(source, Device("cpu", "float32", 1))
    mean = generator.synthesis(generator.mean_w().expand(1, generator.n_layers, -1))[0]
    wanted = ((mean.clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).numpy()
    assert np.abs(shown.pixels.astype(np.float32) - wanted).max() <= 1
    engine.close()
