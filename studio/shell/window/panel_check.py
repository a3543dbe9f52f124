"""What every panel promises, checked on one that stands: a plain sentence for each promise that it does not keep."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QScrollBar, QWidget

from studio.core.error import UserError
from studio.core.translation import N_
from studio.widgets.caption import Caption
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.controls.number_field import NumberField
from studio.widgets.message_bar import MessageBar
from studio.widgets.timeline.timeline import Timeline

if TYPE_CHECKING:
    from studio.api.panel import Panel

_CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
_OF_THE_HOST = (Caption, MessageBar, ModelPicker, Timeline)


def panel_problems(panel: "Panel", guide: str) -> Iterator[str]:
    """What a panel lacks; `guide` is the text of its family's guide."""
    if panel.snapshot() is None:
        yield N_("Its panel shows nothing that could be saved.")
    names = _control_names(panel)
    if "" in names:
        yield N_("A control of its panel has no name: a screen reader cannot say what it is.")
    for name in sorted(names - {""}):
        if len(name) > 1 and name.lower() not in guide.lower():  # a chip with a letter explains itself
            yield N_("The guide does not mention “{name}”.").format(name=name)
    yield from _state_problems(panel)


def _control_names(panel: "Panel") -> set[str]:
    """The names of what a person can operate, without what the host explains itself."""
    of_host: list[QWidget] = [part for kind in _OF_THE_HOST for part in panel.findChildren(kind)]
    own = [
        one for kind in _CONTROLS for one in panel.findChildren(kind) if not isinstance(one, QScrollBar | NumberField)
    ]
    return {one.accessibleName() or getattr(one, "text", str)() for one in own if not _is_below(one, of_host)}


def _is_below(widget: QWidget, parts: list[QWidget]) -> bool:
    return any(part.isAncestorOf(widget) for part in parts)


def _state_problems(panel: "Panel") -> Iterator[str]:
    before = panel.state()
    try:
        panel.set_state(json.loads(json.dumps(before, allow_nan=False)))
    except (TypeError, ValueError):
        yield N_("The state of its panel is not made of plain JSON values.")
    except UserError as error:
        yield N_("Its panel does not accept its own state: {error}").format(error=error)
    try:
        panel.set_state({**before, "nonsense": 1})
        yield N_("Its panel accepts a state that is not its own; it should refuse it with a UserError.")
    except UserError:
        pass
    except Exception as error:  # a stranger's panel may raise anything
        yield N_("Its panel refuses a wrong state with {error}, not with a UserError.").format(error=repr(error)[:200])
