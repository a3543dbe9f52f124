"""One file that holds a whole Stable Diffusion gives what the library gives that reads it with all its settings."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from plugins.diffusion.foreign.diffusers import shapes
from plugins.diffusion.foreign.diffusers.checkpoint import is_checkpoint, read_checkpoint
from plugins.diffusion.foreign.diffusers.clip_text import ClipTokenizer
from plugins.diffusion.foreign.diffusers.vocabulary import clip_vocabulary
from plugins.diffusion.importers import DiffusersImporter
from plugins.diffusion.shared.model.denoiser import Guidance
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import need_libraries
from tests.plugins.diffusion.foreign.diffusers.original_names import original_arrays
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import (
    N_STEPS,
    PROMPT,
    furthest,
    noise,
    opened,
    walked,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4
N_TOKENS = 49_408
SIDE = 8


def whole_tokenizer(folder: Path, is_open: bool = False) -> Any:
    """The library's own tokenizer, from the vocabulary that ships."""
    from transformers import CLIPTokenizer

    words = clip_vocabulary(is_open)
    return CLIPTokenizer(vocab=dict(words.ids), merges=list(words.merges), **words.settings, model_max_length=77)


def encoder(kind: str, act: str, pad: int) -> Any:
    import transformers

    torch.manual_seed(4)
    config = transformers.CLIPTextConfig(
        vocab_size=N_TOKENS,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=1,
        projection_dim=64,
        max_position_embeddings=77,
        hidden_act=act,
        bos_token_id=N_TOKENS - 2,
        eos_token_id=N_TOKENS - 1,
        pad_token_id=pad,
    )
    return getattr(transformers, kind)(config).eval()


def unet(context: int, **settings: Any) -> Any:
    from diffusers import UNet2DConditionModel

    torch.manual_seed(2)
    values: dict[str, Any] = {
        "sample_size": 64,
        "layers_per_block": 1,
        "block_out_channels": (32, 64),
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": context,
        "attention_head_dim": 8,
    }
    return UNet2DConditionModel(**values | settings).eval()


def autoencoder(scale: float) -> Any:
    from diffusers import AutoencoderKL

    torch.manual_seed(3)
    return AutoencoderKL(
        block_out_channels=(32, 32),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        scaling_factor=scale,
    ).eval()


def first_version(folder: Path) -> Any:
    import diffusers

    scheduler = diffusers.DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    return diffusers.StableDiffusionPipeline(
        vae=autoencoder(0.18215),
        text_encoder=encoder("CLIPTextModel", "quick_gelu", N_TOKENS - 1),
        tokenizer=whole_tokenizer(folder),
        unet=unet(64),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def larger_version(folder: Path) -> Any:
    import diffusers

    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        steps_offset=1,
        timestep_spacing="leading",
    )
    return diffusers.StableDiffusionXLPipeline(
        vae=autoencoder(0.13025),
        text_encoder=encoder("CLIPTextModel", "quick_gelu", N_TOKENS - 1),
        tokenizer=whole_tokenizer(folder),
        text_encoder_2=encoder("CLIPTextModelWithProjection", "gelu", 0),
        tokenizer_2=whole_tokenizer(folder, is_open=True),
        unet=unet(
            128,
            block_out_channels=(32, 64),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(1, 1),
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=6 * 256 + 64,
            use_linear_projection=True,
            transformer_layers_per_block=(1, 2),
        ),
        scheduler=scheduler,
    )


MAKERS = {"1": first_version, "xl": larger_version}


@pytest.fixture(scope="module", params=MAKERS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A tiny pipeline of the library, and the file that its first authors would have written of it."""
    need_libraries()
    folder = tmp_path_factory.mktemp("checkpoint")
    pipeline = MAKERS[request.param](folder)
    pipeline.set_progress_bar_config(disable=True)
    save_file(original_arrays(pipeline), folder / "whole.safetensors")
    return pipeline, folder / "whole.safetensors"


def latents(pipeline: Any, start: torch.Tensor) -> torch.Tensor:
    pipeline.scheduler.set_timesteps(N_STEPS)
    if "Euler" in type(pipeline.scheduler).__name__:
        ratio = float(pipeline.scheduler.sigmas[0])
        start = start * (ratio**2 + 1) ** 0.5 / float(pipeline.scheduler.init_noise_sigma)
    side = 2 * start.shape[-1]
    found: torch.Tensor = pipeline(
        PROMPT,
        num_inference_steps=N_STEPS,
        guidance_scale=4.0,
        latents=start,
        output_type="latent",
        height=side,
        width=side,
    ).images
    return found


@pytest.mark.long("computes for long")
def test_the_library_reads_from_the_file_what_was_written(case: tuple[Any, Path]) -> None:
    """The names in the file are right: what the library itself takes for them is the pipeline's own."""
    from diffusers.loaders import single_file_utils
    from safetensors.torch import load_file

    pipeline, path = case
    arrays = load_file(path)
    own = pipeline.unet.state_dict()
    found = single_file_utils.convert_ldm_unet_checkpoint(arrays, pipeline.unet.config)
    assert set(found) == set(own)
    assert all(torch.equal(found[name].reshape(own[name].shape), own[name]) for name in own)


@pytest.mark.long("computes for long")
def test_latents_are_those_of_the_pipeline(case: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """On small pictures: no weight depends on the side, and attention's time grows with its fourth power."""
    pipeline, path = case
    monkeypatch.setattr(shapes, "_SIDES", dict.fromkeys(shapes._SIDES, SIDE))
    model = opened(path)
    sampler: Any = "euler" if "XL" in type(pipeline).__name__ else "ddim"
    ours = walked(model, sampler, PROMPT, guidance=Guidance(4.0))[-1].x
    assert furthest(ours, latents(pipeline, noise(model))) < TOLERANCE
    with torch.no_grad():
        theirs = pipeline.vae.decode(ours / pipeline.vae.config.scaling_factor).sample
    picture = torch.from_numpy(model.decode(ours)).movedim(2, 0)
    assert furthest(picture, (theirs[0] / 2 + 0.5).clamp(0, 1)) < TOLERANCE


def test_settings_follow_from_the_shapes(case: tuple[Any, Path]) -> None:
    pipeline, path = case
    found = read_checkpoint(path)
    for name, component in found.components.items():
        theirs = getattr(pipeline, name).config
        theirs = theirs if isinstance(theirs, dict) else theirs.to_dict()
        for key, value in component.config.items():
            own = tuple(value) if isinstance(value, list) else value
            wanted = tuple(theirs[key]) if isinstance(theirs[key], list) else theirs[key]
            if key == "transformer_layers_per_block" and isinstance(wanted, int):
                wanted = (wanted,) * len(own)
            assert own == wanted or (name, key) == ("unet", "sample_size"), (name, key)
    assert found.shape[1:] == ((128, 128) if "XL" in type(pipeline).__name__ else (64, 64))
    report = DiffusersImporter().describe(path)
    assert report.opens
    assert report.n_params == sum(one.weights.n_params for one in found.components.values())
    source = result_of(DiffusersImporter().load(path))
    assert source.card["defaults"]["sampler"] == ("euler" if "XL" in type(pipeline).__name__ else "ddim")


@pytest.mark.parametrize(
    "lost", ["first_stage_model.", "cond_stage_model.", "conditioner.", "model.diffusion_model.input_blocks.1."]
)
def test_a_file_that_lacks_a_network_is_a_sentence(case: tuple[Any, Path], tmp_path: Path, lost: str) -> None:
    pipeline, _ = case
    arrays = original_arrays(pipeline)
    kept = {name: values for name, values in arrays.items() if not name.startswith(lost)}
    if len(kept) == len(arrays):
        pytest.skip("the other version has no such part")
    save_file(kept, tmp_path / "part.safetensors")
    assert "missing" in str(DiffusersImporter().describe(tmp_path / "part.safetensors").why_not)


def test_one_array_that_is_missing_is_named(case: tuple[Any, Path], tmp_path: Path) -> None:
    pipeline, _ = case
    arrays = original_arrays(pipeline)
    del arrays["model.diffusion_model.middle_block.0.in_layers.0.weight"]
    save_file(arrays, tmp_path / "holed.safetensors")
    with pytest.raises(UserError, match="missing"):
        opened(tmp_path / "holed.safetensors")


def test_only_such_files_are_taken(case: tuple[Any, Path], tmp_path: Path) -> None:
    _, path = case
    assert is_checkpoint(path)
    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"\xff" * 40)
    (tmp_path / "short.safetensors").write_bytes(b"\x01")
    shutil.copy(path, tmp_path / "renamed.bin")
    for name in ("other.safetensors", "broken.safetensors", "short.safetensors", "renamed.bin", "none.safetensors"):
        assert not is_checkpoint(tmp_path / name)


def test_the_vocabulary_is_the_one_of_clip() -> None:
    """Numbers of tokens that CLIP's own paper and programs agree on."""
    need_libraries()
    tokenizer = ClipTokenizer(clip_vocabulary(False), 77)
    found = tokenizer.tokenise("a photo of a cat")
    assert found.ids[:8] == (49406, 320, 1125, 539, 320, 2368, 49407, 49407)
    assert ClipTokenizer(clip_vocabulary(True), 77).tokenise("").ids[:3] == (49406, 49407, 0)
    assert found.words == ("a", "photo", "of", "a", "cat")
