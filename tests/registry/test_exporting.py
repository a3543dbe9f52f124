"""What was exported of a shipped model is drawn from, named and kept; what is broken or cannot be kept leaves torch."""

import subprocess
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from studio.api.engine import Engine, ModelSource
from studio.compute.device import Device
from studio.core.child import child_environment
from studio.nn.exported import NEEDED
from studio.registry.catalog import Catalog
from studio.registry.exported_files import files_of, folder_of_versions
from studio.registry.exporting import export_command, export_parts

for _name in NEEDED:
    pytest.importorskip(_name)

TORCH = Device("cpu", "float32", 1)
QUICK = replace(TORCH, networks="onnxruntime")


@pytest.fixture
def opened() -> Callable[[Device], Engine]:
    """Opens the digits on a device."""
    catalog = Catalog()
    return lambda device: catalog.open_engine(catalog.find_model("vae/digits").source, device)


def _source() -> ModelSource:
    return Catalog().find_model("vae/digits").source


@pytest.mark.long("exports a network in a process of its own")
def test_a_model_is_exported_once_and_drawn_from_after_that(opened) -> None:
    first, source = opened(QUICK), _source()
    assert first.is_to_export
    assert not first.made_by
    old = folder_of_versions().parent / "of other versions"
    old.mkdir(parents=True)
    with subprocess.Popen(export_command(source), env=child_environment(), stdin=subprocess.PIPE) as child:
        assert child.wait() == 0
    assert not old.exists()
    quick, plain = opened(QUICK), opened(TORCH)
    assert not quick.is_to_export
    assert quick.made_by["networks"].startswith("onnxruntime ")
    assert not plain.made_by
    assert not plain.is_to_export
    place = np.zeros((1, quick.n_latent), np.float32)
    drawn, wanted = (one.decode(place) for one in (quick, plain))
    np.testing.assert_allclose(drawn, wanted, atol=1e-5)


def test_a_broken_file_leaves_torch(opened, caplog) -> None:
    (file,) = files_of(_source(), 1)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no network")
    engine = opened(QUICK)
    assert engine.is_to_export
    assert not engine.made_by
    assert "is of no use" in caplog.text


def test_a_home_that_cannot_be_written_to_leaves_torch(opened) -> None:
    folder_of_versions().parent.parent.mkdir(parents=True, exist_ok=True)
    folder_of_versions().parent.write_text("a file where the folder would be")
    engine = opened(QUICK)
    assert engine.is_to_export
    with pytest.raises(OSError, match=r"."):
        export_parts(engine, _source())
