"""XLNet folders say what their own library says, whatever the order; broken ones get a sentence."""

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from plugins.autoregressive.foreign.folder import model_id
from plugins.autoregressive.foreign.xlnet_folder import read_xlnet_folder
from plugins.autoregressive.foreign.xlnet_tokenizer import read_cutter
from plugins.autoregressive.importers import XLNetImporter
from plugins.autoregressive.infill.engine import InfillEngine
from plugins.autoregressive.infill.model.infill_decoding import bits_of, log_probabilities, ranks_of
from plugins.autoregressive.infill.model.published_xlnet import load_published
from plugins.autoregressive.infill.passage import Passage
from plugins.autoregressive.infill.scene import InfillParams
from plugins.autoregressive.infill.state import started
from studio.api.engine import Device
from studio.core.container.metadata import is_model_id
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.text.gaps import UNKNOWN_ID
from tests.plugins.autoregressive.foreign.xlnet_folder_made import (
    N_VOCAB,
    TEXT,
    library_cutter,
    made_model,
    put,
    write_folder,
)

ROOT = Path(__file__).parents[4]
WEIGHTS = "model.safetensors"
CPU = Device("cpu", "float32", 1)
REPORT = """
import json, sys
sys.modules["transformers"] = None
from pathlib import Path
from plugins.autoregressive.importers import XLNetImporter
from plugins.transformer.importers import HuggingFaceImporter
from studio.core.inspection import inspect_file
print(json.dumps(inspect_file(Path(sys.argv[1]), [HuggingFaceImporter(), XLNetImporter()]).to_json()))
assert "torch" not in sys.modules, "torch was loaded"
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("models") / "My XLNet")


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "made")


def why_not(folder: Path) -> str:
    report = XLNetImporter().describe(folder)
    assert not report.opens
    assert report.family == "autoregressive"
    return report.why_not


def theirs(model, ids, order):
    """What the library says of the places of an order, by its own masks: 1 where a place may not be seen."""
    ranks = ranks_of(len(ids), order)
    is_seen = (ranks[None] < ranks[:, None]) | ((ranks[None] == 0) & (ranks[:, None] == 0))
    mapping = torch.zeros(1, len(order), len(ids))
    mapping[0, torch.arange(len(order)), torch.tensor(order)] = 1
    said = model(torch.tensor([ids]), perm_mask=(~is_seen).float()[None], target_mapping=mapping)
    return said.logits[0].log_softmax(-1)


@pytest.mark.parametrize(
    "changes", [{}, {"clamp_len": 3}, {"ff_activation": "relu"}, {"n_head": 4, "layer_norm_eps": 1e-3}]
)
def test_it_says_what_the_library_says_in_any_order(tmp_path, changes):
    network = load_published(read_xlnet_folder(write_folder(tmp_path / "made", **changes)))
    model, random = made_model(**changes), np.random.default_rng(5)
    for n_told in (1, 3, 6, 9):
        ids = random.integers(N_VOCAB, size=12).tolist()
        order = random.permutation(12)[:n_told].tolist()
        said = network(torch.tensor([ids]), ranks_of(12, order)[None], torch.tensor([order]))[0].log_softmax(-1)
        torch.testing.assert_close(said, theirs(model, ids, order), atol=1e-4, rtol=1e-4)


def test_weights_in_half_and_in_pickles_are_read_alike(folder):
    ids, order = list(range(9)), [4, 1, 7]
    exact = bits_of(load_published(read_xlnet_folder(folder)), ids, order)
    arrays = load_file(folder / WEIGHTS)
    save_file({name: one.bfloat16() for name, one in arrays.items()}, folder / WEIGHTS)
    assert XLNetImporter().describe(folder).dtype == "bfloat16"
    assert bits_of(load_published(read_xlnet_folder(folder)), ids, order) == pytest.approx(exact, rel=0.1)
    (folder / WEIGHTS).unlink()
    for is_new in (True, False):
        torch.save(arrays, folder / "pytorch_model.bin", _use_new_zipfile_serialization=is_new)
        assert XLNetImporter().describe(folder).opens
        assert bits_of(load_published(read_xlnet_folder(folder)), ids, order) == exact


def test_a_place_that_may_see_nothing_is_told_from_nothing(whole):
    network, order = load_published(read_xlnet_folder(whole)), (2, 0, 1)
    first = log_probabilities(network, [5, 6, 7], order)[0]
    assert torch.equal(first, log_probabilities(network, [8, 9, 3], order)[0])
    assert float(first.exp().sum()) == pytest.approx(1, abs=1e-5)


def test_pieces_are_those_of_the_library(whole):
    cutter, their_cutter = read_cutter(whole, N_VOCAB), library_cutter(whole)
    for text in (TEXT, "The  table ``near''\nthe Río Bravo", "a b", "letter<mask> it"):
        assert cutter.encode(text) == their_cutter.encode(text, add_special_tokens=False)
    ids = cutter.encode(TEXT)
    assert "".join(cutter.vocabulary.texts(ids)) == TEXT
    assert cutter.vocabulary.mark(their_cutter.convert_tokens_to_ids("<mask>")) == "‹mark›"
    assert "end" in cutter.vocabulary.mark(their_cutter.convert_tokens_to_ids("</s>"))


def test_a_whole_tokenizer_is_read_alike(folder):
    before = read_cutter(folder, N_VOCAB)
    library_cutter(folder).save_pretrained(folder)
    (folder / "spiece.model").unlink()
    after = read_cutter(folder, N_VOCAB)
    assert after.encode(TEXT) == before.encode(TEXT)
    assert after.vocabulary.pieces == before.vocabulary.pieces
    with pytest.raises(UserError, match="does not know the token"):
        read_cutter(folder, 20).encode(TEXT)


def test_it_fills_in_any_order_and_compares_orders(whole):
    source = result_of(XLNetImporter().load(whole))
    assert (source.card["kind"], source.path) == ("infill", whole)
    engine = InfillEngine.open(source, CPU)
    cut = engine.cut(TEXT)
    order = cut.gapped.order[::-1]
    passage = cut.gapped.in_order(order)
    frames = list(engine.generate(InfillParams(seed=3), started(passage)))
    assert len(frames) == len(order) + 1
    last: Any = frames[-1].state
    model = made_model()
    told = last["told"].tolist()
    ids = list(passage.ids)
    for place, token in zip(order, told, strict=True):
        ids[place] = token
    said = theirs(model, ids, list(order))
    wanted = [-float(row[token]) / np.log(2) for row, token in zip(said, told, strict=True)]
    np.testing.assert_allclose(last["facts"][:, 0], wanted, rtol=1e-4)
    found: Any = result_of(engine.compare(passage, told))
    assert found.filled.bits["present"] == pytest.approx(sum(wanted), rel=1e-4)
    assert sorted(result_of(engine.surest(passage))) == sorted(order)
    engine.close()


def test_a_written_blank_is_told_too(whole):
    engine = InfillEngine.open(result_of(XLNetImporter().load(whole)), CPU)
    passage = engine.cut("She opened the __, read it").gapped
    assert [passage.ids[place] for place in passage.order] == [UNKNOWN_ID]
    assert len(list(engine.generate(InfillParams(), started(passage)))) == 2
    assert len(list(engine.generate(InfillParams(), started(Passage((5, 6), (1, 0)))))) == 3


# What it is


def test_info_needs_no_library_and_prefers_it_to_the_decoders(whole):
    done = subprocess.run(
        [sys.executable, "-c", REPORT, str(whole)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["opens"], report["family"], report["architecture"]) == (True, "autoregressive", "XLNet")
    assert report["n_params"] == sum(one.numel() for one in made_model().parameters()) - 3 * 3 * 16  # of two segments
    assert report["title"] == "My XLNet"
    assert report["metadata"]["n_vocab"] == N_VOCAB


@pytest.mark.parametrize("name", ["config.json", WEIGHTS, "."])
def test_a_file_stands_for_its_folder(whole, name):
    assert XLNetImporter().sniff(whole / name) == 0.9
    assert XLNetImporter().describe(whole / name).opens
    assert XLNetImporter().sniff(whole / "spiece.vocab") == 0
    assert is_model_id(model_id(whole))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"d_model": 10**12}, "“d_model” cannot be"),
        ({"d_model": 0}, "“d_model” cannot be"),
        ({"d_model": None}, "does not give “d_model”"),
        ({"d_model": 18}, "“d_head” cannot be"),
        ({"n_head": 3, "d_head": None}, "do not match"),
        ({"n_layer": 65}, "“n_layer” cannot be"),
        ({"n_layer": 64, "d_model": 16384, "n_head": 2, "d_head": 8192, "d_inner": 16384}, "too large"),
        ({"vocab_size": -1}, "“vocab_size”"),
        ({"attn_type": "uni"}, "attn_type"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings"),
        ({"ff_activation": "mish"}, "“ff_activation” cannot be mish"),
        ({"layer_norm_eps": 7}, "“layer_norm_eps”"),
        ({"architectures": ["XLNetForSequenceClassification"]}, "another task"),
        ({"n_layer": 4}, "missing “transformer.layer.3"),
        ({"d_inner": 25}, "has the shape 24 x 16, but 25 x 16"),
    ],
)
def test_settings_that_cannot_be_are_named(folder, changes, text):
    put(folder, **changes)
    assert text in why_not(folder)


def test_missing_files_and_arrays_are_named(folder):
    arrays = load_file(folder / WEIGHTS)
    save_file({name: one for name, one in arrays.items() if name != "lm_loss.bias"}, folder / WEIGHTS)
    assert "“lm_loss.bias”" in why_not(folder)
    save_file({**arrays, "lm_loss.bias": arrays["lm_loss.bias"].to(torch.int8)}, folder / WEIGHTS)
    assert "int8" in why_not(folder)
    save_file({**arrays, "lm_loss.bias": arrays["lm_loss.bias"] / 0}, folder / WEIGHTS)
    with pytest.raises(UserError, match="not numbers"):
        load_published(read_xlnet_folder(folder))
    save_file({**arrays, "sequence_summary.weight": torch.ones(2)}, folder / WEIGHTS)
    assert XLNetImporter().describe(folder).warnings == ("“sequence_summary.weight” is not used.",)
    (folder / "spiece.model").unlink()
    assert "spiece.model" in why_not(folder)
    (folder / WEIGHTS).unlink()
    assert "no weights" in why_not(folder)
    (folder / "config.json").unlink()
    assert XLNetImporter().sniff(folder) == 0


def test_pickles_that_would_run_something_are_refused(folder):
    class Hostile:
        def __reduce__(self) -> Any:
            return print, ("run",)

    (folder / WEIGHTS).unlink()
    torch.save({"lm_loss.bias": Hostile()}, folder / "pytorch_model.bin")
    assert "pytorch_model.bin" in why_not(folder)
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02garbage")
    assert why_not(folder)


def test_hostile_headers_and_broken_tokenizers_get_a_sentence(folder):
    (folder / "tokenizer.json").write_text('{"model": 3}')
    with pytest.raises(UserError, match="damaged"):
        read_cutter(folder, N_VOCAB)
    (folder / "tokenizer.json").unlink()
    (folder / "spiece.model").write_bytes(b"\xff" * 40)
    with pytest.raises(UserError):
        read_cutter(folder, N_VOCAB)
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", 1 << 30) + b"{")
    assert "impossible length" in why_not(folder)


@pytest.mark.parametrize("name", [WEIGHTS, "pytorch_model.bin", "tokenizer.json"])
def test_a_pointer_of_git_in_place_of_a_file_is_named(folder, name):
    if name == "pytorch_model.bin":
        (folder / WEIGHTS).unlink()
    (folder / name).write_text("version git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    said = why_not(folder) if name != "tokenizer.json" else ""
    if not said:
        with pytest.raises(UserError) as caught:
            read_cutter(folder, N_VOCAB)
        said = str(caught.value)
    assert "Git LFS pointer" in said
    assert "git lfs pull" in said


def test_a_model_without_room_is_refused_with_figures(whole, monkeypatch):
    class Full:
        available = 10 << 20

    monkeypatch.setattr("plugins.autoregressive.foreign.folder.psutil.virtual_memory", Full)
    with pytest.raises(UserError, match="MB of memory"):
        load_published(read_xlnet_folder(whole))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = ["vocab_size", "d_model", "n_layer", "n_head", "d_inner", "d_head", "clamp_len", "attn_type", "architectures"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(KEYS), value=JSON)
def test_whatever_a_setting_is_it_opens_or_says_why(tmp_path, whole, key, value):
    values = json.loads((whole / "config.json").read_text()) | {key: value}
    (tmp_path / "config.json").write_text(json.dumps(values))
    for name in (WEIGHTS, "spiece.model"):
        (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / name).symlink_to(whole / name)
    report = XLNetImporter().describe(tmp_path)
    assert report.opens or report.why_not
