"""The inspector's part for the next word: bars, the rest, stages of the sampler, the die; follows the playhead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, NamedTuple

import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    BARS_LEGEND,
    BarsDie,
    BarsView,
    ChipFlow,
    ElidedLabel,
    EngineTasks,
    Throttle,
    WhenSeen,
    named_button,
    put_in_a_column,
    set_tip,
    small_label,
)
from studio.core.text.token import Die, named, percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, plural, translate

from ..interpret.whole_words import WholeWord, word_around, word_written
from ..model.forms.bars import BarsForm
from ..model.forms.form import form_in, with_form
from ..model.forms.tokens import TextForm
from ..model.sampler import STAGES
from ..model.token_constraints import sampling_of
from ..params import TransformerParams
from ..scene import TransformerScene
from ..state import OpenTransformer
from ..trace import TextTrace
from ..view_model import BEFORE, N_ROWS, NextTokenChoice, OtherTokens, choice_at, choice_in_words

N_BEGUN: Final = 12
"""So many tokens are made whole words of, some of which are the same."""
WORDS_KEY: Final = "whole words"
REST_MS: Final = 120
"""So that a person who goes from word to word waits for none of them."""
WORDS_MS: Final = 1000
"""While a text grows, words about its bars change no more often: nobody could read them, and all make room for them."""
STAGE_TITLES: Final = {
    BEFORE: N_("network"),
    "wishes": N_("word preferences"),
    "form": N_("form"),
    "repetition": N_("repetition"),
    "frequency": N_("frequency"),
    "temperature": N_("temperature"),
    "top_k": N_("top-k"),
    "top_p": N_("top-p"),
    "min_p": N_("min-p"),
    "typical": N_("typical"),
}
OTHER_MODES: Final = {"instead": N_("After it"), "after": N_("Instead of it")}
MODE_HINTS: Final = {
    "instead": N_("Show what may come after the marked word"),
    "after": N_("Show what else could have been in the marked word’s place"),
}


class TokenBarsSection(QWidget):
    """Signals:
    mode_turned(): look at the place of the marked word instead of behind it, or the other way round.
    stage_chosen(stage): show the bars as they are after this stage.
    forced(token): the text shall go on with this token here.
    word_forced(text): the same with a word that was typed.
    """

    mode_turned = Signal()
    stage_chosen = Signal(str)
    forced = Signal(int)
    word_forced = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = named_button("next_mode", OTHER_MODES["instead"], kind="link", pressed=self.mode_turned)
        self.title = ElidedLabel()
        self.title.setProperty("role", "strong")
        self.bars = BarsView()
        self.bars.forced.connect(self.forced)
        self.legend, self.others = small_label(translate(BARS_LEGEND)), small_label()
        self.stages = ChipFlow("stages", (), _("The stage after which the bars are shown"))
        self.stages.chosen.connect(self._on_stage_chosen)
        self.die = BarsDie()
        self.fell = small_label()
        self.word = QLineEdit()
        self.word.setObjectName("forced_word")
        self.word.setPlaceholderText(_("Use another word…"))
        self.word.setAccessibleName(_("A word to put here"))
        set_tip(self.word, _("Type a word and press Enter: the text continues from it in a branch"))
        self.word.returnPressed.connect(self._on_word_entered)
        self._names: dict[str, str] = {}
        self._shown: tuple[NextTokenChoice | None, str, str] = None, "", STAGES[-1]  # what, its title and the stage
        self._words_follow = Throttle(WORDS_MS, self._show_words, self)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.mode)
        put_in_a_column(
            self, (head, self.bars, self.legend, self.others, self.stages, self.die, self.fell, self.word), 6
        )
        self.show_choice(None, "", "instead", STAGES[-1])

    def show_choice(
        self, choice: NextTokenChoice | None, title: str, mode: str, stage: str, is_resting: bool = True
    ) -> None:
        """Show what could stand at a place; the words about it follow where the text does not rest. Emits nothing."""
        self.mode.setText(translate(OTHER_MODES[mode]))
        set_tip(self.mode, translate(MODE_HINTS[mode]))
        self.mode.setVisible(bool(title))
        self.bars.show_rows(() if choice is None else choice.rows)
        self.legend.setVisible(choice is not None)
        self.die.show_die(None if choice is None else choice.die)
        self._shown = choice, title, stage
        if is_resting:
            self._show_words()
        else:
            self._words_follow.request()

    def _show_words(self) -> None:
        """Say what it is about, what the others have, which stages did something, and on what the die falls."""
        choice, title, stage = self._shown
        self.title.setText(title)
        self.others.setText("" if choice is None else others_words(choice.others))
        self._show_stages(choice, stage)
        die = None if choice is None else choice.die
        self.fell.setText("" if choice is None or die is None else die_words(die, choice))
        self.fell.setVisible(die is not None)

    def _show_stages(self, choice: NextTokenChoice | None, stage: str) -> None:
        names = {} if choice is None else _stage_names(choice)
        if names != self._names:
            self._names = names
            self.stages.set_texts(tuple(names.values()))
        last = list(names)[-1] if names else ""
        self.stages.set_current(names.get(stage, names.get(last, "")))
        self.stages.setVisible(len(names) > 1)

    def _on_word_entered(self) -> None:
        word = self.word.text()
        if word.strip():
            self.word.clear()
            self.word_forced.emit(word)

    def _on_stage_chosen(self, text: str) -> None:
        stage = next(name for name, own in self._names.items() if own == text)
        self.stage_chosen.emit(STAGES[-1] if stage == list(self._names)[-1] else stage)


def _stage_names(choice: NextTokenChoice) -> dict[str, str]:
    """The stages that do something: the network's own bars, then each one with how many tokens it leaves."""
    n_before = -1
    names = {BEFORE: translate(STAGE_TITLES[BEFORE])}
    for name, n_left in choice.left:
        is_shown = name in choice.active
        if is_shown:
            words = translate(STAGE_TITLES[name])
            names[name] = f"{words}: {n_left:,}" if n_left != n_before and n_before >= 0 else words
        n_before = n_left
    return names


def others_words(others: OtherTokens) -> str:
    """What the tokens without a bar have: "5,994 others share 19.4 %"."""
    if others.has_words:  # how many words there are, nobody knows
        return _("All other words share {share}").format(share=percent(others.share))
    parts = []
    if others.n_left:
        text = plural(N_("{n} other shares {share}"), N_("{n} others share {share}"), others.n_left)
        parts.append(text.format(share=percent(others.share)))
    if others.n_removed:
        parts.append(plural(N_("{n} is ruled out"), N_("{n} are ruled out"), others.n_removed))
    return ", ".join(parts)


def die_words(die: Die, choice: NextTokenChoice) -> str:
    """On what the die falls with the settings as they are."""
    if die.is_greedy:
        return _("Nothing is random here: the likeliest word is always used.")
    if die.would is None:
        return _("With these settings the random draw picks one of the others.")
    if die.would == choice.chosen:
        return _("The random draw picks “{word}”.").format(word=named(die.word))
    return _("With these settings the same draw picks “{word}”.").format(word=named(die.word))


@dataclass(frozen=True, eq=False)
class BarsPlace:
    """A text and the token of it that is looked at."""

    trace: TextTrace
    place: int


class WordsWanted(NamedTuple):
    """The words that begin with some tokens after a text; `params` have its form and what is off, and nothing else."""

    before: tuple[int, ...]
    n_prompt: int
    tokens: tuple[int, ...]
    params: TransformerParams


class TokenBarsPresenter(QObject):
    """Signals:
    forced(place, tokens): the text shall have this word there.
    refreshed(n): the bars are made anew; so many tokens fit the form there, None where it says nothing of it.
    exact_wanted(ids): all probabilities after these tokens would help; see `set_exact`.

    Attributes:
        choice: what the bars show; None where there is no text.
        params: the settings that they are made with.
        is_resting: whether the text does not grow just now.
        words_wanted: the whole words that would help; None where the bars show tokens.
    """

    forced = Signal(int, object)
    refreshed = Signal(object)
    exact_wanted = Signal(object)

    def __init__(self, section: TokenBarsSection, parent: QObject) -> None:
        super().__init__(parent)
        self._section = section
        self._shown: BarsPlace | None = None
        self._mode = "instead"
        self._stage: str = STAGES[-1]
        self._is_mode_chosen = False
        self.params = TransformerParams()
        self._vocabulary: TextVocabulary | None = None
        self.is_resting = True
        self._has_words = self._knows_words = True
        self._words: tuple[WordsWanted | None, Sequence[WholeWord]] = (None, ())
        self.words_wanted: WordsWanted | None = None
        self._form = BarsForm()
        self.choice: NextTokenChoice | None = None
        section.mode_turned.connect(self._on_mode_turned)
        section.stage_chosen.connect(self._on_stage_chosen)
        section.forced.connect(self._on_forced)

    @property
    def place(self) -> int:
        """The place that the bars are about: that of the marked word, or the one behind it."""
        return 0 if self._shown is None else self._span(self._shown)[self._mode == "after"]

    @property
    def before(self) -> tuple[int, ...]:
        """The tokens before that place."""
        return () if self._shown is None else tuple(self._shown.trace.ids[: self.place].tolist())

    def opened(self, found: OpenTransformer) -> None:
        """The model is open."""
        self._vocabulary, self._knows_words = found.vocabulary, not found.is_server
        self.refresh()

    def show(self, trace: TextTrace, place: int, params: TransformerParams, is_resting: bool) -> None:
        """The playhead is at a token; at the end of a text that rests, one wants to know what comes next."""
        is_other = self._shown is None or self._shown.place != place or len(self._shown.trace) != len(trace)
        self._shown, self.params, self.is_resting = BarsPlace(trace, place), params, is_resting
        if is_other or not self._is_mode_chosen:
            self._is_mode_chosen = False
            is_prompt_end = is_resting and place == len(trace) - 1 and place < len(trace.prompt)
            self._mode = "after" if is_prompt_end or self._span(self._shown)[0] == 0 else "instead"
        self.refresh()

    def show_scene(self, scene: TransformerScene) -> None:
        """A slider has moved."""
        self.params, self._has_words = scene.params, not scene.look.shows_tokens
        self.refresh()

    def set_form(self, form: TextForm | None) -> None:
        """The text keeps to another form."""
        self._form = BarsForm(form)
        self.refresh()

    def set_exact(self, ids: tuple[int, ...], probabilities: npt.NDArray[Any]) -> None:
        """These are all probabilities after some tokens, (V,)."""
        self._form.exact_ids, self._form.exact = ids, probabilities
        self.refresh()

    def set_words(self, wanted: WordsWanted, words: Sequence[WholeWord]) -> None:
        """These are the whole words that were wanted."""
        self._words = wanted, words
        self.refresh()

    def clear(self) -> None:
        """There is no text."""
        self._shown = self.choice = None
        self._section.show_choice(None, "", self._mode, self._stage)

    def refresh(self) -> None:
        """Compute the bars anew."""
        shown, vocabulary = self._shown, self._vocabulary
        if shown is None or vocabulary is None:
            return
        allowed = self._form.allowed(self.before, len(shown.trace.prompt))
        found = self._form.found(shown.trace, self.place, allowed)
        sampling = replace(sampling_of(self.params, vocabulary), form=allowed)
        n_rows = N_BEGUN if self._joins_words and allowed is None else N_ROWS
        choice = choice_at(shown.trace, self.place, sampling, vocabulary, self._stage, n_rows, found)
        self.words_wanted = None
        if choice is not None and self._joins_words:
            self.words_wanted = self._wanted(shown, choice)
            words = self._known_words(shown, vocabulary)
            choice = choice_in_words(choice, words, self.before, sampling, vocabulary, self._stage)
        self.choice = choice
        if allowed is not None and found is None and self.is_resting:
            self.exact_wanted.emit(self.before)
        title = self._title(shown, vocabulary)
        self._section.show_choice(self.choice, title, self._mode, self._stage, self.is_resting)
        self.refreshed.emit(None if allowed is None else int(allowed.sum()))

    # Whole words

    @property
    def _joins_words(self) -> bool:
        """While a text grows, each token is drawn for itself, and shown so."""
        return self._has_words and self.is_resting and self._knows_words

    def _span(self, shown: BarsPlace) -> tuple[int, int]:
        """The first token of what is marked, and the one behind its last."""
        if self._joins_words and self._vocabulary is not None:
            return word_around(shown.trace.ids, shown.place, self._vocabulary)
        return shown.place, shown.place + 1

    def _wanted(self, shown: BarsPlace, choice: NextTokenChoice) -> WordsWanted:
        tokens = tuple(row.token for row in choice.rows if not row.is_chosen)
        params = with_form(TransformerParams(muted=self.params.muted), *form_in(self.params))
        return WordsWanted(self.before, len(shown.trace.prompt), tokens, params)

    def _known_words(self, shown: BarsPlace, vocabulary: TextVocabulary) -> Mapping[int, WholeWord]:
        """By their first tokens: those that were found, and the one that stands there."""
        wanted, found = self._words
        words = {word.tokens[0]: word for word in found if wanted is not None and wanted == self.words_wanted}
        if self.place < len(shown.trace):
            word = word_written(shown.trace, self.place, vocabulary, self._form)
            words[word.tokens[0]] = word
        return words

    def _title(self, shown: BarsPlace, vocabulary: TextVocabulary) -> str:
        first, end = self._span(shown)
        word = named(
            "".join(vocabulary.texts(shown.trace.ids[first:end].tolist()))
            or vocabulary.name(int(shown.trace.ids[first]))
        )
        if self._mode == "after":
            return _("After “{word}”").format(word=word)
        if first == 0:
            return _("“{word}” comes first, so nothing was expected.").format(word=word)
        return _("Instead of “{word}”").format(word=word)

    def _on_mode_turned(self) -> None:
        self._mode, self._is_mode_chosen = "instead" if self._mode == "after" else "after", True
        self.refresh()

    def _on_stage_chosen(self, stage: str) -> None:
        self._stage = stage
        self.refresh()

    def _on_forced(self, token: int) -> None:
        rows = () if self.choice is None else self.choice.rows
        more = next((row.more for row in rows if row.token == token), ())
        self.forced.emit(self.place, (token, *more))


class WholeWordsPresenter(QObject):
    """Asks the model how the words go on that the bars begin, once a person looks at them and nothing moves."""

    def __init__(
        self, section: TokenBarsSection, bars: TokenBarsPresenter, tasks: EngineTasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bars, self._tasks = bars, tasks
        self._asked: WordsWanted | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(WhenSeen(section, self._ask).request)
        bars.refreshed.connect(lambda _: self._follow())

    def _follow(self) -> None:
        if self._bars.words_wanted not in (None, self._asked):
            self._rest.start()

    def _ask(self) -> None:
        wanted = self._bars.words_wanted
        if wanted is not None and wanted != self._asked:
            self._asked = wanted
            done = partial(self._bars.set_words, wanted)
            self._tasks.ask(WORDS_KEY, lambda engine: engine.words(*wanted), Policy.RESTART, done=done)
