"""A writer made by hand: its words follow each other by a rule, so that every probability is known; and a host."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from plugins.transformer.family import FAMILY
from plugins.transformer.text.chat_template import Message
from plugins.transformer.text.interpret.ablation import AblationEffect, SwapEffect, TokenAttribution, TokenSwap
from plugins.transformer.text.interpret.continuation_tree import TreeBlock
from plugins.transformer.text.interpret.whole_words import WholeWord, word_goes_on
from plugins.transformer.text.model.forms.form import FormMaker
from plugins.transformer.text.model.forms.tokens import TextForm
from plugins.transformer.text.model.sampler import die_roll, drawn, stages
from plugins.transformer.text.model.token_constraints import sampling_of
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.state import LogitLens, OpenTransformer
from plugins.transformer.text.trace import captured_next, next_facts
from studio.api.engine import Device, EngineHandle, ModelSource
from studio.commands.undo import UndoStack
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text.vocabulary import TextVocabulary
from studio.core.view import State, Tokens

WORDS = (
    "To",
    " be",
    ",",
    " or",
    " not",
    " to",
    " that",
    " is",
    " the",
    " question",
    " crown",
    " matter",
    " king",
    ".",
    "\n",
    "That",
    " sits",
    " upon",
    " a",
    " weary",
    " none",
    "Shall",
    " bid",
    " him",
    " sl",
    "eep",
    " cause",
    " way",
    " end",
    " if",
    " and",
    " his",
)
PIECES = (*(word.encode() for word in WORDS), "é".encode()[:1], "é".encode()[1:], b"")
VOCABULARY = TextVocabulary(PIECES, frozenset({34}))
N_TOKENS = len(VOCABULARY.pieces)
END = 34
N_LAYERS, N_HEADS = 2, 3
RAISE = 3.0


def log_probabilities(ids: Sequence[int]) -> np.ndarray:
    """Of what comes after these tokens, float32 (V,): the next word of the list is likely, the one after less."""
    logits = np.array([-((7 * token + 3 * ids[-1] + len(ids)) % 11) / 4 for token in range(N_TOKENS)], np.float64)
    logits[(ids[-1] + 1) % 32] += RAISE
    logits[(ids[-1] + 2) % 32] += RAISE / 2
    logits[END] = -20.0
    return (logits - np.log(np.exp(logits).sum())).astype(np.float32)


def _best(ids: Sequence[int]) -> int:
    return int(log_probabilities(ids).argmax())


def encode(text: str) -> list[int]:
    """The longest words of the list, one after another; what is none is left out."""
    found, rest = [], text
    while rest:
        match = max((word for word in WORDS if rest.startswith(word)), key=len, default=None)
        if match is None:
            rest = rest[1:]
            continue
        found.append(WORDS.index(match))
        rest = rest[len(match) :]
    return found


def attention_row(n_seen: int) -> np.ndarray:
    """(L, N, S): head 0 looks at the token before, head 1 at the first one, head 2 at all alike."""
    row = np.zeros((N_LAYERS, N_HEADS, n_seen), np.float16)
    row[:, 0, max(n_seen - 2, 0)] = 1
    row[:, 1, 0] = 1
    row[:, 2] = 1 / n_seen
    return row


class MadeWriter:
    """The engine. `n_passes` counts the tokens that were read."""

    pauses = False

    def __init__(self) -> None:
        self.n_passes = 0

    def about(self) -> OpenTransformer:
        return OpenTransformer(VOCABULARY, N_LAYERS, N_HEADS, 64)

    def attention(self, ids: Sequence[int], muted: str) -> np.ndarray:
        found = np.zeros((N_LAYERS, N_HEADS, len(ids), len(ids)), np.float16)
        for place in range(len(ids)):
            found[:, :, place, : place + 1] = attention_row(place + 1)
        return found

    def layers(self, ids: Sequence[int], muted: str, pinned: int | None) -> LogitLens:
        """The first row guesses the word itself, the second none, the last one what the model says."""
        last = np.stack([log_probabilities(ids[: place + 1]) for place in range(len(ids))])
        first = np.full_like(last, -9.0)
        first[np.arange(len(ids)), ids] = -0.1
        streams = np.stack([first, (first + last) / 2, last])
        shares = np.exp(streams)
        chosen = 0 if pinned is None else pinned
        ranks = (streams > streams[..., chosen : chosen + 1]).sum(-1)
        return LogitLens(streams.argmax(-1), shares.max(-1), pinned, shares[..., chosen], ranks)

    def path(self, ids: Sequence[int], muted: str) -> LogitLens:
        whole = self.layers(ids, muted, None)
        return LogitLens(whole.tokens[:, -1:], whole.probabilities[:, -1:], None, np.zeros((0, 1)), np.zeros((0, 1)))

    def tree(self, ids: Sequence[int], width: int, depth: int, muted: str) -> list[TreeBlock]:
        blocks: list[TreeBlock] = []
        heads: list[tuple[int, list[int]]] = [(-1, list(ids))]
        for level in range(1, depth + 1):
            following = []
            for parent, text in heads:
                values = log_probabilities(text)
                for token in np.argsort(-values, kind="stable")[:width]:
                    blocks.append(TreeBlock(int(token), parent, level, float(np.exp(values[token]))))
                    following.append((len(blocks) - 1, [*text, int(token)]))
            heads = following
        return blocks

    def words(
        self, ids: Sequence[int], n_prompt: int, tokens: Sequence[int], params: TransformerParams
    ) -> tuple[WholeWord, ...]:
        """Word by word, where the engine takes all in one pass."""
        return tuple(self._word(ids, token) for token in tokens)

    def _word(self, ids: Sequence[int], token: int) -> WholeWord:
        word, facts = [token], []
        while word_goes_on(b"".join(PIECES[one] for one in word), PIECES[best := _best([*ids, *word])]):
            facts.append(next_facts(log_probabilities([*ids, *word])))
            word.append(best)
        return WholeWord(tuple(word), tuple(facts), (None,) * len(facts))

    def effect(self, ids: Sequence[int], muted: str) -> AblationEffect:
        """Whatever is off, the rule is that of a text one token longer."""
        return AblationEffect(np.exp(log_probabilities(ids)), np.exp(log_probabilities([0, *ids] if muted else ids)))

    def chat(self, messages: Sequence[Message]) -> str:
        if any(message.content == " king" for message in messages):
            raise UserError("No kings.")
        return "".join(f"{message.content}." if message.role == "system" else message.content for message in messages)

    def form(self, params: TransformerParams) -> TextForm | None:
        return FormMaker(VOCABULARY).form(params)

    def swapped(self, ids: Sequence[int], swap: TokenSwap, muted: str) -> SwapEffect:
        new = tuple(encode(f" {swap.word}" if swap.has_space else swap.word))
        if not new:
            raise UserError("No such word.")
        values = [np.exp(log_probabilities(text)) for text in (ids, swap.applied(ids, new))]
        return SwapEffect(AblationEffect(*values), new)

    def mattered(self, ids: Sequence[int], token: int) -> TokenAttribution:
        """Only the last token decides."""
        only = np.zeros(len(ids), np.float32)
        only[-1] = 1.0
        return TokenAttribution(3 * only, only)

    def generate(self, params: TransformerParams, start: State | None = None) -> Iterator[Frame]:
        n_written = 0 if start is None else len(start["ids"]) - len(start["prompt"])
        yield from self.go_on(replace(params, length=max(0, params.length - n_written)), start)

    def go_on(self, params: TransformerParams, start: State | None = None) -> Iterator[Frame]:
        state = start or {"ids": np.array(encode(params.prompt) or [0], np.int32)}
        ids = [int(one) for one in state["ids"]]
        prompt = np.asarray(state.get("prompt", ids), np.int32)
        first = len(ids) - 1 if start is not None else 0
        ids += state.get("put", np.zeros(0, np.int32)).tolist()
        rows = self._rows(ids, first, params, state)
        n_all = len(ids) + params.length
        for place in range(first, len(ids)):
            yield self._frame(ids[: place + 1], prompt, rows[: place + 1], n_all)
        form = self.form(params)
        for _ in range(params.length):
            if ids[-1] == END or (form is not None and form.is_complete(ids, len(prompt))):
                return
            roll = die_roll(params.seed, len(ids))
            sampling = sampling_of(params, VOCABULARY)
            if form is not None:
                sampling = replace(sampling, form=form.mask(ids, len(prompt)))
            found = stages(log_probabilities(ids), ids, sampling)
            token = drawn(found[-1].logits, roll, params.is_greedy).token
            rows.append(self._row([*ids, token], params, roll))
            ids.append(token)
            yield self._frame(ids, prompt, rows, n_all)

    def generate_with_pauses(self, params: TransformerParams, start: State | None = None) -> Iterator[Frame]:
        return self.generate(params, start)

    def _rows(self, ids: list[int], first: int, params: TransformerParams, state: State) -> list[Any]:
        return [self._row(ids[: place + 1], params, -1.0) for place in range(len(ids))]

    def _row(self, ids: list[int], params: TransformerParams, roll: float) -> Any:
        self.n_passes += 1
        about = (-1.0, -1.0, -1.0, roll)
        if len(ids) > 1:
            before = log_probabilities(ids[:-1])
            rank = int((before > before[ids[-1]]).sum())
            about = (-float(before[ids[-1]]) / np.log(2), rank, 3.0, roll)
        values = log_probabilities(ids)
        found = stages(values, ids, sampling_of(params, VOCABULARY))
        return captured_next(values, found, np.ones(N_LAYERS + 1, np.float32), about)

    def _frame(self, ids: list[int], prompt: np.ndarray, rows: list[Any], n_all: int) -> Frame:
        state = {
            "ids": np.array(ids, np.int32),
            "prompt": prompt,
            "facts": np.stack([row.facts for row in rows]),
            "next_ids": np.stack([row.next_ids for row in rows]),
            "next_after": np.stack([row.next_after for row in rows]),
            "log_normalisers": np.stack([row.log_normalisers for row in rows]),
            "window": np.zeros(1, np.int32),
        }
        surprise = tuple(max(float(row.facts[0]), 0.0) for row in rows)
        views = {"text": Tokens(tuple(VOCABULARY.texts(ids)), surprise)}
        return Frame(len(ids) - 1, n_all, f"Token {len(ids)}", views, {"surprise": surprise[-1]}, state)

    def close(self) -> None:
        pass


class Host:
    """A host that remembers, and keeps unexpected errors."""

    hue = "transformer"

    def __init__(self, worker: Any, dispatcher: Any) -> None:
        self.family = FAMILY
        self.worker, self.dispatcher, self.undo = worker, dispatcher, UndoStack()
        self.memory: dict[str, Any] = {}
        self.errors: list[BaseException] = []
        self.opened: list[str] = []
        self.handles: dict[str, EngineHandle] = {}

    def remember(self, key: str, value: Any) -> None:
        self.memory[key] = json.loads(json.dumps(value))

    def recall(self, key: str, default: Any) -> Any:
        return self.memory.get(key, default)

    def cards(self) -> list[Any]:
        return []

    def handle_of(self, model_id: str) -> EngineHandle:
        return self.handles[model_id]

    def open_model(self, model_id: str) -> None:
        self.opened.append(model_id)

    def report(self, error: BaseException) -> None:
        self.errors.append(error)


def source(**card: Any) -> ModelSource:
    """What the panel reads of the model."""
    values = {"id": "transformer/made", "examples": ["To be, or"], "defaults": {"length": 6}}
    return ModelSource("transformer/made", Path(__file__), {**values, **card})


def handle_of(engine: MadeWriter, **card: Any) -> EngineHandle:
    """A handle that opens this engine."""
    return EngineHandle(source(**card), lambda _: engine)  # type: ignore[arg-type, return-value]  # it writes as an engine does


CPU = Device("cpu", "float32", 1)
