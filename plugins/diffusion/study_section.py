"""The inspector's part for comparing: other strengths of guidance, other samplers, other pictures near this one."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, SliderRow, ValueRange
from studio.core.text import N_, translate

from .study_news import SCALES, StudyRequest

AMOUNT: Final = ValueRange(2.0, 100.0, step=2.0, default=30.0, unit="%", is_whole=True)


class StudySection(QWidget):
    """Begins a study, which the strip view then shows.

    Signals:
        study_requested(StudyRequest).
    """

    study_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        scales = " · ".join(f"{scale:g}" for scale in SCALES)
        self.guidance = Button(translate(N_("Guidance {scales}")).format(scales=scales))
        self.guidance.setObjectName("study_guidance")
        self.guidance.setToolTip(
            translate(
                N_(
                    "The same noise with the prompt ignored, followed plainly, and pulled at harder (classifier-free "
                    "guidance)"
                )
            )
        )
        self.race = Button(N_("Race four samplers"))
        self.race.setObjectName("study_race")
        self.race.setToolTip(
            translate(
                N_(
                    "The same noise through four samplers, with their time and how far each ends from the solution in "
                    "1,000 steps"
                )
            )
        )
        self.variations = Button(N_("Variations"), icon_name="dice")
        self.variations.setObjectName("study_variations")
        self.variations.setToolTip(translate(N_("Eight pictures near this one: its noise, turned a little (slerp)")))
        help_text = N_("How far the noise of the variations lies from this one: 0 is the same, 100 another picture.")
        self.amount = SliderRow("variation_amount", N_("How different"), AMOUNT, help_text)
        self.amount.set_value(AMOUNT.default)
        self.guidance.clicked.connect(self._on_guidance_clicked)
        self.race.clicked.connect(self._on_race_clicked)
        self.variations.clicked.connect(self._on_variations_clicked)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for buttons in ((self.guidance,), (self.race, self.variations)):
            row = QHBoxLayout()
            row.setSpacing(6)
            for button in buttons:
                row.addWidget(button, 1)
            column.addLayout(row)
        column.addWidget(self.amount)

    def _on_guidance_clicked(self) -> None:
        self.study_requested.emit(StudyRequest("guidance"))

    def _on_race_clicked(self) -> None:
        self.study_requested.emit(StudyRequest("race"))

    def _on_variations_clicked(self) -> None:
        self.study_requested.emit(StudyRequest("variations", amount=self.amount.value() / 100))
