"""Keys: spelling, conditions and the person's own choices."""

import pytest
from PySide6.QtGui import QKeySequence

from studio.commands.command import Command, CommandRegistry
from studio.commands.keymap import Keymap, normal_key


def never() -> bool:
    return False


def always() -> bool:
    return True


def registry_of(*commands: tuple) -> CommandRegistry:
    registry = CommandRegistry()
    for command_id, keys, when in commands:
        registry.add(Command(command_id, command_id, lambda: None, keys=keys, when=when))
    return registry


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ctrl+k", "Ctrl+K"),
        ("Shift + Ctrl + z", "Ctrl+Shift+Z"),
        ("space", "Space"),
        ("r", "R"),
        ("+", "+"),
        ("Ctrl++", "Ctrl++"),
        ("Ctrl+1", "Ctrl+1"),
        ("alt+meta+shift+ctrl+f12", "Meta+Ctrl+Alt+Shift+F12"),
        ("Delete", "Del"),
        ("Escape", "Esc"),
        ("Ctrl+PageUp", "Ctrl+PgUp"),
    ],
)
def test_a_key_has_one_spelling_and_it_is_qts(text, normal):
    assert normal_key(text) == normal
    portable = QKeySequence.SequenceFormat.PortableText
    assert QKeySequence.fromString(normal, portable).toString(portable) == normal


@pytest.mark.parametrize("wrong", ["", " ", "Ctrl", "Ctrl+", "Ctrl+Ctrl+K", "Hyper+K", "Ctrl+Foo", "K+Ctrl", "F99"])
def test_what_is_no_key_is_refused(wrong):
    with pytest.raises(ValueError, match="no key"):
        normal_key(wrong)


def test_a_key_finds_its_command():
    keymap = Keymap(registry_of(("edit.undo", ("ctrl+z",), None), ("edit.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), None)))
    assert keymap.command_for("Ctrl+Z") == "edit.undo"
    assert keymap.command_for("shift+ctrl+z") == "edit.redo"
    assert keymap.command_for("Ctrl+X") is None
    assert keymap.keys_of("edit.redo") == ("Ctrl+Shift+Z", "Ctrl+Y")
    assert keymap.keys() == ["Ctrl+Shift+Z", "Ctrl+Y", "Ctrl+Z"]


def test_panels_share_a_key_and_the_one_that_can_run_gets_it():
    keymap = Keymap(
        registry_of(("home.reload", ("R",), None), ("gan.surprise", ("R",), never), ("vae.surprise", ("R",), always))
    )
    assert keymap.command_for("R") == "vae.surprise"


def test_a_disabled_command_has_no_key():
    assert Keymap(registry_of(("vae.surprise", ("R",), never))).command_for("R") is None


def test_own_keys_replace_the_default_ones():
    registry = registry_of(("a.one", ("Ctrl+1",), None), ("a.two", ("Ctrl+2",), None), ("a.three", ("Ctrl+3",), None))
    keymap = Keymap(registry, {"a.one": ["f5", "F5"], "a.two": [], "gone.command": ["F6"]})
    assert keymap.keys_of("a.one") == ("F5",)
    assert keymap.keys_of("a.two") == ()
    assert keymap.keys() == ["Ctrl+3", "F5"]


def test_a_wrong_key_in_the_settings_leaves_the_default_and_is_logged(caplog):
    keymap = Keymap(registry_of(("a.one", ("Ctrl+1",), None)), {"a.one": ["Ctrl+Nonsense"]})
    assert keymap.keys_of("a.one") == ("Ctrl+1",)
    assert "a.one" in caplog.text


def test_a_command_that_comes_later_has_its_own_keys_too():
    registry = CommandRegistry()
    keymap = Keymap(registry, {"vae.surprise": ["F2"]})
    registry.add(Command("vae.surprise", "Surprise me", lambda: None, keys=("R",)))
    assert keymap.command_for("F2") == "vae.surprise"
