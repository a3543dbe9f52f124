"""What the palette can offer: commands, models and recent files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from studio.commands.command import CommandRegistry
from studio.commands.keymap import Keymap
from studio.commands.palette import Entry
from studio.core.option import RECENT, RECENT_COMMANDS
from studio.core.setting import Settings
from studio.core.translation import N_, _, translate
from studio.registry.catalog import Catalog
from studio.shell.window.palette import Choice

OTHER_WORDS: Final = {
    "studio.models": N_("load choose pick"),
    "studio.open_file": N_("load import own photo"),
    "studio.export": N_("save share film"),
    "studio.live": N_("controller midi osc learn perform live"),
    "studio.preferences": N_("settings options"),
    "studio.quit": N_("exit leave"),
    "studio.home": N_("start beginning overview"),
    "studio.guide": N_("help manual explain learn"),
    "studio.keys": N_("help hotkeys"),
    "studio.about": N_("help version licence credits"),
    "edit.undo": N_("back revert"),
    "edit.redo": N_("again forward"),
    "view.theme": N_("colours night day appearance"),
    "view.text_larger": N_("zoom font bigger"),
    "view.text_smaller": N_("zoom font"),
    "view.text_usual": N_("zoom font reset"),
    "view.full_screen": N_("present projector maximise"),
}
"""By which people also look for a command, with spaces between."""


def command_choices(commands: CommandRegistry, keymap: Keymap, settings: Settings) -> list[Choice]:
    """Every command that can be run now; the palette itself is left out."""
    used = settings.get(RECENT_COMMANDS)
    choices = []
    for command in commands.all():
        if command.is_enabled and command.id != "studio.palette":
            keys = keymap.keys_of(command.id)
            known_as = f"{translate(command.help)} {translate(OTHER_WORDS.get(command.id, ''))}"
            entry = Entry(command.id, translate(command.title), known_as, _recency(used, command.id))
            run = partial(commands.run, command.id)
            choices.append(Choice(entry, _("Command"), run, keys[0] if keys else ""))
    return choices


def model_choices(catalog: Catalog, settings: Settings, open_model: Callable[[str], None]) -> list[Choice]:
    """Every model, with its family: several may have one name."""
    used = settings.get(RECENT)
    families = {one.id: translate(one.manifest.title) for one in catalog.families if one.family is not None}
    return [
        Choice(
            Entry(
                model.id,
                _("Open {title} · {family}").format(title=translate(model.title), family=families[model.card.family]),
                f"{model.id} {translate(model.card.task)}",
                _recency(used, model.id),
            ),
            _("Model"),
            partial(open_model, model.id),
        )
        for model in catalog.list_models()
    ]


def recent_choices(settings: Settings, open_path: Callable[[Path], None]) -> list[Choice]:
    """The files that were opened last."""
    used = settings.get(RECENT)
    return [
        Choice(
            Entry(path, _("Open {title}").format(title=Path(path).name), path, _recency(used, path)),
            _("File"),
            partial(open_path, Path(path)),
        )
        for path in used
        if Path(path).is_absolute()
    ]


def _recency(used: list[str], entry_id: str) -> int:
    return len(used) - used.index(entry_id) if entry_id in used else 0
