"""The inspector's part for the next word: bars, what the rest has, each stage of the sampler, and the die."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.api.panel import BarsDie, BarsView, Button, ChipFlow, ElidedLabel
from studio.core.text import N_, plural, translate
from studio.core.text_candidate import Die
from studio.core.text_token import named, percent

from .sampler import STAGES
from .text_moment import BEFORE, NextChoice, Others

STAGE_TITLES: Final = {
    BEFORE: N_("network"),
    "wishes": N_("wishes"),
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
    "instead": N_("Show what may come behind the marked word"),
    "after": N_("Show what else could have stood in the place of the marked word"),
}


class BarsSection(QWidget):
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
        self.mode = Button(OTHER_MODES["instead"], kind="link")
        self.mode.setObjectName("next_mode")
        self.mode.clicked.connect(self.mode_turned)
        self.title = ElidedLabel()
        self.title.setProperty("role", "strong")
        self.bars = BarsView()
        self.bars.forced.connect(self.forced)
        self.others = QLabel()
        self.others.setProperty("role", "small")
        self.others.setWordWrap(True)
        self.stages = ChipFlow("stages", (), translate(N_("The bars after which stage")))
        self.stages.chosen.connect(self._on_stage_chosen)
        self.die = BarsDie()
        self.fell = QLabel()
        self.fell.setProperty("role", "small")
        self.fell.setWordWrap(True)
        self.word = QLineEdit()
        self.word.setObjectName("forced_word")
        self.word.setPlaceholderText(translate(N_("Force another word…")))
        self.word.setAccessibleName(translate(N_("A word that shall stand here")))
        self.word.setToolTip(translate(N_("Type a word and press Enter: the text goes on with it in a branch")))
        self.word.returnPressed.connect(self._on_word_entered)
        self._names: dict[str, str] = {}
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.mode)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        for part in (self.bars, self.others, self.stages, self.die, self.fell, self.word):
            column.addWidget(part)
        self.show_choice(None, "", "instead", STAGES[-1])

    def show_choice(self, choice: NextChoice | None, title: str, mode: str, stage: str) -> None:
        """Show what could stand at a place. Emits nothing."""
        self.mode.setText(translate(OTHER_MODES[mode]))
        self.mode.setToolTip(translate(MODE_HINTS[mode]))
        self.mode.setVisible(bool(title))
        self.title.setText(title)
        self.bars.show_rows(() if choice is None else choice.rows)
        self.others.setText("" if choice is None else others_words(choice.others))
        self._show_stages(choice, stage)
        die = None if choice is None else choice.die
        self.die.show_die(die)
        self.fell.setText("" if choice is None or die is None else die_words(die, choice))
        self.fell.setVisible(die is not None)

    def _show_stages(self, choice: NextChoice | None, stage: str) -> None:
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


def _stage_names(choice: NextChoice) -> dict[str, str]:
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


def others_words(others: Others) -> str:
    """What the tokens without a bar have: "5,994 others share 19.4 %"."""
    parts = []
    if others.n_left:
        text = plural(N_("{n} other shares {share}"), N_("{n} others share {share}"), others.n_left)
        parts.append(text.format(share=percent(others.share)))
    if others.n_removed:
        parts.append(plural(N_("{n} is ruled out"), N_("{n} are ruled out"), others.n_removed))
    return ", ".join(parts)


def die_words(die: Die, choice: NextChoice) -> str:
    """On what the die falls with the settings as they are."""
    if die.is_greedy:
        return translate(N_("Nothing is rolled: the likeliest is always taken."))
    if die.would is None:
        return translate(N_("With these settings the die falls on one of the others."))
    if die.would == choice.chosen:
        return translate(N_("The die falls on “{word}”.")).format(word=named(die.word))
    return translate(N_("With these settings the same die falls on “{word}”.")).format(word=named(die.word))
