"""LoRA files on a pipeline give what the library's own pipeline gives with them, and go without a trace."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from plugins.diffusion.foreign.lora.merging import _joined_spellings, live_weights
from plugins.diffusion.shared.adapters import Adapter, adapters_of
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.position import conditioning_of
from plugins.diffusion.shared.params import DiffusionParams
from studio.core.error import UserError
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import (
    BETAS,
    need_libraries,
    stable_diffusion,
    stable_diffusion_xl,
    write,
)
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import PROMPT, furthest, latents_of, noise, opened, walked
from tests.plugins.diffusion.foreign.lora.made_lora import as_kohya, weaken, write_lora

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4
STRENGTH = 0.7
PLAIN = {"clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1, **BETAS}


def made_case(folder: Path, maker):
    """Our model of a pipeline, an adapter for it, and what the library's pipeline ends with under it."""
    need_libraries()
    pytest.importorskip("peft", reason="PEFT, which writes the files, is not installed")
    import diffusers

    pipeline = maker(folder / "words", diffusers.DDIMScheduler(**PLAIN))
    model = opened(write(pipeline, folder / "sd"))
    path = write_lora(pipeline, folder / "lora")
    weaken(pipeline, STRENGTH)
    return model, path, latents_of(pipeline, noise(model), 4.0)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return made_case(tmp_path_factory.mktemp("lora"), stable_diffusion)


def ended(model, *adapters):
    return walked(model.wearing(adapters), "ddim", PROMPT, guidance=Guidance(4.0))[-1].x


def test_merged_is_what_the_library_applies(case):
    model, path, theirs = case
    plain = ended(model)
    assert furthest(ended(model, Adapter(path, STRENGTH)), theirs) < TOLERANCE
    assert furthest(plain, theirs) > 100 * TOLERANCE


def test_the_names_of_kohya_mean_the_same(case):
    model, path, theirs = case
    assert furthest(ended(model, Adapter(as_kohya(path), STRENGTH)), theirs) < TOLERANCE


@pytest.mark.long("computes for long")
def test_the_larger_pipeline_wears_them_too(tmp_path):
    model, path, theirs = made_case(tmp_path, stable_diffusion_xl)
    assert furthest(ended(model, Adapter(path, STRENGTH)), theirs) < TOLERANCE


def test_what_is_off_or_taken_away_leaves_no_trace(case):
    model, path, _ = case
    plain = ended(model)
    worn = ended(model, Adapter(path, STRENGTH))
    assert torch.equal(ended(model, Adapter(path, 1.0, is_on=False)), plain)
    assert torch.equal(ended(model, Adapter(path, 0.0)), plain)
    assert torch.equal(ended(model, Adapter(path, STRENGTH)), worn)


def test_directions_between_texts_are_kept_until_other_adapters_are_worn(case, monkeypatch):
    model, path, _ = case
    read, found, embed = [], [], type(model).embed

    def embed_and_note(self, *texts):
        read.append(texts[0])
        return embed(self, *texts)

    monkeypatch.setattr(type(model), "embed", embed_and_note)
    for adapters in ("", f"{path} @ 0.7", f"{path} @ 0.7 off", f"{path} @ 0.7"):
        for strength in (10, 20):
            params = DiffusionParams(prompt=PROMPT, steer=f'+{strength} "fox" - "b"', adapters=adapters)
            found.append(conditioning_of(model.wearing(adapters_of(adapters)), params).arrays["context"])
    assert [text for text in read if text != PROMPT] == ["fox", "b"] * 2
    plain = model.embed(PROMPT).arrays["context"]
    np.testing.assert_allclose(found[1] - plain, 2 * (found[0] - plain), atol=1e-5)
    pushed = np.linalg.norm(found[0] - plain, axis=1)
    length = np.median(np.linalg.norm(plain[pushed > 0], axis=1))
    np.testing.assert_allclose(pushed[pushed > 0], 0.1 * length, rtol=1e-4)
    assert pushed[0] == pushed[-1] == 0  # where a prompt starts and what fills it up


def test_halves_of_a_strength_add_up(case):
    model, path, theirs = case
    other = as_kohya(path)
    assert furthest(ended(model, Adapter(path, STRENGTH - 0.3), Adapter(other, 0.3)), theirs) < TOLERANCE


def test_runs_with_and_without_go_on_side_by_side(case):
    """Both share one memory; whoever is asked has its own weights."""
    model, path, _ = case
    x, worn = noise(model), model.wearing((Adapter(path, STRENGTH),))
    alone = [one.denoiser(one.embed(PROMPT), Guidance(3.0))(x, 500.0).x0 for one in (model, worn)]
    asked = [one.denoiser(one.embed(PROMPT), Guidance(3.0)) for one in (model, worn)]
    for _ in range(2):
        for denoise, expected in zip(asked, alone, strict=True):
            assert torch.equal(denoise(x, 500.0).x0, expected)


def test_every_merged_weight_is_the_sum(case):
    """In closed form, layer by layer: W + strength alpha / rank B A."""
    model, path, _ = case
    model.wearing(()).embed(PROMPT)
    before = {name: one.clone() for name, one in live_weights(model._unet).items()}
    model.wearing((Adapter(path, -0.5),)).embed(PROMPT)
    after, arrays = live_weights(model._unet), load_file(path)
    changed = {name for name, one in after.items() if not torch.equal(one, before[name])}
    assert changed == {name[5:-14] for name in arrays if name.startswith("unet.") and "lora_A" in name}
    for name in changed:
        down, up = (arrays[f"unet.{name}.lora_{half}.weight"].flatten(1) for half in "AB")
        wanted = before[name] - 0.5 * 5 / 3 * (up @ down).reshape(before[name].shape)
        assert torch.allclose(after[name], wanted, atol=1e-5)
    model.wearing(()).embed(PROMPT)


@pytest.mark.parametrize(
    ("first", "today"),
    [
        (
            "input_blocks_4_1_transformer_blocks_0_attn1_to_q",
            "down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q",
        ),
        ("input_blocks_8_1_proj_in", "down_blocks_2_attentions_1_proj_in"),
        ("middle_block_1_proj_out", "mid_block_attentions_0_proj_out"),
        ("middle_block_2_in_layers_2", "mid_block_resnets_1_conv1"),
        ("output_blocks_5_1_proj_in", "up_blocks_1_attentions_2_proj_in"),
        ("output_blocks_0_0_skip_connection", "up_blocks_0_resnets_0_conv_shortcut"),
    ],
)
def test_the_first_authors_names_of_layers_are_known(first, today):
    assert today in _joined_spellings(first, 3)


def changed(path: Path, target: Path, change) -> Path:
    arrays = load_file(path)
    change(arrays)
    save_file({name: one.contiguous() for name, one in arrays.items()}, target)
    return target


def other_width(arrays):
    arrays.update({name: one[:, :-1] for name, one in arrays.items() if "lora_A" in name})


def other_layer(arrays):
    arrays.update({f"unet.nowhere.lora_{half}.weight": torch.ones(3, 3) for half in "AB"})


def another_kind(arrays):
    arrays["unet.conv_in.dora_scale"] = torch.ones(3)


def without_half(arrays):
    arrays.pop(next(iter(arrays)))


def no_numbers(arrays):
    arrays.update({name: one * torch.inf for name, one in arrays.items() if name.endswith("conv_in.lora_A.weight")})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (other_width, "another shape in this model"),
        (other_layer, "cannot be changed in this model"),
        (another_kind, "does not belong in a LoRA file"),
        (without_half, "incomplete"),
        (no_numbers, "not numbers|NaN"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(case, tmp_path, change, sentence):
    model, path, _ = case
    plain = ended(model)
    bad = changed(path, tmp_path / "bad.safetensors", change)
    with pytest.raises(UserError, match=sentence):
        ended(model, Adapter(path, STRENGTH), Adapter(bad, 1.0))
    assert torch.equal(ended(model), plain)


def test_a_file_that_is_gone_is_said_so(case, tmp_path):
    with pytest.raises(UserError, match="gone"):
        ended(case[0], Adapter(tmp_path / "gone.safetensors"))


def test_settings_beside_the_arrays_decide_the_strength(case, tmp_path):
    """What PEFT was asked for, rank-stabilised; another network than LoRA is refused."""
    from plugins.diffusion.foreign.lora.file import read_lora

    _, path, _ = case
    for values, expected in (({"lora_alpha": 6}, 2.0), ({"lora_alpha": 6, "use_rslora": True}, 6 / 3**0.5), ({}, 1.0)):
        table = {f"unet.{name}": value for name, value in values.items()}
        save_file(load_file(path), tmp_path / "a.safetensors", {"lora_adapter_metadata": json.dumps(table)})
        found = {part.strength for part in read_lora(tmp_path / "a.safetensors") if part.network == "unet"}
        assert list(found) == pytest.approx([expected])
    save_file(load_file(path), tmp_path / "a.safetensors", {"lora_adapter_metadata": '{"unet.use_dora": true}'})
    with pytest.raises(UserError, match="use_dora"):
        read_lora(tmp_path / "a.safetensors")
