"""The network against its formulas written out slowly, its gradients against differences, and its file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from plugins.transformer.describe.model.captioner import Captioner, CaptionerConfig, Eye, picture_reader
from plugins.transformer.describe.model.weights import load_captioner, save_captioner
from plugins.transformer.describe.training.lessons import Told, as_pictures, texts_of
from plugins.transformer.describe.training.recipe import DescribeRecipe, all_texts, learnt_cutter, text_losses
from plugins.transformer.describe.words import LABELS
from plugins.transformer.text.model.tokenizer import TextTokenizer
from plugins.transformer.translate.model.encoder_decoder import ALIGNED_HEAD
from plugins.transformer.translate.training.recipe import words_of
from studio.api.training import load_judge
from studio.core.error import UserError
from studio.core.text.byte_tokens import END_ID


def test_the_eye_sees_what_the_judge_sees() -> None:
    judge = load_judge("avatars")
    eye = Eye((48, 64, 96))
    for own, known in zip(eye.blocks, judge.blocks, strict=False):
        own.load_state_dict(known.state_dict())
    pictures = torch.rand(2, 3, 64, 64)
    wanted = judge.maps(pictures)[2].flatten(2).transpose(1, 2)
    assert torch.allclose(eye(pictures), wanted, atol=1e-6)
    assert not any(weight.requires_grad for weight in eye.parameters())


def test_a_word_looks_with_the_weights_of_the_formula(network: Captioner, faces: np.ndarray) -> None:
    """The last layer's cross attention, recomputed from its queries and the patches, one pair at a time."""
    patches = network.patches(as_pictures(faces[:1], torch.device("cpu")))
    tokens = [3, 9, 4]
    said = picture_reader(network, network.remembered(patches, None)).begin(tokens)
    layer: Any = network.decoder[-1]
    inputs: list[torch.Tensor] = []
    handle = layer.cross.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    network.decode(torch.tensor([[END_ID, *tokens]]), network.remembered(patches, None))
    handle.remove()
    width = network.config.width // network.config.n_heads
    part = slice(ALIGNED_HEAD * width, (ALIGNED_HEAD + 1) * width)
    queries = layer.cross.queries(inputs[0])[0, :, part]
    keys = layer.cross.keys_values(patches)[0, :, : network.config.width][:, part]
    for place, one in enumerate(said):
        scores = torch.stack([queries[place] @ key for key in keys]) / width**0.5
        assert np.allclose(one.looks[0], (scores.exp() / scores.exp().sum()).numpy(), atol=1e-6)
        assert one.looks.shape == (1, 64)


def test_words_read_one_by_one_are_those_read_at_once(network: Captioner, faces: np.ndarray) -> None:
    pictures, tokens = as_pictures(faces[:1], torch.device("cpu")), [5, 8, 2, 7]
    whole = network.decode(torch.tensor([[END_ID, *tokens]]), network.encode(pictures)).log_softmax(-1)[0]
    reader = picture_reader(network, network.encode(pictures))
    steps = [reader.begin([])[-1], *(reader.go_on([0], [token]) for token in tokens)]
    assert np.allclose(np.concatenate([one.logs for one in steps]), whole.numpy(), atol=1e-4)


def test_what_is_said_depends_on_the_picture_and_only_on_words_before(network: Captioner, faces: np.ndarray) -> None:
    two = as_pictures(faces[:2], torch.device("cpu"))
    tokens = torch.tensor([[END_ID, 3, 4], [END_ID, 3, 4]])
    logits = network.decode(tokens, network.encode(two))
    assert not torch.allclose(logits[0], logits[1], atol=1e-3)
    changed = torch.tensor([[END_ID, 3, 9], [END_ID, 3, 9]])
    assert torch.allclose(logits[:, :2], network.decode(changed, network.encode(two))[:, :2], atol=1e-5)


def test_the_loss_is_the_sum_written_out_and_its_gradients_are_differences(
    tokenizer: TextTokenizer, faces: np.ndarray
) -> None:
    torch.manual_seed(1)
    config = CaptionerConfig(tokenizer.n_tokens, width=8, n_heads=1, mlp_width=8, eye_widths=(8, 8, 8))
    network = Captioner(config).double()
    told = [
        Told(1, "Is this person smiling?", ((" Yes.", "mouth"),)),
        Told(0, "", (("A face with", ""), (" hair", "hair"))),
    ]
    texts = texts_of(tokenizer, told, torch.device("cpu"))
    places = torch.rand(len(LABELS), 64, dtype=torch.float64)
    places /= places.sum(1, keepdim=True)
    pictures = as_pictures(faces[:2], torch.device("cpu")).double()

    def losses() -> torch.Tensor:
        return torch.stack(list(text_losses(network, network.encode(pictures), texts, places))).sum()

    nats, looked, n_told = [], [], []
    for one in told:
        asked = tokenizer.encode(one.question, False)
        said = [(token, label) for text, label in one.pieces for token in tokenizer.encode(text, False)]
        ids, seen = [END_ID, *asked, *(token for token, _ in said), END_ID], list[torch.Tensor]()
        logits = network.decode(torch.tensor([ids[:-1]]), network.encode(pictures[one.row : one.row + 1]), seen)[0]
        logs = logits.float().log_softmax(-1)
        nats += [-logs[place, ids[place + 1]] for place in range(len(asked), len(ids) - 1)]
        for number, (_, label) in enumerate(said):
            if label:
                shares = seen[-1][0, ALIGNED_HEAD, len(asked) + number].log()
                looked.append(-(places[list(LABELS).index(label)] * shares).sum())
                n_told.append(label)
    assert n_told.count("mouth") >= 2
    wanted = torch.stack(nats).mean() + torch.stack(looked).mean()
    assert torch.allclose(losses(), wanted.to(losses().dtype), atol=1e-4)
    losses().backward()
    step = 1e-2
    first: Any = network.decoder[0]
    for weight in (network.glance.weight, network.places, first.cross.keys_values.weight):
        assert weight.grad is not None
        at = np.unravel_index(int(weight.grad.abs().argmax()), weight.shape)
        slope = float(weight.grad[at])
        with torch.no_grad():
            before = float(weight[at])
            weight[at] = before + step
            high = float(losses())
            weight[at] = before - step
            low = float(losses())
            weight[at] = before
        assert slope == pytest.approx((high - low) / (2 * step), rel=3e-2, abs=2e-4)


def test_a_file_brings_back_network_faces_and_words(tmp_path: Path, faces: np.ndarray) -> None:
    torch.manual_seed(2)
    cutter = learnt_cutter(640)
    network = Captioner(CaptionerConfig(cutter.n_tokens, width=16, n_heads=2, mlp_width=16, eye_widths=(8, 8, 8)))
    network.familiar_limit.fill_(7.5)
    path = tmp_path / "made.safetensors"
    save_captioner(path, network.eval(), cutter.library, words_of(all_texts()), faces)
    model = load_captioner(path)
    assert np.array_equal(model.faces, faces)
    assert {"beard", "colour", "winking", "reveals"} & model.words == {"beard", "colour", "winking"}
    assert float(model.network.familiar_limit) == 7.5
    pictures = as_pictures(faces, torch.device("cpu"))
    with torch.no_grad():
        one, other = network.patches(pictures), model.network.patches(pictures)
    assert F.cosine_similarity(one.flatten(), other.flatten(), 0) > 0.999


def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, faces: np.ndarray) -> None:
    cutter = learnt_cutter(640)
    network = Captioner(CaptionerConfig(cutter.n_tokens, width=16, n_heads=2, mlp_width=16, eye_widths=(8, 8, 8)))
    path = tmp_path / "made.safetensors"
    save_captioner(path, network, cutter.library, words_of(all_texts()), faces[:, :32])
    with pytest.raises(UserError, match="faces"):
        load_captioner(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError):
        load_captioner(path)


def test_yes_and_no_are_one_token_each_and_pieces_join_to_the_whole() -> None:
    cutter = learnt_cutter(DescribeRecipe().config.n_vocab)
    assert len(cutter.encode(" Yes.", False)) == len(cutter.encode(" No.", False)) == 2
    whole = "A face with spiky red hair and a smile, in a green dress."
    pieces = ("A face with", " spiky red hair", " and", " a smile", ", in", " a green dress", ".")
    assert cutter.encode(whole, False) == [one for piece in pieces for one in cutter.encode(piece, False)]
