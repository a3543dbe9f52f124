"""What was saved before is read after: states of every kind of panel, and the commands with their keys by their ids.

`golden/*.json` holds what panels with shipped models remembered after a few changes by hand, as sessions and exported
files keep it. These files are never written anew; what a newer version saves is added beside them.
"""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from studio.core.param import params_to_json
from studio.registry.place import builtin_places
from tests.contract.conftest import one_each

GOLDEN = Path(__file__).parent / "golden"
LIMIT_MS = 10_000  # a few timers; what is computed is there at once
COMMANDS = GOLDEN / "commands.json"
BUILT_IN = {place.name for place in builtin_places()}
SAVED = sorted(path for path in GOLDEN.glob("*.json") if path != COMMANDS)


def read(path):
    return json.loads(path.read_text("utf-8"))


def without_playhead(memory):
    """A text, or a run that plays, puts the playhead where it grows."""
    timeline = {key: value for key, value in memory["timeline"].items() if key != "index"}
    return json.loads(json.dumps({**memory, "timeline": timeline}))


def without_foreign_params(value, foreign):
    """They were saved when all kinds of a family had the same parameters; those that a kind lacks are passed over."""
    if isinstance(value, list):
        return [without_foreign_params(one, foreign) for one in value]
    if not isinstance(value, dict):
        return value
    dropped = foreign if "seed" in value else ()
    return {key: without_foreign_params(one, foreign) for key, one in value.items() if key not in dropped}


def without_later_params(value, saved, usual):
    """They came after it was saved: those that it lacks stand at what they usually are, or are empty."""
    if isinstance(value, list) and isinstance(saved, list) and len(value) == len(saved):
        return [without_later_params(*pair, usual) for pair in zip(value, saved, strict=True)]
    if not isinstance(value, dict) or not isinstance(saved, dict):
        return value
    later = {key for key in value.keys() - saved.keys() if value[key] in ([], "", usual.get(key, []))}
    return {key: without_later_params(one, saved.get(key), usual) for key, one in value.items() if key not in later}


def foreign_params(catalog, panel, family):
    """The names of parameters that other kinds of the family have."""
    own = {field.name for field in fields(panel.params())}
    found = catalog.family(family)
    classes = [found.load(kind.params) for kind in found.manifest.kinds.values()]
    return {field.name for one in classes for field in fields(one)} - own


SMALL = ("vae-letters", "gan-people", "diffusion-digits", "transformer-text", "autoregressive-series", "nerf-splats")


@pytest.mark.parametrize(
    "path", one_each(SAVED, [path.stem for path in SAVED], "every kind", lambda path: path.stem in SMALL)
)
def test_what_was_saved_is_taken_and_given_back(path, open_panel, catalog, qtbot):
    saved = read(path)
    panel = open_panel(saved["model"])
    foreign = foreign_params(catalog, panel, saved["model"].partition("/")[0])
    usual = params_to_json(type(panel.params())())
    for name, memory in saved["memories"].items():
        panel.recall(memory)

        kept = without_foreign_params(without_playhead(memory), foreign)

        def is_given_back(name=name, kept=kept):
            found = without_foreign_params(without_playhead(panel.memory()), foreign)
            assert (name, without_later_params(found, kept, usual)) == (name, kept)

        qtbot.waitUntil(is_given_back, timeout=LIMIT_MS)


def test_every_kind_of_model_is_among_them(catalog):
    def kinds(models):
        return {(model.family, str(model.source.card.get("kind", ""))) for model in models}

    shipped = [model for model in catalog.list_models() if model.family in BUILT_IN]
    assert kinds(shipped) == kinds(catalog.find_model(read(path)["model"]) for path in SAVED)


def test_every_panel_has_the_commands_and_keys_that_it_had(open_panel, stepped_worker):
    found = {}
    for path in SAVED:
        panel = open_panel(read(path)["model"], stepped_worker)
        found[path.stem] = {command.id: list(command.keys) for command in panel.all_commands()}
    assert found == read(COMMANDS)["panels"]
