"""What somebody who has read nothing wants to do, from Home: every click, drag and key is counted, typing is not."""

import tempfile
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from plugins.autoregressive.pixels.panel.endings import EndingsGrid
from studio.shell.home.family_card import FamilyCard
from studio.widgets.gallery.gallery import Gallery
from studio.widgets.timeline.scrubber import Scrubber
from tests.bench.driver import Driver
from tests.bench.take_home_scenario import Hand

NAME = "Ada"
FACE = "a full beard and a smile"
STEP = 6

Result = dict[str, Any]


def find_face(driver: Driver) -> Result:
    """Find a smiling face with a beard, by words."""
    hand = _hand(driver)
    hand.open_family("gan")
    _type(hand, driver.panel.findChild(QLineEdit, "words"), FACE)
    driver.wait_until_answered()
    return {"n_actions": hand.n_actions, "read": driver.panel.params().words}


def set_name(driver: Driver) -> Result:
    """See a name in a typeface that nobody has drawn."""
    hand = _hand(driver)
    hand.open_family("vae")
    before = driver.panel.snapshot().frame.main_view
    _type(hand, driver.panel.findChild(QLineEdit, "word"), NAME)
    driver.wait(lambda: driver.panel.snapshot().frame.main_view is not before, "the word")
    driver.wait_until_answered()
    return {"n_actions": hand.n_actions, "word": driver.panel.findChild(QLineEdit, "word").text()}


def change_step(driver: Driver) -> Result:
    """Pull a denoising back to a step, and let it go on under other words."""
    hand = _hand(driver)
    hand.open_example("Describe a picture")
    panel = driver.panel
    playback = panel.timeline.playback
    _scrub(hand, STEP)
    index, n_before = playback.index, len(panel.timeline.tracks)
    _type(hand, panel.findChild(QPlainTextEdit, "prompt"), "a red car", is_entered=False)  # “Live” is on
    driver.wait(lambda: len(panel.timeline.tracks) > n_before, "the branch")
    driver.wait_until_answered()
    branch = panel.timeline.track.recording.info.branch
    return {"n_actions": hand.n_actions, "from_frame": index, "branch": None if branch is None else branch.step}


def paint_anew(driver: Driver) -> Result:
    """Have a part of a picture painted anew."""
    hand = _hand(driver)
    hand.open_example("Describe a picture")
    panel = driver.panel

    def is_finished() -> bool:
        frame = panel.snapshot().frame
        return panel.is_settled and frame.step == frame.n_steps - 1  # what is shown may be a turn behind what is made

    driver.wait(is_finished, "the first picture")
    before = panel.snapshot().frame.main_view.pixels.copy()
    hand.click(panel.findChild(QWidget, "start_from").findChild(QWidget, "masked"))
    driver.wait(panel.painter.isVisible, "the brush")
    driver.wait(is_finished, "the picture that is painted on")
    hand.drag(panel.painter, 0.2)
    driver.wait(lambda: panel.runs.is_running, "another run")
    driver.wait(is_finished, "the end of the run")
    differs = (panel.snapshot().frame.main_view.pixels != before).any(-1)
    may_differ = panel.painter.values() > 0
    return {"n_actions": hand.n_actions, "is_only_there": bool(differs.any() and not differs[~may_differ].any())}


def say_another_word(driver: Driver) -> Result:
    """Let a text go on with another word, and keep both endings."""
    hand = _hand(driver)
    hand.open_family("transformer")
    panel = driver.panel
    bars = panel.findChild(QWidget, "next_bars")
    _scrub(hand, panel.timeline.playback.n_frames // 2)
    n_before = len(panel.timeline.tracks)
    driver.show_in_inspector(bars)
    hand.n_actions += 1
    point = bars.mapTo(driver.window, bars.row_rect(1).center().toPoint())
    driver.press(point)
    driver.release(point)
    driver.wait(lambda: len(panel.timeline.tracks) > n_before, "another ending")
    driver.wait_until_answered()
    return {"n_actions": hand.n_actions, "n_endings": len(panel.timeline.tracks) - n_before + 1}


def finish_digit(driver: Driver) -> Result:
    """See half a digit finished in four ways."""
    hand = _hand(driver)
    hand.open_family("autoregressive")
    panel = driver.panel
    canvas = panel.findChild(QWidget, "pixel_canvas")
    before = panel.snapshot().frame.main_view.pixels.copy()
    hand.press("E")
    hand.n_actions += 1
    driver.drag(lambda passed_s: driver.place(canvas, 0.3 + 0.4 * passed_s, 0.75), 1.0)
    driver.wait_until_answered()
    after = panel.snapshot().frame.main_view.pixels
    return {
        "n_actions": hand.n_actions,
        "n_ways": len(panel.findChild(EndingsGrid)._images),
        "is_other": bool((after != before).any()),
    }


def see_collapse(driver: Driver) -> Result:
    """See a GAN that has collapsed."""
    hand = _hand(driver)
    card = next(card for card in driver.window.home.findChildren(FamilyCard) if card.item.family.id == "gan")
    hand.click(card.models_button)
    driver.wait(lambda: isinstance(QApplication.activePopupWidget(), Gallery), "the gallery")
    field = driver.window.findChildren(Gallery)[-1].field
    QTest.keyClicks(field, "broken")
    hand.n_actions += 1
    QTest.keyClick(field, Qt.Key.Key_Return)
    driver.wait(driver.has_picture, "the first picture")
    return {"n_actions": hand.n_actions, "model": driver.panel.handle.source.id}


def _hand(driver: Driver) -> Hand:
    with tempfile.TemporaryDirectory() as folder:
        return Hand(driver, folder)


def _type(hand: Hand, field: QWidget, text: str, is_entered: bool = True) -> None:
    """Click into a field and put a text there; press Enter, unless it is taken as it is typed."""
    hand.click(field)
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)
    if is_entered:
        hand.n_actions += 1
        QTest.keyClick(field, Qt.Key.Key_Return)


def _scrub(hand: Hand, index: int) -> None:
    """Drag the scrubber to a frame."""
    driver = hand.driver
    line = next(one for one in driver.panel.timeline.bar.findChildren(Scrubber) if one.isVisible())
    places = (driver.panel.timeline.playback.index, index + 1, index)
    points = [
        line.mapTo(driver.window, QPoint(round(line.axis().x_of(one)), round(line.line_y_px()))) for one in places
    ]
    hand.n_actions += 1
    driver.press(points[0])
    driver.move(points[1])
    driver.move(points[2])
    driver.release(points[2])


ALL = (find_face, set_name, change_step, paint_anew, say_another_word, finish_digit, see_collapse)
