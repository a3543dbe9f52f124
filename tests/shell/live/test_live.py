"""Knobs of other people move the sliders of the panel in front: over OSC and MIDI as their own programs send them."""

import socket
from functools import partial

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido.sockets import PortServer, connect
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton
from pythonosc.udp_client import SimpleUDPClient

from studio.core.error import UserError
from studio.core.option import LIVE_BINDINGS, LIVE_MIDI, LIVE_OSC, LIVE_OSC_PORT, LIVE_OSC_TO_ALL
from studio.shell.live.live_input import HERE, MidiInput, OscInput
from studio.shell.live.steering import Steering
from studio.widgets.controls.slider import SliderRow


@pytest.fixture
def osc():
    one = OscInput(0)
    yield one
    one.close()


@pytest.fixture
def send(osc):
    """Sends as phones and other programs do."""
    client = SimpleUDPClient(HERE, osc.port)
    yield client.send_message
    client.close()


@pytest.fixture
def steering(window, tab):
    one = Steering(window._services.settings, window.tabs, window)
    yield one
    one.close()


def press(qtbot, parent, name):
    button = parent.findChild(QAbstractButton, name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, button.height() // 2))


def heard_of(qtbot, one, n):
    heard: list[tuple[str, float]] = []

    def has_all():
        heard.extend(one.poll())
        return len(heard) == n

    qtbot.waitUntil(has_all)
    return heard


def slider_of(tab) -> SliderRow:
    return tab.panel.findChildren(SliderRow)[0]


def test_osc_numbers_come_as_shares_of_the_way_with_their_names(osc, send, qtbot):
    send("/1/fader1", 0.25)
    send("/mixer/knob", 127)
    send("/pad", [0.5, True, "x", float("nan"), 1.0])
    assert heard_of(qtbot, osc, 4) == [("/1/fader1", 0.25), ("/mixer/knob", 1.0), ("/pad 1", 0.5), ("/pad 5", 1.0)]


@given(data=st.binary(max_size=300))
def test_no_datagram_stops_it(data):
    one = OscInput(0)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for nested in (data, b"#bundle\0" + bytes(8) + len(data).to_bytes(4, "big") + data, b"/a\0\0,f\0\0" + data):
        sender.sendto(nested, (HERE, one.port))
        assert all(isinstance(value, float) for _, value in one.poll())
    sender.sendto(b"/a\0\0,f\0\0\x3f\0\0\0", (HERE, one.port))
    assert ("/a", 0.5) in list(one.poll())
    sender.close()
    one.close()


def test_a_port_that_is_taken_is_said(osc):
    with pytest.raises(UserError, match="in use"):
        OscInput(osc.port)


def test_midi_comes_through_midos_own_socket(qtbot):
    with PortServer(HERE, 0) as server:
        sender = connect(HERE, server._socket.getsockname()[1])
        one = MidiInput(server.accept())
        sender.send(mido.Message("control_change", channel=2, control=7, value=127))
        sender.send(mido.Message("note_on", note=60))
        sender.send(mido.Message("pitchwheel", pitch=-8192))
        heard = heard_of(qtbot, one, 2)
        assert [name for name, _ in heard] == ["MIDI 3 · 7", "MIDI 1 · pitch"]
        assert [value for _, value in heard] == pytest.approx([1, 0], abs=1e-4)
        sender.close()
        one.close()


def test_a_knob_learns_its_slider_and_moves_it_as_one_step_of_undo(window, tab, steering, osc, send, qtbot):
    steering.set_input("osc", lambda: osc)
    row = slider_of(tab)
    before = row.value()
    steering.learn(True)
    row._track.setFocus()
    send("/knob", 0.0)
    qtbot.waitUntil(lambda: bool(steering.bindings()))
    steering.learn(False)
    for share in (0.4, 0.7, 1.0):
        send("/knob", share)
    qtbot.waitUntil(lambda: row.value() == row.value_range.high)
    qtbot.waitUntil(lambda: not row._track._is_editing)  # it came to rest
    assert getattr(tab.panel.params(), row.objectName().removeprefix("good.")) == row.value_range.high
    window.steps.undo()
    assert row.value() == before
    assert not window.steps.can_undo()


def test_a_binding_of_another_family_and_a_slider_that_is_not_here_move_nothing(
    window, tab, steering, osc, send, qtbot
):
    row = slider_of(tab)
    heard: list[str] = []
    before = row.value()
    window._services.settings.set(LIVE_BINDINGS, {"/knob": [f"other/{row.objectName()}/x", "good/none/x"]})
    steering.set_input("osc", lambda: osc)
    steering.heard.connect(heard.append)
    send("/knob", 1.0)
    qtbot.waitUntil(lambda: heard == ["/knob"])
    assert row.value() == before


def test_the_dialog_listens_learns_and_forgets(window, tab, osc, send, qtbot):
    osc.close()  # its number is free
    settings = window._services.settings
    settings.set(LIVE_OSC_PORT, osc.port)
    window._services.commands.run("studio.live")
    dialog, live = window.live.dialog, window.live.steering
    press(qtbot, dialog, "live_osc")
    assert settings.get(LIVE_OSC)
    assert "Listening to OSC" in dialog._state.text()
    press(qtbot, dialog, "live_learn")
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.mouseClick(slider_of(tab)._track, Qt.MouseButton.LeftButton)
    send("/1/push", 1.0)
    qtbot.waitUntil(lambda: bool(live.bindings()))
    assert dialog._rows.count() == 1
    live.forget(*live.bindings()[0])
    assert settings.get(LIVE_BINDINGS) == {}
    press(qtbot, dialog, "live_osc")
    assert dialog._state.text() == ""
    dialog.close()
    assert not live.is_learning


class Pads:
    """A MIDI device that is only opened and closed."""

    def __init__(self, log: list[str], name: str) -> None:
        self._log, self._name = log, name
        log.append(f"open {name}")

    def iter_pending(self):
        return iter(())

    def close(self) -> None:
        self._log.append(f"close {self._name}")


def test_a_midi_device_stays_open_while_osc_changes_and_osc_while_midi_does(window, tab, osc, monkeypatch):
    osc.close()  # its number is free
    log: list[str] = []
    monkeypatch.setattr(mido, "open_input", partial(Pads, log))
    settings, steering = window._services.settings, window.live.steering
    settings.set(LIVE_MIDI, "Pads 1")
    for option, value in ((LIVE_OSC_PORT, osc.port), (LIVE_OSC, True), (LIVE_OSC_TO_ALL, True)):
        settings.set(option, value)
    assert log == ["open Pads 1"]
    listening = steering.inputs["osc"]
    settings.set(LIVE_MIDI, "Pads 2")
    assert log == ["open Pads 1", "close Pads 1", "open Pads 2"]
    assert steering.inputs["osc"] is listening
    settings.set(LIVE_MIDI, "")
    settings.set(LIVE_OSC, False)
    assert not steering.inputs


def test_sixteen_faders_at_once_ask_for_the_bindings_once(window, tab, steering, osc, send, qtbot, monkeypatch):
    row = slider_of(tab)
    settings = window._services.settings
    settings.set(LIVE_BINDINGS, {"/fader 16": [f"good/{row.objectName()}/{row.name}"]})
    asked: list[str] = []
    ask = settings.get

    def noted(option):
        asked.append(option.key)
        return ask(option)

    monkeypatch.setattr(settings, "get", noted)
    steering.inputs["osc"] = osc  # without its clock
    send("/fader", [1.0] * 16)
    steering.look()
    qtbot.waitUntil(lambda: row.value() == row.value_range.high)
    assert asked.count(LIVE_BINDINGS.key) == 1
