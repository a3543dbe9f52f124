"""Folders of encoder–decoders: what they do, how they cut texts, and why some do not open."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from plugins.transformer.foreign.seq2seq.folder import read_seq2seq_folder
from plugins.transformer.foreign.seq2seq.tasks import read_taught
from plugins.transformer.seq2seq_importer import Seq2SeqImporter
from plugins.transformer.translate.engine import TranslateEngine
from plugins.transformer.translate.params import TranslateParams
from plugins.transformer.translate.state import TranslationTrace
from plugins.transformer.translate.view_model import view_of
from studio.compute.device import choose_device
from studio.core.error import UserError
from studio.core.param import first_params
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.made_folder import put
from tests.plugins.transformer.foreign.seq2seq.made_seq2seq import MODELS, made_seq2seq, put_marian

TEXTS = ("The weather is fine today, and the ﬁsh ½ swim: über  alles", "a", "日本 x", "  \n the\tsea ")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {name: tmp_path_factory.mktemp(name) for name in ("T5", "Marian", "BART")}
    for name, folder in found.items():
        made_seq2seq(folder, name)
    return found


@pytest.fixture
def copied(folders: dict[str, Path], tmp_path: Path) -> Any:
    return lambda name: Path(shutil.copytree(folders[name], tmp_path / name))


def change(folder: Path, **values: Any) -> Path:
    known = json.loads((folder / "config.json").read_text())
    put(folder, "config.json", known | values)
    return folder


def why_not(folder: Path) -> str:
    report = Seq2SeqImporter().describe(folder)
    assert not report.opens
    return str(report.why_not)


def test_a_marian_cuts_texts_as_sentencepiece_and_its_vocabulary_do(folders: dict[str, Path]) -> None:
    import sentencepiece

    folder = folders["Marian"]
    read = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    numbers = json.loads((folder / "vocab.json").read_text())
    taught = read_taught(read_seq2seq_folder(folder))
    for text in TEXTS:
        wanted = [numbers.get(piece, numbers["<unk>"]) for piece in read.encode(text, out_type=str)]
        assert list(taught.tokenizer.cut(text, "", (), 60).ids) == [*wanted, 0]
    assert [(task.does, task.source, task.target) for task in taught.tasks] == [("translate", "en", "de")]


def test_a_t5_cuts_texts_as_sentencepiece_does_and_knows_its_tasks(folders: dict[str, Path]) -> None:
    import sentencepiece

    folder = folders["T5"]
    read = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model"))
    taught = read_taught(read_seq2seq_folder(folder))
    for text in TEXTS:
        cut = taught.tokenizer.cut(text, "summarize: ", (), 500)
        assert list(cut.ids) == [*read.encode("summarize: " + text), 1]
        assert cut.is_whole
    assert not taught.tokenizer.cut("the sea " * 99, "", (), 20).is_whole
    assert [task.name for task in taught.tasks] == ["summarization", "translation_en_to_de", "answer"]
    assert taught.tasks[0].rules.least == 4
    assert taught.tasks[0].penalty == 2.0


def test_a_translator_of_several_languages_is_told_which_by_a_mark(copied: Any) -> None:
    folder = copied("Marian")
    put_marian(folder, ("fra", "spa"))
    taught = read_taught(read_seq2seq_folder(folder))
    assert [task.name for task in taught.tasks] == ["fra", "spa"]
    numbers = json.loads((folder / "vocab.json").read_text())
    assert taught.tasks[1].before == (numbers[">>spa<<"],)


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("name", ["T5", "Marian", "BART"])
def test_the_engine_searches_shows_and_goes_on(folders: dict[str, Path], name: str) -> None:
    source = result_of(Seq2SeqImporter().load(folders[name]))
    engine = TranslateEngine.open(source, choose_device("cpu"))
    params = first_params(TranslateParams, source.card)
    frames = list(engine.generate(params))
    assert [frame.step for frame in frames] == list(range(len(frames)))
    again = list(engine.generate(params, frames[1].state))
    states, others = ([frame.state for frame in one if frame.state is not None] for one in (frames, again))
    assert [one["lanes"].tolist() for one in others] == [one["lanes"].tolist() for one in states[1:]]
    trace = TranslationTrace(states[-1])
    assert all(trace.are_over)
    assert trace.scores == sorted(trace.scores, reverse=True)
    view = view_of(trace, engine.about(), params.prompt, params.task)
    assert "".join(view.chips) == params.prompt
    assert view.looks.shape == (len(view.words), len(view.chips))
    with pytest.raises(UserError, match="no task"):
        next(engine.generate(TranslateParams(prompt="a", task="dance")))
    with pytest.raises(UserError, match="no text"):
        engine.cut("</s>" if name == "BART" else " ")


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("BART", {"model_type": "led"}, "“led” cannot be opened"),
        ("BART", {"model_type": "whisper"}, "“whisper” cannot be opened"),
        ("BART", {"architectures": ["BartForSequenceClassification"]}, "does not write text"),
        ("T5", {"quantization_config": {"bits": 4}}, "quantization_config"),
        ("T5", {"d_model": 10**12}, "“d_model” cannot be"),
        ("T5", {"num_heads": 0}, "do not match"),
        ("T5", {"num_layers": 10**6}, "do not match"),
        ("T5", {"feed_forward_proj": "gated-mish"}, "“feed_forward_proj” cannot be"),
        ("T5", {"relative_attention_max_distance": 2}, "do not match"),
        ("T5", {"task_specific_params": 4}, "“task_specific_params” cannot be 4"),
        ("T5", {"d_kv": 8}, "has the shape"),
        ("Marian", {"share_encoder_decoder_embeddings": False}, "share_encoder_decoder_embeddings"),
    ],
)
def test_what_cannot_be_is_said(copied: Any, name: str, values: dict[str, Any], text: str) -> None:
    assert text in why_not(change(copied(name), **values))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"decoder_start_token_id": 10**6}, "“decoder_start_token_id” cannot be"),
        ({"eos_token_id": "x"}, "“eos_token_id” cannot be"),
        ({"bad_words_ids": [[]]}, "“bad_words_ids” cannot be"),
        ({"early_stopping": "soon"}, "“early_stopping” cannot be"),
        ({"repetition_penalty": -1}, "“repetition_penalty” cannot be"),
    ],
)
def test_searches_that_cannot_be_are_said(copied: Any, values: dict[str, Any], text: str) -> None:
    folder = copied("Marian")
    put(folder, "generation_config.json", values)
    assert text in why_not(folder)


def test_a_missing_or_broken_tokenizer_is_said(copied: Any) -> None:
    folder = copied("Marian")
    (folder / "source.spm").write_bytes((folder / "source.spm").read_bytes()[:99])
    assert "source.spm" in why_not(folder)
    put(folder, "vocab.json", {"</s>": 0})
    assert "not a table of tokens" in why_not(folder)
    (folder / "source.spm").unlink()
    assert "no tokenizer" in why_not(folder)


def test_a_folder_is_known_by_its_settings(folders: dict[str, Path], tmp_path: Path) -> None:
    assert Seq2SeqImporter().sniff(folders["T5"]) > 0.8
    assert Seq2SeqImporter().sniff(tmp_path) == 0
    assert set(MODELS) >= set(folders)
