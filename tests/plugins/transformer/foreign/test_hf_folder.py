"""Folders are described without torch; incomplete and hostile ones get a sentence with the file and the key."""

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from plugins.transformer.foreign.hf.architectures import ARCHITECTURES
from plugins.transformer.foreign.hf.folder import read_folder
from plugins.transformer.importers import HuggingFaceImporter, model_id
from studio.core.container.metadata import is_model_id
from studio.core.error import UserError
from tests.plugins.transformer.foreign.bare_folder import CONFIG, INDEX, WEIGHTS, arrays, put, write_bare

ROOT = Path(__file__).parents[4]
REPORT = """
import sys
sys.modules["transformers"] = None
from pathlib import Path
from plugins.transformer.importers import GgufImporter, HuggingFaceImporter
from studio.core.inspection import inspect_file
import json
report = inspect_file(Path(sys.argv[1]), [HuggingFaceImporter(), GgufImporter()])
print(json.dumps(report.to_json()))
assert "torch" not in sys.modules, "torch was loaded"
"""


def why_not(folder: Path) -> str:
    report = HuggingFaceImporter().describe(folder)
    assert not report.opens
    assert report.family == "transformer"
    return report.why_not


def put_weights(folder: Path, name: str, values: dict[str, Any]) -> None:
    save_file(values, folder / name)


def split(folder: Path, **moved: str) -> None:
    """Two files with an index; `moved` changes where it says that arrays lie."""
    found = sorted(arrays().items())
    (folder / WEIGHTS).unlink()
    put_weights(folder, "model-1.safetensors", dict(found[:9]))
    put_weights(folder, "model-2.safetensors", dict(found[9:]))
    table = {name: f"model-{1 + (place >= 9)}.safetensors" for place, (name, _) in enumerate(found)}
    put(folder, INDEX, {"weight_map": table | moved})


def raw(folder: Path, header: dict[str, Any] | bytes, n_data: int = 0, length: int | None = None) -> None:
    """A safetensors file with this header, whatever it claims."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + bytes(n_data))


def test_info_needs_no_library(tmp_path: Path) -> None:
    folder = write_bare(tmp_path / "My Llama 3.2-1B")
    put(folder, "tokenizer_config.json", {"eos_token": "</s>", "chat_template": "{{ messages }}"})
    done = subprocess.run(
        [sys.executable, "-c", REPORT, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["opens"] is True
    assert (report["family"], report["architecture"], report["dtype"]) == ("transformer", "LLaMA", "float32")
    assert report["n_params"] == sum(one.size for one in arrays().values())
    assert report["title"] == "My Llama 3.2-1B"
    assert report["metadata"]["n_context"] == 32
    assert report["metadata"]["has_chat"] is True


@pytest.mark.parametrize("name", ["config.json", WEIGHTS, "tokenizer_config.json", "."])
def test_a_file_stands_for_its_folder(tmp_path: Path, name: str) -> None:
    folder = write_bare(tmp_path)
    assert HuggingFaceImporter().sniff(folder / name) > 0
    assert HuggingFaceImporter().describe(folder / name).opens
    assert HuggingFaceImporter().sniff(folder / "merges.txt") == 0


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    assert HuggingFaceImporter().sniff(tmp_path) == 0
    put(tmp_path, "config.json", {"_class_name": "UNet2DModel", "sample_size": 8})
    assert HuggingFaceImporter().sniff(tmp_path) == 0
    (tmp_path / "config.json").write_text("[")
    assert HuggingFaceImporter().sniff(tmp_path) == 0


@pytest.mark.parametrize("name", ["Ünï çode", "...", "a" * 300, "CON", "Llama-3.2-1B"])
def test_ids_are_ids_whatever_the_folder_is_called(name: str) -> None:
    assert is_model_id(model_id(Path("/models") / name))


def test_another_architecture_is_named(tmp_path: Path) -> None:
    assert "“bert”" in why_not(write_bare(tmp_path, model_type="bert"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    split(folder)
    assert HuggingFaceImporter().describe(folder).opens
    (folder / "model-2.safetensors").unlink()
    assert "/model-2.safetensors”" in why_not(folder)
    (folder / INDEX).unlink()
    assert "no weights" in why_not(folder)
    (folder / "pytorch_model.bin").touch()
    assert "can run programs" in why_not(folder)


def test_a_download_that_stopped_is_named(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-40])
    assert f"/{WEIGHTS}: The file has been cut short" in why_not(folder)


def test_a_pointer_of_git_is_named(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    (folder / WEIGHTS).write_text("version git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "not downloaded" in why_not(folder)


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    values = arrays()
    del values["model.layers.1.mlp.up_proj.weight"]
    put_weights(folder, WEIGHTS, values)
    assert "“model.layers.1.mlp.up_proj.weight”" in why_not(folder)
    del values["lm_head.weight"]
    put_weights(folder, WEIGHTS, values)
    assert "missing 2 arrays" in why_not(folder)


def test_a_wrong_shape_is_named_with_its_file(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    put_weights(folder, WEIGHTS, {**arrays(), "lm_head.weight": np.zeros((21, 8), np.float32)})
    assert f"“lm_head.weight” in “{tmp_path.name}/{WEIGHTS}” has the shape 21 x 8, but 20 x 8" in why_not(folder)


def test_an_array_that_would_change_the_model_is_refused(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    name = "model.layers.0.self_attn.q_proj.lora_A.weight"
    put_weights(folder, WEIGHTS, {**arrays(), name: np.zeros((2, 8), np.float32)})
    assert f"{WEIGHTS}” contains “{name}”" in why_not(folder)


def test_others_are_left_out_with_a_word(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    useless = "model.layers.0.self_attn.rotary_emb.inv_freq"
    others = {useless: np.ones(2, np.float32), "v_head.summary": np.ones(2, np.float32)}
    put_weights(folder, WEIGHTS, {**arrays(), **others})
    report = HuggingFaceImporter().describe(folder)
    assert report.opens
    assert report.warnings == ("“v_head.summary” is not used.",)


def test_a_tied_head_may_be_stored_too(tmp_path: Path) -> None:
    folder = write_bare(tmp_path, tie_word_embeddings=True)
    assert HuggingFaceImporter().describe(folder).warnings == ()
    values = arrays()
    del values["lm_head.weight"]
    put_weights(folder, WEIGHTS, values)
    assert HuggingFaceImporter().describe(folder).opens
    put(folder, "config.json", CONFIG)
    assert "“lm_head.weight”" in why_not(folder)


def test_an_adapter_beside_a_model_is_not_used(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    put(folder, "adapter_config.json", {"base_model_name_or_path": "someone/llama"})
    assert "adapter_config.json" in HuggingFaceImporter().describe(folder).warnings[0]
    (folder / WEIGHTS).unlink()
    assert "only an adapter, for someone/llama" in why_not(folder)
    (folder / "config.json").unlink()
    assert HuggingFaceImporter().sniff(folder) > 0
    assert "only an adapter" in why_not(folder)


def test_a_folder_without_tokenizer_says_so(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    (folder / "merges.txt").unlink()
    assert "tokenizer.json" in why_not(folder)


@pytest.mark.parametrize(
    "name", ["../x.safetensors", "/etc/x.safetensors", "..\\x.safetensors", "C:x.safetensors", "x.bin", ""]
)
def test_an_index_that_points_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_bare(tmp_path)
    split(folder, **{"lm_head.weight": name})
    assert "outside its folder" in why_not(folder)


def test_an_array_in_two_files_is_refused(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    split(folder)
    put_weights(folder, "model-2.safetensors", arrays())
    assert "in two files" in why_not(folder)


A = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("header", "n_data", "text"),
    [
        ({"a": A, "b": {**A, "data_offsets": [4, 12]}}, 12, "overlap"),
        ({"a": {**A, "data_offsets": [-8, 0]}}, 8, "contradicts itself about “a”"),
        ({"a": {**A, "data_offsets": [8, 0]}}, 8, "contradicts itself"),
        ({"a": {**A, "shape": [1 << 60]}}, 8, "impossible size"),
        ({"a": {**A, "shape": [-2]}}, 8, "impossible shape"),
        ({"a": {**A, "dtype": "F4"}}, 8, "unknown type"),
        (b"[" * 100_000, 0, "nested"),
    ],
)
def test_hostile_headers_are_refused_by_file(tmp_path: Path, header: Any, n_data: int, text: str) -> None:
    folder = write_bare(tmp_path)
    raw(folder, header, n_data)
    assert text in (said := why_not(folder))
    assert f"/{WEIGHTS}" in said


def test_a_gigabyte_of_header_is_not_read(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    raw(folder, b"{", length=1 << 30)
    assert "impossible length" in why_not(folder)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    put_weights(folder, WEIGHTS, {**arrays(), "lm_head.weight": np.full((20, 8), np.nan, np.float32)})
    assert "NaN" in why_not(folder)


def test_whole_numbers_are_refused_by_name(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    put_weights(folder, WEIGHTS, {**arrays(), "lm_head.weight": np.zeros((20, 8), np.int8)})
    assert "“lm_head.weight”" in (said := why_not(folder))
    assert "int8" in said


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"hidden_size": 10**12}, "“hidden_size” cannot be 1000000000000"),
        ({"hidden_size": 10**9}, "do not match"),
        ({"hidden_size": None}, "does not give “hidden_size”"),
        ({"num_hidden_layers": 10**8}, "“num_hidden_layers” cannot be"),
        ({"num_hidden_layers": True}, "“num_hidden_layers” cannot be True"),
        ({"num_attention_heads": 0}, "do not match"),
        ({"num_key_value_heads": 3}, "do not match"),
        ({"head_dim": 3}, "do not match"),
        ({"vocab_size": -1}, "“vocab_size”"),
        ({"hidden_act": "mish"}, "“hidden_act” cannot be mish"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantization_config"),
        ({"rope_scaling": {"rope_type": "spiral"}}, "“spiral”"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8}}, "“low_freq_factor”"),
        ({"rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1, 2]}}, "“short_factor”"),
        ({"rope_scaling": {"type": "longrope", "short_factor": [0], "long_factor": [1]}}, "“short_factor”"),
        ({"rope_scaling": 3}, "“rope_scaling”"),
        ({"rms_norm_eps": "small"}, "“rms_norm_eps”"),
        ({"num_attention_heads": 3, "num_key_value_heads": 3}, "“num_attention_heads” cannot be 3"),
        ({"model_type": "opt", "do_layer_norm_before": False}, "“do_layer_norm_before” = False"),
        ({"model_type": "phi", "qk_layernorm": True}, "“qk_layernorm” = True"),
        ({"model_type": "mpt", "attn_config": {"clip_qkv": 6}}, "“clip_qkv” = 6"),
        ({"model_type": "mpt", "attn_config": 6}, "“attn_config” cannot be 6"),
        ({"model_type": "gemma2", "query_pre_attn_scalar": -8}, "“query_pre_attn_scalar” cannot be -8"),
        ({"model_type": "granite", "logits_scaling": 0}, "do not match"),
        ({"model_type": "smollm3", "no_rope_layers": [1]}, "“no_rope_layers”"),
        ({"model_type": "smollm3", "no_rope_layer_interval": 0}, "do not match"),
        ({"model_type": "gpt_neo", "attention_types": [[["global"], 10**9]]}, "“attention_types”"),
        ({"model_type": "gpt_neo", "attention_types": [[[[]], 2]]}, "“attention_types”"),
        ({"model_type": "gemma3_text", "rope_parameters": {"sliding_attention": {"rope_type": "yarn"}}}, "“rope_type”"),
        ({"model_type": "mixtral", "num_local_experts": 60_000}, "too many experts"),
        ({"model_type": "mixtral", "num_experts_per_tok": 9}, "fewer experts"),
        ({"model_type": "olmoe", "num_experts": -1, "num_experts_per_tok": 1}, "“num_experts” cannot be -1"),
        ({"model_type": "olmoe", "num_experts": 0, "num_experts_per_tok": 1}, "no experts"),
        ({"model_type": "gpt_oss", "swiglu_limit": 9.0}, "“swiglu_limit” = 9.0"),
        ({"model_type": "falcon", "hidden_size": 0, "alibi": True}, "do not match"),
    ],
)
def test_settings_that_cannot_be_are_named(tmp_path: Path, values: dict[str, Any], text: str) -> None:
    assert text in why_not(write_bare(tmp_path, **values))


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "null", '{"a": NaN}', "[" * 100_000, '{"a": 1, "a": 2}', '"' + "x" * (2 << 20) + '"']
)
@pytest.mark.parametrize("name", ["config.json", INDEX])
def test_broken_json_gets_a_sentence(tmp_path: Path, name: str, text: str) -> None:
    folder = write_bare(tmp_path)
    split(folder)
    (folder / name).write_text(text)
    assert why_not(folder)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = [
    *CONFIG,
    *("rope_scaling", "rope_parameters", "head_dim", "layer_types", "sliding_window", "attention_bias"),
    *(
        "no_rope_layers",
        "attention_types",
        "attn_config",
        "num_local_experts",
        "mlp_only_layers",
        "alibi",
        "rotary_dim",
    ),
]


@pytest.mark.long("computes for long")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(ARCHITECTURES)),
    key=st.sampled_from(KEYS),
    value=JSON,
)
def test_whatever_a_setting_is_it_opens_or_says_why(tmp_path: Path, kind: str, key: str, value: Any) -> None:
    folder = write_bare(tmp_path, **{"model_type": kind, key: value})
    report = HuggingFaceImporter().describe(folder)
    assert report.opens or report.why_not


def test_a_loop_of_links_gets_a_sentence(tmp_path: Path) -> None:
    folder = write_bare(tmp_path)
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(folder / WEIGHTS)
    assert why_not(folder)
    with pytest.raises(UserError):
        read_folder(tmp_path / "none")
