"""The list of sparse features in the section of steering: those that answer to the marked word come first."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, Label, WhenSeen, put_in_a_column, set_tip, theme
from studio.core.translation import N_, _, translate

from ..state import FeatureWords

KEY: Final = "steer features"
N_ROWS: Final = 7
INVITATION: Final = N_("What the model tells apart within itself; click an entry for a slider (sparse features).")


class FeatureList(QWidget):
    """Signals: chosen(feature): a slider shall push along this one, counted from 0."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._tips: tuple[str, ...] = ()
        self._strengths: tuple[float, ...] = ()
        self.said = Label(translate(INVITATION))
        self.said.setWordWrap(True)
        self.search = QLineEdit()
        self.search.setObjectName("feature_search")
        self.search.setAccessibleName(_("Search the features"))
        self.search.setPlaceholderText(_("Search the features"))
        self.search.setClearButtonEnabled(True)
        set_tip(self.search, _("Shows only features with these letters among their words"))
        self.search.textChanged.connect(self._fill)
        self.rows = QListWidget()
        self.rows.setObjectName("feature_list")
        self.rows.setAccessibleName(_("Features, those of the marked word first"))
        self.rows.setUniformItemSizes(True)
        self.rows.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for signal in (self.rows.itemClicked, self.rows.itemActivated):
            signal.connect(lambda item: self.chosen.emit(item.data(Qt.ItemDataRole.UserRole)))
        put_in_a_column(self, (self.said, self.search, self.rows))
        self.hide()

    def set_features(self, features: Sequence[FeatureWords]) -> None:
        """The model has these; the list takes no room where it has none. Emits nothing."""
        self._words = tuple(feature_name(one) for one in features)
        self._tips = tuple("\n".join(one.contexts) for one in features)
        self.setVisible(bool(features))
        self._fill()

    def show_strengths(self, word: str, strengths: Sequence[float]) -> None:
        """How strongly each answers to a word. Emits nothing."""
        self._strengths = tuple(strengths)
        n_active = sum(strength > 0 for strength in strengths)
        text = _("{n} of {all:,} features answer to “{word}”. Click one for a slider (sparse features).")
        self.said.setText(text.format(n=n_active, all=len(strengths), word=word.strip() or word.replace("\n", "⏎")))
        self._fill()

    def _fill(self) -> None:
        """Those with a word that begins so come first, then those that answer most."""
        wanted = self.search.text().strip().casefold()
        strengths = self._strengths or (0.0,) * len(self._words)
        names = [f", {words.casefold()}" for words in self._words]
        found = [at for at, name in enumerate(names) if wanted in name[2:]]
        self.rows.clear()
        for at in sorted(found, key=lambda at: (f", {wanted}" not in names[at], -strengths[at])):
            item = QListWidgetItem(
                f"{self._words[at]}  ·  {strengths[at]:.1f}" if strengths[at] > 0 else self._words[at]
            )
            item.setData(Qt.ItemDataRole.UserRole, at)
            set_tip(item, self._tips[at])
            self.rows.addItem(item)
        self.rows.setFixedHeight(self._height())

    def _height(self) -> int:
        row = max(self.rows.sizeHintForRow(0), theme().scaled(20))
        return row * N_ROWS + 2 * self.rows.frameWidth() + theme().scaled(8)


def feature_name(words: FeatureWords) -> str:
    """Its strongest words."""
    return ", ".join(words.words) or _("(answers to nothing)")


class FeaturePresenter(QObject):
    """Asks which features answer to the marked word, while somebody looks at the list."""

    def __init__(self, section: FeatureList, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._list, self._tasks = section, tasks
        self._has_features = self._is_watched = False
        self._wanted: tuple[tuple[int, ...], str] = ((), "")
        self._word = ""
        self._asked: object = None
        self._when_seen = WhenSeen(section, self._ask)

    def set_features(self, features: Sequence[FeatureWords]) -> None:
        """The model is open and has these."""
        self._has_features = bool(features)
        self._list.set_features(features)
        self._when_seen.request()

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at the section, or no longer."""
        self._is_watched = is_watched
        self._when_seen.request()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int, change: str) -> None:
        """The text on screen and the marked token."""
        place = min(max(place, 0), len(ids) - 1)
        self._wanted, self._word = (tuple(ids[: place + 1]), change), words[place] if words else ""
        self._when_seen.request()

    def _ask(self) -> None:
        wanted, word = self._wanted, self._word
        if self._has_features and self._is_watched and wanted[0] and wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(
                KEY,
                lambda engine: engine.features(*wanted),
                Policy.RESTART,
                done=lambda strengths: self._list.show_strengths(word, strengths),
            )
