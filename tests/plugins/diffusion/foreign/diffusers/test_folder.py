"""Pipeline folders are told what they are without the library that wrote them; hostile ones get a sentence."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.diffusion.foreign.diffusers.folder import read_pipeline
from plugins.diffusion.importers import DiffusersImporter, model_id
from studio.core.container.metadata import is_model_id
from studio.core.error import UserError
from studio.registry.catalog import Catalog
from studio.registry.target import describe
from tests.plugins.diffusion.foreign.diffusers.bare_pipeline import (
    INDEX,
    SCHEDULER,
    UNET,
    VAE,
    WEIGHTS,
    put,
    put_weights,
    write_bare,
)

ROOT = Path(__file__).parents[5]
UNET_FILE = f"unet/{WEIGHTS['unet']}"
SPLIT = "unet/diffusion_pytorch_model.safetensors.index.json"
REPORT = """
import sys
sys.modules["diffusers"] = sys.modules["transformers"] = None
from studio.cli.main import main
sys.argv = ["main.py", "info", sys.argv[1], "--json"]
main()
assert "torch" not in sys.modules, "torch was loaded"
"""


def why_not(folder: Path) -> str:
    report = DiffusersImporter().describe(folder)
    assert not report.opens
    assert report.family == "diffusion"
    return report.why_not


@pytest.mark.long("starts processes of its own")
def test_info_tells_everything_without_the_libraries(tmp_path):
    folder = write_bare(tmp_path / "My Model 1.5")
    done = subprocess.run(
        [sys.executable, "-c", REPORT, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["opens"] is True
    assert report["family"] == "diffusion"
    assert report["architecture"] == "StableDiffusionPipeline"
    assert report["n_params"] == 20
    assert report["dtype"] in ("float16", "float32")
    assert {one["name"] for one in report["tensors"]} == {"unet.a", "vae.b", "text_encoder.c"}
    assert report["metadata"]["width_px"] == report["metadata"]["height_px"] == 16
    assert report["metadata"]["scheduler"] == "DDIMScheduler"


def test_the_index_stands_for_its_folder(tmp_path):
    folder = write_bare(tmp_path / "model")
    catalog = Catalog()
    for path in (folder, folder / "model_index.json"):
        report = describe(path, catalog)
        assert report.opens, report.why_not
        assert report.title == "model"
    assert DiffusersImporter().sniff(folder / "unet" / "config.json") == 0
    assert DiffusersImporter().sniff(tmp_path) == 0


@pytest.mark.parametrize("name", ["Ünï çode", "...", "a" * 300, "CON", "stable-diffusion-v1.5"])
def test_ids_are_ids_whatever_the_folder_is_called(name):
    assert is_model_id(model_id(Path("/models") / name))


def test_weights_may_be_split_into_files(tmp_path):
    folder = write_bare(tmp_path)
    (folder / UNET_FILE).unlink()
    put(folder, SPLIT, {"weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors"}})
    put_weights(folder, "unet/x-1.safetensors", {"a": np.zeros(3, np.float32)})
    assert "missing: “unet/x-2.safetensors”" in why_not(folder)
    put_weights(folder, "unet/x-2.safetensors", {"b": np.zeros(4, np.float32)})
    assert read_pipeline(folder).components["unet"].weights.n_params == 7
    put_weights(folder, "unet/x-2.safetensors", {"a": np.zeros(4, np.float32)})
    assert "in two files" in why_not(folder)


def test_half_precision_files_are_taken_where_there_are_no_others(tmp_path):
    folder = write_bare(tmp_path)
    (folder / UNET_FILE).rename(folder / "unet" / "diffusion_pytorch_model.fp16.safetensors")
    assert read_pipeline(folder).components["unet"].weights.n_params == 10


@pytest.mark.parametrize(
    "name", ["../vae/x.safetensors", "/etc/x.safetensors", "..\\x.safetensors", "C:x.safetensors", "x.bin", ""]
)
def test_an_index_that_points_elsewhere_is_refused(tmp_path, name):
    folder = write_bare(tmp_path)
    (folder / UNET_FILE).unlink()
    put(folder, SPLIT, {"weight_map": {"a": name}})
    assert "outside its folder" in why_not(folder)


@pytest.mark.parametrize("values", [[], {}, {"weight_map": {}}, {"weight_map": {"a": 3}}, {"weight_map": ["a"]}])
def test_an_index_of_the_wrong_kind_is_refused(tmp_path, values):
    folder = write_bare(tmp_path)
    (folder / UNET_FILE).unlink()
    put(folder, SPLIT, values)
    assert "unet/" in why_not(folder)


def test_pickled_weights_are_refused(tmp_path):
    folder = write_bare(tmp_path)
    (folder / UNET_FILE).rename(folder / "unet" / "diffusion_pytorch_model.bin")
    assert "Only safetensors files can be opened" in why_not(folder)


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_a_missing_part_is_named(tmp_path, part):
    folder = write_bare(tmp_path)
    (folder / part / WEIGHTS[part]).unlink()
    assert f"“{part}”" in why_not(folder)
    (folder / part / "config.json").unlink()
    assert why_not(folder)
    (folder / part).rmdir()
    assert why_not(folder)


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    folder = write_bare(tmp_path)
    put_weights(folder, UNET_FILE, {"a": np.full(3, np.nan, np.float32)})
    assert "NaN" in why_not(folder)


def test_a_file_cut_short_is_refused(tmp_path):
    folder = write_bare(tmp_path)
    (folder / UNET_FILE).write_bytes((folder / UNET_FILE).read_bytes()[:-4])
    assert "cut short" in why_not(folder)


def test_a_program_of_its_own_is_never_run(tmp_path):
    folder = write_bare(tmp_path)
    put(folder, "model_index.json", {**INDEX, "unet": ["my_unet", "MyUNet"]})
    assert "never run" in why_not(folder)


@pytest.mark.parametrize(
    ("index", "text"),
    [
        ({"_class_name": "KandinskyPipeline"}, "KandinskyPipeline cannot be opened"),
        ({"_class_name": None}, "does not say"),
        ({"unet": ["diffusers", "FluxTransformer2DModel"]}, "FluxTransformer2DModel"),
        ({"vae": None}, "“vae”"),
        ({"vae": [None, None]}, "“vae”"),
    ],
)
def test_other_pipelines_are_named(tmp_path, index, text):
    folder = write_bare(tmp_path)
    put(folder, "model_index.json", {**INDEX, **index})
    assert text in why_not(folder)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"in_channels": 8}, "another task"),
        ({"sample_size": None}, "how large"),
        ({"sample_size": 10**9}, "impossible size"),
        ({"layers_per_block": 10**5}, "impossible size"),
        ({"transformer_layers_per_block": [1, 10**5]}, "impossible size"),
        ({"block_out_channels": [8] * 1000}, "never ends"),
        ({"num_class_embeds": 10}, "class"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, config, text):
    folder = write_bare(tmp_path)
    put(folder, "unet/config.json", {**UNET, **config})
    assert text in why_not(folder)


@pytest.mark.parametrize(
    "config", [{"block_out_channels": "many"}, {"block_out_channels": [0]}, {"block_out_channels": []}]
)
def test_an_autoencoder_without_sizes_is_refused(tmp_path, config):
    folder = write_bare(tmp_path)
    put(folder, "vae/config.json", {**VAE, **config})
    assert "autoencoder" in why_not(folder)


@pytest.mark.parametrize(
    "values",
    [
        {"_class_name": "FlowMatchEulerDiscreteScheduler"},
        {"_class_name": 3},
        {"prediction_type": "score"},
        {"beta_schedule": "sigmoid"},
        {"num_train_timesteps": 10**9},
        {"num_train_timesteps": True},
        {"beta_end": 7},
        {"trained_betas": [0.1, 2]},
        {"trained_betas": "many"},
        {"timestep_spacing": "odd"},
        {"steps_offset": -1},
        {"set_alpha_to_one": 1},
        {"rescale_betas_zero_snr": True},
    ],
)
def test_a_scheduler_that_is_not_read_here_is_refused(tmp_path, values):
    folder = write_bare(tmp_path)
    put(folder, "scheduler/scheduler_config.json", {**SCHEDULER, **values})
    assert why_not(folder)


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "null", '{"a": NaN}', "[" * 100_000, '{"a": 1, "a": 2}', '"' + "x" * (2 << 20) + '"']
)
@pytest.mark.parametrize("name", ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json"])
def test_broken_json_gets_a_sentence(tmp_path, name, text):
    folder = write_bare(tmp_path)
    (folder / name).write_text(text)
    assert why_not(folder)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = {
    "model_index.json": INDEX,
    "unet/config.json": UNET,
    "vae/config.json": VAE,
    "scheduler/scheduler_config.json": SCHEDULER,
}


@pytest.mark.long("computes for long")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_setting_is_it_opens_or_says_why(tmp_path, data):
    folder = write_bare(tmp_path)
    name = data.draw(st.sampled_from(sorted(KEYS)))
    key = data.draw(st.sampled_from(sorted(KEYS[name])))
    put(folder, name, {**KEYS[name], key: data.draw(JSON)})
    report = DiffusersImporter().describe(folder)
    assert report.opens or report.why_not
    if report.opens:
        assert report.metadata["width_px"] > 0


def test_what_is_no_pipeline_is_left_alone(tmp_path):
    (tmp_path / "model_index.json").mkdir()
    assert DiffusersImporter().sniff(tmp_path) == 0
    with pytest.raises(UserError):
        read_pipeline(tmp_path)


def test_a_loop_of_links_gets_a_sentence(tmp_path):
    folder = write_bare(tmp_path)
    (folder / UNET_FILE).unlink()
    (folder / UNET_FILE).symlink_to(folder / UNET_FILE)
    assert why_not(folder)
