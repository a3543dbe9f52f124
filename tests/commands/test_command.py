"""Commands and their registry."""

import pytest

from studio.commands.command import Command, CommandRegistry


def nothing() -> None:
    pass


@pytest.mark.parametrize("wrong", ["", "open", "Open.it", "view.", ".view", "view open", "view.open!"])
def test_an_id_is_area_and_verb(wrong):
    with pytest.raises(ValueError, match=r"area\.verb"):
        Command(wrong, "Open", nothing)


def test_a_command_needs_a_title():
    with pytest.raises(ValueError, match="no title"):
        Command("view.open", "", nothing)


def test_commands_are_listed_in_order_and_removed():
    registry = CommandRegistry()
    for name in ("b.two", "a.one", "vae.surprise_me"):
        registry.add(Command(name, name, nothing))
    registry.remove("a.one")
    assert [command.id for command in registry.all()] == ["b.two", "vae.surprise_me"]
    assert registry.get("b.two").title == "b.two"
    with pytest.raises(KeyError):
        registry.get("a.one")


def test_a_second_command_of_the_same_id_is_refused():
    registry = CommandRegistry()
    first = Command("a.one", "First", nothing)
    registry.add(first)
    with pytest.raises(ValueError, match=r"a\.one"):
        registry.add(Command("a.one", "Second", nothing))
    assert registry.get("a.one") is first


def test_run_honours_the_condition():
    calls, is_open = [], [False]
    registry = CommandRegistry()
    registry.add(Command("a.always", "Always", lambda: calls.append("always")))
    registry.add(Command("a.open", "When open", lambda: calls.append("open"), when=lambda: is_open[0]))
    assert registry.run("a.always")
    assert not registry.run("a.open")
    is_open[0] = True
    assert registry.run("a.open")
    assert calls == ["always", "open"]
    with pytest.raises(KeyError):
        registry.run("a.unknown")


def test_listeners_hear_of_commands_until_they_go():
    registry, heard = CommandRegistry(), []
    stop = registry.on_change(lambda: heard.append(len(registry.all())))
    registry.add(Command("a.one", "One", nothing))
    registry.remove("a.one")
    stop()
    stop()
    registry.add(Command("a.two", "Two", nothing))
    assert heard == [1, 0]
