"""A pipeline folder from the drop to the frames, as the window and the command line open it."""

import json
import shutil

import numpy as np
import pytest

from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.params import DiffusionParams
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.registry.catalog import Catalog
from studio.registry.target import find_opening, understand
from tests.plugins.diffusion.foreign.diffusers.bare_pipeline import UNET, WEIGHTS, put, put_weights, write_bare
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import BETAS, need_libraries, stable_diffusion, write
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import CPU

PARAMS = DiffusionParams(prompt="a red fox", steps=4, guidance=3.0, sampler="ddim")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    need_libraries()
    import diffusers

    root = tmp_path_factory.mktemp("pipeline")
    scheduler = diffusers.DDIMScheduler(clip_sample=False, set_alpha_to_one=False, steps_offset=1, **BETAS)
    return write(stable_diffusion(root / "words", scheduler), root / "My fox model")


@pytest.fixture(scope="module")
def engine(folder):
    engine = DiffusionEngine.open(source_of(folder), CPU)
    yield engine
    engine.close()


def source_of(path):
    opening = result_of(understand(path, Catalog())).opening
    assert opening is not None
    return opening.source


def test_a_dropped_folder_is_opened_in_place(folder):
    understood = result_of(understand(folder, Catalog()))
    opening = understood.opening
    assert opening is not None
    assert understood.recipe_id == ""
    assert opening.title == "My fox model"
    assert opening.source.path == folder
    assert opening.source.id == "diffusion/my-fox-model.folder"
    assert opening.source.card["licence"] == "unknown"
    assert opening.source.card["defaults"] == {"sampler": "ddim", "steps": 25, "guidance": 7.5, "spacing": "even"}
    json.dumps(opening.source.card)
    assert find_opening(str(folder), Catalog()).source.id == opening.source.id


def test_the_hash_is_that_of_what_is_read(folder, tmp_path):
    source = source_of(folder)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    other = source_of(copy)
    assert other.content_hash == source.content_hash
    (copy / "README.md").write_text("cannot be read")
    assert source_of(copy).content_hash == source.content_hash
    scheduler = copy / "scheduler" / "scheduler_config.json"
    scheduler.write_text(scheduler.read_text().replace("0.012", "0.013"))
    assert source_of(copy).content_hash != source.content_hash


def test_frames_show_every_step_and_every_word(engine):
    frames = list(engine.generate(PARAMS))
    assert len(frames) == PARAMS.steps + 1
    assert frames[-1].main_view is not None
    maps = frames[1].views["attention"].values
    assert maps.shape == (3, 8, 8)
    assert np.allclose(maps.sum(0), 1, atol=1e-4)


def test_a_branch_from_a_step_is_the_run_itself(engine):
    frames = list(engine.generate(PARAMS))
    branch = list(engine.generate(PARAMS, frames[2].state))
    assert len(branch) == len(frames) - 2
    assert np.array_equal(branch[-1].main_view.pixels, frames[-1].main_view.pixels)


def test_a_picture_of_one_s_own_comes_back_changed_by_strength(engine):
    picture = np.random.default_rng(1).integers(0, 255, (16, 16, 3), np.uint8)
    known = engine.model.decode(engine.model.encode(picture.astype(np.float32) / 255))
    far = []
    for strength in (0.1, 0.9):
        start = {"picture": picture, "strength": np.array(strength)}
        last = list(engine.generate(PARAMS, start))[-1].main_view.pixels.astype(np.float32) / 255
        far.append(float(np.abs(last[..., :3] - known).mean()))
    assert far[0] < far[1]


def test_a_damaged_folder_gets_a_sentence(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    source = source_of(copy)
    put_weights(copy, f"unet/{WEIGHTS['unet']}", {"conv_in.weight": np.zeros((2, 2), np.float32)})
    with pytest.raises(UserError, match="conv_in"):
        DiffusionEngine.open(source, CPU)
    put_weights(copy, f"unet/{WEIGHTS['unet']}", {"other": np.zeros((2, 2), np.float32)})
    with pytest.raises(UserError, match="missing"):
        DiffusionEngine.open(source, CPU)
    shutil.rmtree(copy)
    with pytest.raises(UserError):
        DiffusionEngine.open(source, CPU)


@pytest.mark.parametrize("config", [{"down_block_types": ["Nonsense"] * 2}, {"norm_num_groups": 0}, {"act_fn": "odd"}])
def test_settings_that_the_library_does_not_take_get_a_sentence(tmp_path, config):
    need_libraries()
    bare = write_bare(tmp_path)
    put(bare, "unet/config.json", {**UNET, **config})
    source = source_of(bare)
    with pytest.raises(UserError, match="unet"):
        DiffusionEngine.open(source, CPU)
