"""What palette, gallery and Home can offer: commands, models, examples and recent files."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from studio.api.family import Example
from studio.commands.command import CommandRegistry
from studio.commands.keymap import Keymap
from studio.commands.palette import Entry
from studio.core.option import RECENT, RECENT_COMMANDS
from studio.core.setting import Settings
from studio.core.translation import N_, _, translate
from studio.registry.catalog import Catalog
from studio.registry.model import ModelInfo
from studio.shell.session.recent_picture import kept_picture
from studio.shell.window.shortcut import shown_key
from studio.widgets.gallery.choice import Choice

OTHER_WORDS: Final = {
    "studio.models": N_("load choose pick"),
    "studio.open_file": N_("load import own photo"),
    "studio.get": N_("download fetch hub llm language model smollm"),
    "studio.connect": N_("openai ollama llama vllm api endpoint remote online cloud"),
    "studio.export": N_("save share film"),
    "studio.live": N_("controller midi osc learn perform live"),
    "studio.preferences": N_("settings options"),
    "studio.quit": N_("exit leave"),
    "studio.home": N_("start beginning overview"),
    "studio.guide": N_("help manual explain learn"),
    "studio.keys": N_("help hotkeys"),
    "studio.about": N_("help version licence credits"),
    "studio.made": N_("gallery exports history files"),
    "studio.send_to": N_("hand over use in"),
    "studio.start_afresh": N_("reset restart clean"),
    "workspace.save": N_("project keep store"),
    "workspace.save_as": N_("project keep store"),
    "workspace.open": N_("project load"),
    "edit.history": N_("undo list bookmark favourite"),
    "edit.reset": N_("defaults initial"),
    "edit.undo": N_("back revert"),
    "edit.redo": N_("again forward"),
    "view.theme": N_("colours night day appearance"),
    "view.text_larger": N_("zoom size bigger"),
    "view.text_smaller": N_("zoom size"),
    "view.text_usual": N_("zoom size reset"),
    "view.full_screen": N_("projector maximise"),
    "present.begin": N_("full screen kiosk demo projector exhibition visitors show"),
    "present.prepare": N_("kiosk demo exhibition playlist attract idle visitors"),
    "present.other_screen": N_("full screen projector beamer second monitor mirror"),
    "present.playlist": N_("full screen kiosk demo projector exhibition visitors attract loop"),
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
            choices.append(Choice(entry, _("Command"), run, shown_key(keys[0]) if keys else ""))
    return choices


def model_choices(catalog: Catalog, settings: Settings, open_model: Callable[[str], None]) -> list[Choice]:
    """Every model, with its family: several may have one name."""
    used = settings.get(RECENT)
    return [_model_choice(catalog, model, open_model, _recency(used, model.id)) for model in catalog.list_models()]


def gallery_choices(
    catalog: Catalog, open_model: Callable[[str], None], family_id: str = "", present_id: str = ""
) -> list[Choice]:
    """The models of one family or of all, best first, whenever they were used; of one its name is not said."""
    found = [_model_choice(catalog, model, open_model) for model in catalog.list_models(family_id)]
    return [
        replace(choice, group="" if family_id else choice.group, is_present=choice.entry.id == present_id)
        for choice in found
    ]


def _model_choice(catalog: Catalog, model: ModelInfo, open_model: Callable[[str], None], last_used: int = 0) -> Choice:
    family = catalog.family(model.family).manifest
    title, task, words = translate(model.title), translate(model.card.task), family.models.get(model.id, "")
    entry = Entry(
        model.id,
        _("Open {title} · {family}").format(title=title, family=translate(family.title)),
        f"{model.id} {task} {translate(words)}",
        last_used,
    )
    return Choice(
        entry,
        _("Model"),
        partial(open_model, model.id),
        name=title,
        sentence=task,
        picture=model.picture or kept_picture(model.id),
        hue=family.hue,
        group=translate(family.title),
    )


def example_choices(catalog: Catalog, open_example: Callable[[Example], None]) -> list[Choice]:
    """What the families offer to begin with."""
    return [
        Choice(
            Entry(f"example {found.id} {place}", translate(example.title), _words_of(example)),
            _("Example"),
            partial(open_example, example),
            sentence=translate(example.sentence),
            picture=found.file(example.picture),
            hue=found.manifest.hue,
            group=translate(found.manifest.title),
        )
        for found in catalog.families
        if found.family is not None
        for place, example in enumerate(found.manifest.examples)
    ]


def _words_of(example: Example) -> str:
    return f"{translate(example.sentence)} {translate(example.words)}"


def recent_choices(settings: Settings, open_path: Callable[[Path], None]) -> list[Choice]:
    """The files that were opened last."""
    used = settings.get(RECENT)
    return [
        Choice(
            Entry(path, _("Open {title}").format(title=Path(path).name), path, _recency(used, path)),
            _("File"),
            partial(open_path, Path(path)),
            name=Path(path).name,
            picture=kept_picture(path),
        )
        for path in used
        if Path(path).is_absolute()
    ]


def _recency(used: list[str], entry_id: str) -> int:
    return len(used) - used.index(entry_id) if entry_id in used else 0
