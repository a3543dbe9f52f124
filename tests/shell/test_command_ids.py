"""The window's commands keep their ids and keys, by which settings know them."""

import json
from pathlib import Path

COMMANDS = Path(__file__).parents[1] / "contract" / "golden" / "commands.json"


def test_the_window_has_the_commands_and_keys_that_it_had(services, window):
    found = {command.id: list(command.keys) for command in services.commands.all()}
    assert found == json.loads(COMMANDS.read_text("utf-8"))["window"]
