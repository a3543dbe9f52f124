"""The panel of texts in its parts: the stage, and in the inspector writing, what could stand here, memory, choosing."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import (
    BARS_LEGEND,
    Axis,
    BarsDie,
    BarsView,
    BranchView,
    Curve,
    ElidedLabel,
    ParamForm,
    PlotSpec,
    PlotView,
    TextCanvas,
    TextLook,
    TextLookBoxes,
    named_button,
    put_in_a_column,
    put_in_pairs,
    set_tip,
    small_label,
)
from studio.core.text.token import named, percent
from studio.core.translation import N_, _, translate
from studio.core.view import State

from ...shared.next_token import TokenChoice
from ..params import TextParams
from ..state import MemoryBits, XLTextTrace
from .memory_strip import MemoryStrip

N_MORE: Final = 64
CHOOSING: Final = ("temperature", "top_p", "seed")
REMEMBERING: Final = ("memory",)


class WriteSection(QWidget):
    """Signals: write_requested(n_tokens), stop_requested(), passage_requested(), seed_requested()."""

    write_requested = Signal(int)
    stop_requested = Signal()
    passage_requested = Signal()
    seed_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._is_writing = False
        self.write = named_button("write", N_("Write"), "", kind="primary")
        self.step = named_button("step", N_("One step"), N_("Write one more token (Ctrl Shift Enter)"))
        self.passage = named_button(
            "passage", N_("A passage"), N_("Read lines that the model was never trained on (P)")
        )
        self.seed = named_button(
            "new_seed", N_("New seed"), N_("Write from the same beginning with a new random seed (R)")
        )
        self.write.clicked.connect(self._on_write_clicked)
        self.step.clicked.connect(lambda: self.write_requested.emit(1))
        self.passage.clicked.connect(self.passage_requested)
        self.seed.clicked.connect(self.seed_requested)
        put_in_pairs(self, (self.write, self.step, self.passage, self.seed))
        self.show_state(False, False)

    def show_state(self, is_writing: bool, can_write: bool) -> None:
        """Offer to write on, or to stop. Emits nothing."""
        self._is_writing = is_writing
        text = (_("Stop") if is_writing else _("Write {n}")).format(n=N_MORE)
        self.write.setText(text)
        self.write.setAccessibleName(text)
        hint = N_("Stop writing; what is there stays") if is_writing else N_("Write this many tokens (Ctrl Enter)")
        set_tip(self.write, translate(hint))
        self.write.setEnabled(can_write or is_writing)
        for button in (self.step, self.passage, self.seed):
            button.setEnabled(can_write and not is_writing)

    def _on_write_clicked(self) -> None:
        if self._is_writing:
            self.stop_requested.emit()
        else:
            self.write_requested.emit(N_MORE)


class NextTokenSection(QWidget):
    """What could stand at the place of the marked token. Signals: forced(token)."""

    forced = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel()
        self.bars, self.die = BarsView(), BarsDie()
        self.bars.forced.connect(self.forced)
        self.legend, self.words = small_label(translate(BARS_LEGEND)), small_label()
        put_in_a_column(self, (self.title, self.bars, self.legend, self.words, self.die))
        self.show_choice(None, "")

    def show_choice(self, choice: TokenChoice | None, title: str) -> None:
        """Show the candidates of a place, none for None. Emits nothing."""
        self.title.setText(title)
        self.bars.show_rows(() if choice is None else choice.rows)
        self.die.show_die(None if choice is None else choice.die)
        self.words.setText("" if choice is None else choice_words(choice))
        self.legend.setVisible(choice is not None)
        self.words.setVisible(choice is not None)


def choice_words(choice: TokenChoice) -> str:
    """What the tokens without a bar have, and where the die fell."""
    parts = [_("All others together have {share}.").format(share=percent(choice.others))]
    if choice.die is not None:
        parts.append(_("The random draw picks “{word}”.").format(word=named(choice.die.word)))
    return " ".join(parts)


class MemorySection(ParamForm):
    """How much is remembered and what that is worth. Signals of its own: heal_requested()."""

    heal_requested = Signal()

    def __init__(self, card: Mapping[str, Any]) -> None:
        super().__init__(TextParams, "text_", only=REMEMBERING)
        self.words, self.known = small_label(), small_label()
        self.plot = PlotView(N_("Bits per token for each length of memory"))
        self.heal = named_button("heal_cut", N_("Undo the cut"), kind="link", pressed=self.heal_requested)
        self.known.setText(card_words(card))
        column = self.layout()
        assert column is not None
        column.setSpacing(8)
        for part in (self.words, self.plot, self.heal, self.known):
            column.addWidget(part)
        self.known.setVisible(bool(self.known.text()))
        self.show_bits(None, "")
        self.heal.hide()

    def show_bits(self, found: MemoryBits | None, words: str) -> None:
        """Show what the text on screen costs with each length of memory. Emits nothing."""
        curves = []
        if found is not None:
            lengths = np.array(found.lengths, np.float64)
            curves = [Curve(_("This text"), lengths, np.array(found.bits, np.float64))]
        self.plot.show_plot(PlotSpec(curves, Axis(N_("tokens of memory"))))
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def show_memory(self, memory: int, is_cut: bool) -> None:
        """Show how much is remembered now, and whether it is cut. Emits nothing."""
        self.plot.set_marker(float(memory))
        self.heal.setVisible(is_cut)


def card_words(card: Mapping[str, Any]) -> str:
    """What the card says of memory on the test works."""
    curve = card.get("memory_curve", {})
    lengths, bits = curve.get("memory", ()), curve.get("bits", ())
    if not lengths or len(lengths) != len(bits):
        return ""
    text = _(
        "On works it was never trained on: {bits:.3f} bits per character with {n} tokens of memory, {none:.3f} without."
    )
    return text.format(bits=bits[-1], n=lengths[-1], none=bits[0])


def bits_of(state: State) -> float | None:
    """The surprise of all that was written after a text's prompt; None where a state is no text."""
    if "next_raw" not in state:
        return None
    trace = XLTextTrace(state)
    return float(trace.surprise[max(trace.n_prompt, 1) :].sum())


class XLTextStage(QWidget):
    """The parts of the middle, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas, self.looks = TextCanvas(), TextLookBoxes()
        self.strip, self.branches = MemoryStrip(), BranchView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        for part in (self.looks, self.strip, self.branches):
            column.addWidget(part)

    def set_look(self, look: TextLook) -> None:
        """Show the text so. Emits nothing."""
        self.canvas.set_look(look)
        self.looks.set_look(look)
