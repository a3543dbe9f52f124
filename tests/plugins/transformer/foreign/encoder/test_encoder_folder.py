"""Folders of encoders are described without torch; others, incomplete and hostile ones get a sentence that says why."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models

from plugins.transformer.encoder_importer import EncoderImporter
from plugins.transformer.fill_in.model.cutter import SMALL_LETTERS
from plugins.transformer.importers import HuggingFaceImporter
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.bare_folder import WEIGHTS, put, write_bare
from tests.plugins.transformer.foreign.encoder.bare_encoder import CONFIG, WORDS, bert_arrays, write_bert


def why_not(folder: Path) -> str:
    report = EncoderImporter().describe(folder)
    assert not report.opens
    return report.why_not


def test_a_folder_is_described_and_its_card_is_of_the_kind_that_fills_gaps(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "My BERT")
    report = EncoderImporter().describe(folder)
    assert report.opens
    assert (report.architecture, report.title) == ("BERT", "My BERT")
    assert report.n_params == sum(one.size for one in bert_arrays().values())
    assert report.metadata["n_context"] == 24  # of 32 places it was made for so many
    assert SMALL_LETTERS in report.warnings
    card = result_of(EncoderImporter().load(folder)).card
    assert (card["kind"], card["id"]) == ("fill_in", "transformer/my-bert.folder")


@pytest.mark.parametrize("name", ["config.json", WEIGHTS, "."])
def test_the_importer_of_encoders_comes_before_that_of_decoders(tmp_path: Path, name: str) -> None:
    path = write_bert(tmp_path) / name
    assert EncoderImporter().sniff(path) > HuggingFaceImporter().sniff(path)


def test_decoders_and_other_files_are_left_to_others(tmp_path: Path) -> None:
    assert EncoderImporter().sniff(write_bare(tmp_path / "llama")) == 0
    assert EncoderImporter().sniff(write_bert(tmp_path / "bert") / "vocab.txt") == 0
    assert EncoderImporter().sniff(tmp_path) == 0


def test_an_encoder_that_is_not_read_is_told_which_are(tmp_path: Path) -> None:
    said = HuggingFaceImporter().describe(write_bert(tmp_path, model_type="mpnet")).why_not
    assert "“mpnet”" in said
    assert "DistilBERT" in said


@pytest.mark.parametrize(
    ("class_name", "array", "words"),
    [
        ("BertForSequenceClassification", "classifier.weight", "sorts texts into classes"),
        ("BertForTokenClassification", "classifier.weight", "marks words"),
        ("BertForQuestionAnswering", "qa_outputs.weight", "finds answers"),
        (None, "classifier.weight", "sorts texts into classes"),
        (None, "qa_outputs.weight", "finds answers"),
        ("ElectraForPreTraining", "discriminator_predictions.dense.weight", "which words of a text were replaced"),
        ("BertModel", "bert.pooler.dense.weight", "rows of numbers"),
    ],
)
def test_a_model_without_a_part_for_missing_words_is_told_by_what_it_does(
    tmp_path: Path, class_name: str | None, array: str, words: str
) -> None:
    folder = write_bert(tmp_path, architectures=class_name and [class_name])
    kept = {name: one for name, one in bert_arrays().items() if not name.startswith("cls.")}
    save_file({**kept, array: np.zeros((8, 8), np.float32)}, folder / WEIGHTS)
    said = why_not(folder)
    assert words in said
    assert "cannot fill gaps" in said
    assert "ForMaskedLM" in said


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"hidden_size": 10**8}, "width is out of range"),
        ({"hidden_size": 9}, "shared out"),
        ({"hidden_size": -8}, "“hidden_size” cannot be -8"),
        ({"hidden_size": "8"}, "“hidden_size” cannot be 8"),
        ({"num_hidden_layers": 10**6}, "n_layers is out of range"),
        ({"num_hidden_layers": None}, "does not give “num_hidden_layers”"),
        ({"num_attention_heads": 0}, "n_heads is out of range"),
        ({"max_position_embeddings": 0}, "n_context is out of range"),
        ({"vocab_size": 10**9}, "n_vocab is out of range"),
        ({"layer_norm_eps": float("nan")}, "“layer_norm_eps”"),
        ({"layer_norm_eps": 0}, "norm_eps is out of range"),
        ({"hidden_act": "swish"}, "“hidden_act” cannot be swish"),
        ({"type_vocab_size": 65}, "n_segments is out of range"),
        ({"is_decoder": True}, "“is_decoder” = True"),
        ({"position_embedding_type": "relative_key"}, "relative_key"),
        ({"pruned_heads": {"0": [1]}}, "“pruned_heads”"),
        ({"quantization_config": {"bits": 4}}, "“quantization_config”"),
        ({"tie_word_embeddings": "no"}, "“tie_word_embeddings” cannot be no"),
        ({"num_hidden_layers": 3}, "missing 16 arrays"),
        ({"intermediate_size": 13}, "13 x 8 was expected"),
        ({"max_position_embeddings": 31}, "31 x 8 was expected"),
    ],
)
def test_settings_that_cannot_be_are_named(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    assert words in why_not(write_bert(tmp_path, **settings))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bert.encoder.layer.0.attention.self.query.lora_A", "contains “bert.encoder.layer.0"),
        ("bert.encoder.layer.2.output.dense.weight", "contains “bert.encoder.layer.2"),
    ],
)
def test_arrays_that_would_change_the_model_are_refused(tmp_path: Path, name: str, words: str) -> None:
    folder = write_bert(tmp_path)
    save_file({**bert_arrays(), name: np.zeros((8, 8), np.float32)}, folder / WEIGHTS)
    assert words in why_not(folder)


def test_a_file_that_is_cut_short_is_named(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-40])
    assert f"/{WEIGHTS}: The file has been cut short" in why_not(folder)
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", 2**60) + b"{}")
    assert WEIGHTS in why_not(folder)


def test_an_index_that_points_outside_is_not_followed(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    (folder / WEIGHTS).unlink()
    put(folder, f"{WEIGHTS}.index.json", {"weight_map": {"bert.embeddings.LayerNorm.bias": "../other.safetensors"}})
    assert "outside its folder" in why_not(folder)


def test_a_folder_without_a_tokenizer_is_told_what_it_lacks(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    (folder / "vocab.txt").unlink()
    assert "“vocab.txt”" in why_not(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "list of words"),
        (b"\xff\xfe", "list of words"),
        (b"[PAD]\nthe\n", "list of words"),
        ("\n".join(word for word in WORDS if word != "[MASK]").encode(), "no token for a missing word"),
        ("\n".join([*(f"w{n}" for n in range(20)), *WORDS]).encode(), "no token for a missing word"),
        ("\n".join([*WORDS, "a" * (1 << 20)]).encode(), "longer than any word"),
    ],
)
def test_a_list_of_words_that_is_none_is_named(tmp_path: Path, text: bytes, words: str) -> None:
    folder = write_bert(tmp_path)
    (folder / "vocab.txt").write_bytes(text)
    assert words in why_not(folder)


def test_a_word_that_takes_long_to_cut_is_unknown_soon(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    (folder / "vocab.txt").unlink()
    numbers = {word: number for number, word in enumerate(WORDS)}
    Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=10**9)).save(
        str(folder / "tokenizer.json")
    )
    put(folder, "tokenizer_config.json", {})
    cutter = EncoderImporter().read(folder).cutter
    assert cutter.encode("a" * 1_000_000) == [WORDS.index("[UNK]")]


def test_a_model_without_room_for_a_text_is_refused(tmp_path: Path) -> None:
    folder = write_bert(tmp_path)
    put(folder, "tokenizer_config.json", {"model_max_length": 2})
    assert "no room for a text" in why_not(folder)
    assert CONFIG["max_position_embeddings"] == 32
