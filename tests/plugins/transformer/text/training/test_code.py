"""How code is judged: pieces of Python, completions against a plain sampler, copies by brute force; a recipe whole."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.tokenizer import own_tokenizer
from plugins.transformer.text.training import code_recipe
from plugins.transformer.text.training.code_evaluation import (
    chosen_heads,
    completions,
    copies,
    cut_alike,
    judged,
    runs_of,
    to_dedent,
)
from plugins.transformer.text.training.code_recipe import PIECES, CodeRecipe
from studio.api.engine import Device, ModelSource, TrainOptions
from studio.core.pausing import result_of
from studio.core.seed import generator
from studio.core.text.byte_tokens import END_ID, learnt_tokenizer
from studio.datasets.python_code import PythonFunctions
from studio.datasets.split import Split
from tests.plugins.transformer.text.decoder_made import LLAMA, decoder

BODY = "self.{noun} = {noun}\n    if not {noun}:\n        return {number}\n    {verb}()"
FUNCTIONS = tuple(
    f"def {verb}_{noun}(self, {noun}):\n    " + BODY.format(verb=verb, noun=noun, number=number)
    for number, (verb, noun) in enumerate((v, n) for v in ("get", "find", "set") for n in ("name", "item", "count"))
)
CPU = Device("cpu", "float32", 1)


@pytest.fixture(scope="module")
def tokenizer():
    return own_tokenizer(learnt_tokenizer(FUNCTIONS, 320, PIECES))


def test_a_line_end_goes_with_its_indent_and_a_name_with_its_sign(tokenizer):
    def pieces(text):
        return [piece.decode() for piece in tokenizer.pieces(tokenizer.encode(text, False))]

    text = "def get_name(self, name):\n    self.name = name\n    if not name:\n        return 1"
    found = pieces(text)
    assert "".join(found) == text
    assert {"\n    ", "\n        ", "(self", ".name", "):", " name"} <= set(found)
    assert pieces("def get_name(self, name):\n    ") == found[: found.index("\n    ") + 1]


def test_every_text_can_be_cut(tokenizer):
    text = "\tx = 'é😀'\r\n\n\n  # ∂ 12345\n\x00"
    assert tokenizer.decode(tokenizer.encode(text, False)) == text


def test_a_body_ends_at_the_first_dedent():
    assert to_dedent("x = 1\n\n    y\nz = 2\n    w") == "x = 1\n\n    y"
    assert to_dedent("return [\n") == "return [\n"
    assert to_dedent("") == ""


def test_heads_are_drawn_once_each_and_end_where_the_body_begins():
    halves = chosen_heads(FUNCTIONS, 5, 3)
    assert len({head + rest for head, rest in halves} & set(FUNCTIONS)) == 5
    assert all(head.endswith("):\n    ") and rest.startswith("self.") for head, rest in halves)
    assert chosen_heads(FUNCTIONS, 5, 4) != halves == chosen_heads(FUNCTIONS, 5, 3)


def test_completions_are_those_of_a_plain_sampler(tokenizer):
    model = decoder(replace(LLAMA, n_vocab=tokenizer.n_tokens, n_context=40))
    heads = [head for head, _ in chosen_heads(FUNCTIONS, 4, 1)]
    found = result_of(completions(model, tokenizer, heads, 7, n_tokens=12, temperature=0.7))
    for number, head in enumerate(heads):
        ids = tokenizer.encode(head)
        n_head = len(ids)
        for die in generator(7, "completion", number).random(12)[: 40 - n_head]:
            with torch.inference_mode():
                shares = (model(torch.tensor([ids]))[0, -1].double() / 0.7).softmax(-1).numpy()
            ids.append(int(np.searchsorted(np.cumsum(shares), die, "right")))
            if ids[-1] == END_ID:
                break
        assert found[number] == to_dedent(tokenizer.decode(ids[n_head:]))
    assert len(set(found)) == 4


def test_bodies_are_parsed_counted_and_searched():
    heads = ["def f(a):\n    "] * 6
    bodies = ["a = 1\n    return a", "return a", "pass\n    'text'\n    return a", "return (a"]
    bodies += ["for i in a:\n        i()", "x = the_learnt_text\n    return x"]
    verdict = result_of(judged(heads, bodies, ["a text", "with the_learnt_text in it"], 15))
    assert (verdict.n_parsed, verdict.n_long, verdict.n_good, verdict.n) == (5, 3, 2, 6)
    assert verdict.percent == pytest.approx(100 / 3)
    assert verdict.parsed_percent == pytest.approx(500 / 6)
    assert verdict.copied_percent == pytest.approx(100 / 3)


def test_no_code_is_run_and_odd_code_warns_nobody():
    bodies = ["raise SystemExit\n    x", "'\\d' is 1\n    '\\w' is 2", "x = '\0'", "(" * 500]
    verdict = result_of(judged(["def f():\n    "] * 4, bodies, []))
    assert (verdict.n_parsed, verdict.n_good) == (2, 2)


def test_copies_are_those_of_brute_force():
    letters = np.random.default_rng(2).choice(list("ab\n"), (30, 24))
    texts = ["".join(row) for row in letters]
    found = result_of(copies(texts[:20], texts[20:], 7))
    expected = [any(one[at : at + 7] in text for text in texts[20:] for at in range(18)) for one in texts[:20]]
    assert found.tolist() == expected
    assert 0 < found.sum() < 20
    assert runs_of("abcd", 3) == {"abc", "bcd"}


def test_real_bodies_are_cut_after_as_many_tokens(tokenizer):
    body = FUNCTIONS[0].partition("\n    ")[2]
    ids = tokenizer.encode(body, False)
    assert cut_alike(tokenizer, [body, body], 5)[1] == tokenizer.decode(ids[:5])
    assert cut_alike(tokenizer, [body], len(ids)) == [body]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, tokenizer):
    """The recipe in a few seconds: few functions and a small network."""
    patch = pytest.MonkeyPatch()
    parts = {Split.TRAIN: FUNCTIONS * 8, Split.VALIDATION: FUNCTIONS[:2], Split.TEST: FUNCTIONS[2:6]}
    patch.setattr(code_recipe, "load_python", lambda split: PythonFunctions(parts[split], 1))
    n_vocab = tokenizer.n_tokens
    small = replace(LLAMA, n_vocab=n_vocab, n_context=48, n_layers=1, n_heads=2, n_kv_heads=2, head_width=16)
    settings = replace(CodeRecipe().settings, n_warmup=5, n_decay=30)
    recipe = replace(CodeRecipe(), config=small, n_items=4, settings=settings, n_heads=4)
    out = tmp_path_factory.mktemp("trained") / "code.safetensors"
    frames = list(recipe.train(TrainOptions(out, CPU, n_steps=60)))
    patch.undo()
    return frames, out


@pytest.mark.long("trains a network")
def test_the_recipe_learns_and_writes_weights_and_card(trained):
    frames, out = trained
    losses = [frame.scalars["loss"] for frame in frames if "loss" in frame.scalars]
    assert losses[-1] < 0.5 * losses[0]
    card = json.loads(out.with_suffix(".json").read_text("utf-8"))
    assert card["language"] == "python"
    good, real, *_ = card["checks"]
    assert (good["floor"], real["floor"]) == (60, None)
    assert real["value"] == 0  # the real bodies were learnt here, and each holds a run of 40 characters
    assert all(example.endswith(":\n    ") for example in card["examples"])
    engine = TransformerEngine.open(ModelSource("transformer/code", out), CPU)
    assert card["n_params"] == sum(value.numel() for value in engine.decoder.parameters())
