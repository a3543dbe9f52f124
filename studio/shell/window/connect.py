"""Asks for the address of a server and which of its models to open; nothing is sent before a person has agreed."""

import json
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from studio.api.server_address import KEY_FROM, KEYRING, ServerContact, contact_of
from studio.compute.job import Policy
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_, _, translate
from studio.registry.model import free_name
from studio.shell.session.service import Services
from studio.widgets.controls.label import Label
from studio.widgets.controls.section_parts import at_the_left, named_button, small_label
from studio.widgets.task_scope import TaskScope
from studio.widgets.theme import theme

WIDTH_PX: Final = 520
_LEAD: Final = N_(
    "A model of a server writes here like one on this computer: llama.cpp, vLLM, Ollama, LM Studio, or a service with "
    "OpenAI’s interface."
)
_UNSENT: Final = N_("Nothing is sent before you press “Connect”.")


def warning_of(contact: ServerContact) -> str:
    """What goes to a server, and whether others can read it."""
    parts = [_("What you write with its models is sent to “{host}”.").format(host=contact.address.name)]
    if contact.key_from not in ("", KEYRING):
        parts.append(_("So is the key in the environment variable “{name}”.").format(name=contact.key_from))
    elif contact.key_from:
        parts.append(_("So is your key for this server, which stays in the system’s keyring."))
    if contact.address.scheme == "http" and not contact.address.is_here:
        parts.append(_("The connection is not encrypted: others in the network can read all of it."))
    return " ".join(parts)


class ConnectDialog(QDialog):
    """Signals: chosen(model_id): a card was made for this model."""

    chosen = Signal(str)

    def __init__(self, services: Services, family_id: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Connect to a server"))
        self._services, self._family_id = services, family_id
        found = services.catalog.family(family_id)
        self._connector = found.load(found.manifest.connector)()
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._contact: ServerContact | None = None
        self.address = _field("server_address", N_("Address, such as localhost:8080"))
        self.key = _field("server_key", N_("Key, if the server wants one (kept in the system’s keyring)"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.variable = _field("server_variable", N_("Or the name of an environment variable with the key"))
        self.models = QComboBox()
        self.models.setObjectName("server_model")
        self.models.setEditable(True)
        self.models.setAccessibleName(_("Model of the server"))
        self.said = small_label(translate(_UNSENT))
        self.connect_button = named_button("server_connect", N_("Connect"), pressed=self._on_connect, kind="primary")
        self.open_button = named_button("server_open", N_("Open"), pressed=self._on_open, kind="primary")
        self._lay_out()
        for field in (self.address, self.key, self.variable):
            field.textEdited.connect(self._on_edited)
            field.returnPressed.connect(self.connect_button.click)
        self._on_edited()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(10)
        lead = Label(translate(_LEAD))
        lead.setWordWrap(True)
        for part in (lead, self.address, self.key, self.variable, self.said, self.models):
            column.addWidget(part)
        column.addLayout(at_the_left(self.connect_button, self.open_button))
        self.setFixedWidth(theme().scaled(WIDTH_PX))

    def _on_edited(self) -> None:
        """Another address is another question."""
        self._tasks.cancel("models")
        self._contact, sentence = None, translate(_UNSENT)
        self._show_models(())
        if self.address.text().strip():
            try:
                sentence = f"{warning_of(self._typed())} {sentence}"
            except UserError as error:
                sentence = str(error)
        self._say(sentence)
        self.connect_button.setEnabled(bool(self.address.text().strip()))

    def _typed(self) -> ServerContact:
        key_from = KEYRING if self.key.text().strip() else self.variable.text().strip()
        contact = contact_of({"address": self.address.text(), KEY_FROM: key_from})
        assert contact is not None
        return contact

    def _on_connect(self) -> None:
        """A person has read where everything goes and agreed."""
        try:
            contact = self._typed()
            if self.key.text().strip():
                self._connector.keep_key(contact.address, self.key.text())
        except UserError as error:
            self._say(str(error))
            return
        self._services.catalog.let_reach(contact)
        self.connect_button.setEnabled(False)
        self._say(_("Asking “{host}” for its models…").format(host=contact.address.name))
        self._tasks.run(
            "models",
            lambda: self._connector.models_at(contact),
            Policy.RESTART,
            done=partial(self._on_models, contact),
            failed=self._on_failed,
        )

    def _on_models(self, contact: ServerContact, names: list[str]) -> None:
        self._contact = contact
        self._show_models(names)
        self._say(_("Choose a model.") if names else _("The server lists no models. Type the name of one."))
        self.open_button.setFocus()

    def _on_failed(self, error: BaseException) -> None:
        self.connect_button.setEnabled(True)
        if not isinstance(error, UserError):
            raise error
        self._say(str(error))

    def _show_models(self, names: list[str] | tuple[str, ...]) -> None:
        self.models.clear()
        self.models.addItems(list(names))
        has_answered = self._contact is not None
        self.models.setVisible(has_answered)
        self.open_button.setVisible(has_answered)
        self.connect_button.setVisible(not has_answered)
        self.adjustSize()

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.adjustSize()

    def _on_open(self) -> None:
        catalog, contact = self._services.catalog, self._contact
        model = self.models.currentText().strip()
        if contact is None:
            return
        taken = {one.id.partition("/")[2] for one in catalog.list_models(self._family_id)}
        name = free_name(model or contact.address.host, taken)
        card = self._connector.card(contact, model, name)
        path = catalog.models_folder / self._family_id / f"{name}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, json.dumps(card, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            self._say(str(UserError(N_("The model could not be kept."), str(error))))
            return
        catalog.refresh()
        self.accept()
        self.chosen.emit(str(card["id"]))


def _field(name: str, text: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setPlaceholderText(translate(text))
    field.setAccessibleName(translate(text))
    return field
