"""A decoder ready to write: texts as frames that keep everything, and looks into it at rest. No Qt.

Shape letters: L layers, N heads, T tokens, V vocabulary.
"""

import itertools
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device, Engine, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text.steer_slider import sliders_of
from studio.core.translation import N_
from studio.core.view import State
from studio.nn.pausing_layers import pause_between_layers

from ..adapter_importer import ADAPTED, base_hash
from ..foreign.adapter.file import open_tuned
from ..foreign.model import is_foreign, open_foreign
from .chat_template import ChatTemplate, Message
from .frames import TextGenerator, TextStart
from .interpret.ablation import AblationEffect, SwapEffect, TokenAttribution, TokenSwap, word_tokens
from .interpret.attribution import token_attribution
from .interpret.continuation_tree import TreeBlock
from .interpret.readout import attention_over, experts_over, logit_lens, logit_lens_at_end, next_probabilities
from .interpret.sparse_features import FEATURES_SUFFIX, SparseFeatures, feature_strengths, load_features
from .interpret.steer_search import DirectionFinder
from .interpret.tree_search import continuation_tree
from .interpret.whole_words import WholeWord
from .interpret.word_search import whole_words
from .model.ablation_mask import NOT_STEERED, AblationMask, ablation_mask_of
from .model.decoder import NOTHING_ABLATED, Decoder
from .model.forms.bars import BarsForm
from .model.forms.form import FormMaker
from .model.forms.tokens import Mask, TextForm
from .model.prompt_cut import end_of_heading, kept_from
from .model.reader import DecoderReader
from .model.token_constraints import token_constraints_of
from .model.tokenizer import TextTokenizer, vocabulary_of
from .model.weights import load_decoder
from .params import TransformerParams
from .state import LogitLens, OpenTransformer, SteerSearch
from .trace import cut_of, known_rows

KEPT_SHARE: Final = 0.75
"""Of the context that a prompt may fill; the end of a longer one is kept."""


class TransformerEngine(Engine):
    """One decoder on one device.

    A text is read in the same portions every time (`Reader`), so that a branch repeats its run bit for bit, also one
    that was saved: its cache is made anew from the tokens in the state.
    """

    def __init__(
        self,
        decoder: Decoder,
        tokenizer: TextTokenizer,
        template: ChatTemplate | None = None,
        features: SparseFeatures | None = None,
        untuned: Decoder | None = None,
    ) -> None:
        """`untuned` is the model without its adapter, where it has one."""
        self.decoder, self._untuned = decoder, decoder if untuned is None else untuned
        self.pauses = pause_between_layers(*{decoder, self._untuned})
        self.template = template
        self.tokenizer = tokenizer
        self.vocabulary = vocabulary_of(tokenizer)
        self._reader = DecoderReader(decoder)
        self._forms = FormMaker(self.vocabulary)
        self._features, self._directions = features, DirectionFinder(decoder, tokenizer, features)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        if source.card.get("format") == ADAPTED:
            tuned = open_tuned(source, device)
            return cls(tuned.decoder, tuned.base.tokenizer, tuned.base.template, untuned=tuned.base.decoder)
        if is_foreign(source.card):
            foreign = open_foreign(source, device)
            return cls(foreign.decoder, foreign.tokenizer, foreign.template)
        decoder, tokenizer = load_decoder(source.path)
        path = source.path.with_name(source.path.stem + FEATURES_SUFFIX)
        features = load_features(path, decoder.config, base_hash(source)) if path.is_file() else None
        return cls(decoder.to(device.torch_device), tokenizer, features=features)

    def close(self) -> None:
        """Free the weights."""
        del self.decoder, self._untuned, self._reader, self._directions, self._features

    def about(self) -> OpenTransformer:
        """What a panel has to know."""
        config, features = self.decoder.config, () if self._features is None else self._features.words
        sizes = config.n_layers, config.n_heads, config.n_context
        return OpenTransformer(self.vocabulary, *sizes, features, is_tuned=self._is_tuned)

    # Texts

    def generate(self, params: TransformerParams, start: State | None = None) -> Iterator[Frame]:
        """Yield a frame for each token: those of the prompt, then `params.length` more than it has.

        A state is a frame's, or one that `trace.state_with` made of it; its text stands, whatever the prompt is, and
        its frame is the first one.
        """
        begin = self._from_prompt(params) if start is None else self._from_state(start)
        yield from self._written(params, begin, len(begin.prompt) + params.length)

    def go_on(self, params: TransformerParams, start: State | None = None) -> Iterator[Frame]:
        """The same, but with `params.length` tokens more than the state has."""
        begin = self._from_prompt(params) if start is None else self._from_state(start)
        yield from self._written(params, begin, len(begin.text) + params.length)

    def _written(self, params: TransformerParams, begin: TextStart, n_tokens: int) -> Iterator[Frame]:
        reader = self._reader_with(self._ablation(params.change))
        wishes = token_constraints_of(params, self.tokenizer, self._forms.form(params))
        writer = TextGenerator(reader, self.vocabulary, wishes, params.seed)
        yield from writer.frames(begin, max(n_tokens, len(begin.text)), self.tokenizer.specials.ends)

    def _from_prompt(self, params: TransformerParams) -> TextStart:
        asked = self._asked(params)
        ids = self.tokenizer.encode(asked)
        if not ids:
            ids = self.tokenizer.opening
        if not ids:
            raise UserError(N_("This model needs a word to start with."), N_("Write a prompt."))
        most = int(self.decoder.config.n_context * KEPT_SHARE)
        if len(ids) <= most:
            return TextStart(ids[:1], ids, {})
        n_before = self._n_before_words(asked, params.prompt, ids, most)
        first = n_before + kept_from(ids[n_before:], most - max(n_before, 1), self.vocabulary)
        prompt = [*ids[:n_before], *ids[first:]]
        return TextStart(prompt[:1], prompt, {}, "".join(self.vocabulary.texts(ids[n_before:first])))

    def _n_before_words(self, asked: str, words: str, ids: Sequence[int], most: int) -> int:
        """How many tokens of a prompt that is too long stand before a person's words and stay, so that a template is
        whole; without one the sign of a beginning alone.
        """
        n_start = int(ids[0] == self.tokenizer.specials.start)
        place = 0 if asked == words else asked.rfind(words.strip())
        if place > 0:
            before = self.tokenizer.encode(asked[:place])
            alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, ids, strict=False))
            found = sum(1 for _ in alike)
        else:  # a conversation that was written down before
            marks = [at for at, one in enumerate(ids) if at >= n_start and self.tokenizer.is_special(one)]
            found = end_of_heading(ids, marks, self.vocabulary)
        return found if n_start < found <= most // 2 else n_start

    def _asked(self, params: TransformerParams) -> str:
        """The prompt, within the model's template unless it has markers of its own or is to be read as it is."""
        prompt, tokenizer = params.prompt, self.tokenizer
        if self.template is None or params.is_raw or not prompt.strip():
            return prompt
        has_markers = any(tokenizer.is_special(one) for one in tokenizer.encode(prompt, with_start=False))
        return prompt if has_markers else self.chat((Message("user", prompt),))

    def _from_state(self, state: State) -> TextStart:
        """Raises UserError where the state is of another model."""
        ids, prompt = np.asarray(state["ids"]), np.asarray(state["prompt"])
        put = np.asarray(state.get("put", ids[:0]))
        n_shared = min(len(ids), len(prompt))
        both = np.concatenate([ids, prompt, put])
        is_possible = n_shared and both.min() >= 0 and both.max() < self.decoder.config.n_vocab
        if not is_possible or (ids[:n_shared] != prompt[:n_shared]).any():
            raise UserError(N_("This frame cannot be continued: it was made by another model."))
        known = known_rows(state)
        rolls = {place: float(roll) for place, roll in enumerate(state.get("rolls", ())) if roll >= 0}
        return TextStart(ids.tolist(), prompt.tolist(), known, cut_of(state), rolls, put.tolist())

    def _ablation(self, change: str) -> AblationMask:
        """What is off and, on a second line, what steers; raises UserError where the network has no such part."""
        muted, _, steer = change.partition("\n")
        ablation = self._muted(muted)
        steering = self._directions.steering(sliders_of(steer)) if steer else NOT_STEERED
        return replace(ablation, steering=steering) if steering.vectors else ablation

    def _muted(self, text: str) -> AblationMask:
        if not text:
            return NOTHING_ABLATED
        ablation, config = ablation_mask_of(text), self.decoder.config
        highest_layer = max([*ablation.layers, *(layer for layer, _ in ablation.heads)], default=0)
        highest_head = max((head for _, head in ablation.heads), default=0)
        if highest_layer >= config.n_layers or highest_head >= config.n_heads:
            raise UserError(
                N_("This model has {layers} layers with {heads} heads each.").format(
                    layers=config.n_layers, heads=config.n_heads
                ),
                N_("Choose one of those to switch off."),
            )
        if ablation.adapter and not self._is_tuned:
            raise UserError(N_("This model was not fine-tuned."), N_("Leave out the word “fine-tuning”."))
        return ablation

    @property
    def _is_tuned(self) -> bool:
        return self._untuned is not self.decoder

    def _network(self, ablation: AblationMask) -> Decoder:
        """The decoder that reads: with its adapter, or as it was before."""
        return self._untuned if ablation.adapter else self.decoder

    def _reader_with(self, ablation: AblationMask) -> DecoderReader:
        if self._reader.ablation != ablation:
            self._reader = DecoderReader(self._network(ablation), ablation)
        return self._reader

    def chat(self, messages: Sequence[Message]) -> str:
        """The prompt that asks for an answer to these messages; raises UserError where that cannot be written."""
        if self.template is None:
            raise UserError(N_("This model has no chat template."), N_("Write plain text instead."))
        return self.template.prompt(messages)

    # Looks: `change` is what `TransformerParams.change` says

    def form(self, params: TransformerParams) -> TextForm | None:
        """What the written text keeps to, for the panel; raises UserError where it is unsound."""
        return self._forms.fresh(params)

    def attention(self, ids: Sequence[int], change: str = "") -> npt.NDArray[np.float16]:
        """Attention (L, N, T, T) of all heads over the last tokens that the context holds."""
        ablation = self._ablation(change)
        return attention_over(self._network(ablation), ids, ablation)

    def experts(self, ids: Sequence[int], change: str = "") -> npt.NDArray[np.float16]:
        """How much of each token each expert got, (L, T, E)."""
        ablation = self._ablation(change)
        return experts_over(self._network(ablation), ids, ablation)

    def layers(
        self, ids: Sequence[int], change: str = "", pinned: int | None = None
    ) -> Generator[None, None, LogitLens]:
        """What each layer would say after each token."""
        ablation = self._ablation(change)
        return logit_lens(self._network(ablation), ids, ablation, pinned)

    def path(self, ids: Sequence[int], change: str) -> LogitLens:
        """What each layer would say after the last of these tokens."""
        ablation = self._ablation(change)
        return logit_lens_at_end(self._network(ablation), ids, ablation)

    def tree(
        self, ids: Sequence[int], width: int, depth: int, change: str = ""
    ) -> Generator[None, None, Sequence[TreeBlock]]:
        """The likeliest ways on."""
        ablation = self._ablation(change)
        seen = list(ids)[-int(self.decoder.config.n_context * KEPT_SHARE) :]
        cache, values = DecoderReader(self._network(ablation), ablation).cache_of(seen, len(seen))
        return continuation_tree(self._network(ablation), cache, values, width, depth, ablation)

    def words(
        self, ids: Sequence[int], n_prompt: int, tokens: Sequence[int], params: TransformerParams
    ) -> Generator[None, None, tuple[WholeWord, ...]]:
        """The likeliest word that begins with each of some tokens, in the form that the settings ask for."""
        form = BarsForm(self._forms.form(params))
        seen = list(ids)[-int(self.decoder.config.n_context * KEPT_SHARE) :]

        def allowed(more: Sequence[int]) -> Mask | None:
            return form.allowed([*ids, *more], n_prompt)

        ablation = self._ablation(params.change)
        return whole_words(self._network(ablation), seen, tokens, self.vocabulary, allowed, ablation)

    def effect(self, ids: Sequence[int], muted: str) -> AblationEffect:
        """What comes next with all of the network, and without what is muted."""
        whole = next_probabilities(self.decoder, ids, NOTHING_ABLATED)
        ablation = self._ablation(muted)
        return AblationEffect(whole, next_probabilities(self._network(ablation), ids, ablation))

    def swapped(self, ids: Sequence[int], swap: TokenSwap, change: str) -> SwapEffect:
        """What comes next with a word and with another one in its place; raises UserError where that has no tokens."""
        new, ablation = word_tokens(self.tokenizer, swap.word, swap.has_space), self._ablation(change)
        if not new:
            raise UserError(N_("The model has no tokens for this word."), N_("Type another one."))
        network = self._network(ablation)
        whole = next_probabilities(network, ids, ablation)
        other = next_probabilities(network, swap.applied(ids, new), swap.ablation(ablation, len(new)))
        return SwapEffect(AblationEffect(whole, other), new)

    def steer_search(self, toward: str, away: str) -> Generator[SteerSearch, None, SteerSearch]:
        """After which layer the direction from one text to another does most; yields what was measured so far."""
        return self._directions.search(toward, away)

    def steered(self, ids: Sequence[int], muted: str, steer: str) -> AblationEffect:
        """What comes next without and with the steering."""
        plain, steering = self._ablation(muted), self._ablation(f"{muted}\n{steer}")
        network = self._network(plain)
        return AblationEffect(next_probabilities(network, ids, plain), next_probabilities(network, ids, steering))

    def features(self, ids: Sequence[int], change: str) -> tuple[float, ...]:
        """How strongly each sparse feature answers to the last of some tokens, (F,); empty where none were learnt."""
        if self._features is None:
            return ()
        ablation = self._ablation(change)
        return feature_strengths(self._network(ablation), ids, ablation, self._features.network)

    def mattered(self, ids: Sequence[int], token: int) -> Generator[Any, None, TokenAttribution]:
        """How much each token mattered for `token` to come after them."""
        return token_attribution(self.decoder, ids, token)
