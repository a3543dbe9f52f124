"""Pages in real browsers, offline: they play, are scrubbed and dragged, ask for nothing and complain of nothing."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import inspect_file
from studio.core.provenance import read_metadata
from studio.core.recording.clip import Clip, clip_of_frames
from studio.core.view import Image
from studio.render.export import page
from tests.render.export.browser import Chromium, until
from tests.render.export.clips import INFO, MADE_FROM, STATE, picture, pictures, texts, tone, write

EVIL = '</script><script>document.title="broken"</script><img src=x onerror="alert(1)">&\'"'
CENTRE = """(pen => {
  pen.drawImage(document.getElementById('picture'), -31, -23);
  return [...pen.getImageData(0, 0, 1, 1).data].join();
})(Object.assign(document.createElement('canvas'), {width: 1}).getContext('2d', {willReadFrequently: true}))"""
CAPTION = "document.getElementById('caption').textContent"
AT = "+document.getElementById('at').value"
BOX = "(box => [box.left, box.top, box.width, box.height])(document.getElementById('{}').getBoundingClientRect())"


def opened(browser: Any, clip: Clip, path: Path, kind: str = "film_page", **options: Any) -> None:
    write(kind, replace(clip, title=f"Pictures {EVIL}", licence="CC BY 4.0"), path, **options)
    browser.open(path)


def box_of(browser: Any, name: str) -> list[float]:
    return [float(side) for side in browser.run(BOX.format(name))]


def dragged(browser: Any, across: float, down: float, name: str = "picture") -> None:
    """Drag from the middle over shares of the picture's width and height, in three moves."""
    left, top, width, height = box_of(browser, name)
    x, y = left + width / 2, top + height / 2
    browser.drag(*((x + across * width * part / 3, y + down * height * part / 3) for part in range(4)))


def looks_like(browser: Any, index: int) -> bool:
    """Whether the middle of the picture is that of the clip's frame, but for what the packing loses."""
    shown = [int(value) for value in browser.run(CENTRE).split(",")[:3]]
    return max(abs(a - int(b)) for a, b in zip(shown, picture(index)[23, 31], strict=True)) < 24


@pytest.mark.long("starts processes of its own")
def test_a_film_plays_by_itself_stops_and_goes_round(browser: Any, tmp_path: Path) -> None:
    opened(browser, pictures(30), tmp_path / "a.html", fps=20.0)
    until(browser, f"{AT} > 2")
    until(browser, f"{AT} < 2")  # once round
    browser.press("Space")
    at = browser.run(AT)
    until(browser, f"{CAPTION} === 'Step {int(at) + 1} of 30'")
    assert browser.run("document.getElementById('play').textContent") == "Play"
    assert looks_like(browser, int(at))
    browser.press("Space")
    until(browser, f"{AT} !== {at}")


def test_a_drag_and_the_arrows_move_a_film(browser: Any, tmp_path: Path) -> None:
    opened(browser, pictures(40), tmp_path / "a.html", is_looped=False)
    browser.press("Space")
    browser.run(
        "(document.getElementById('at').value = 10, document.getElementById('at').dispatchEvent(new Event('input')))"
    )
    until(browser, f"{CAPTION} === 'Step 11 of 40'")
    before = browser.run(CENTRE)
    dragged(browser, 0.25, 0)
    assert browser.run(AT) == 20
    until(browser, f"{CENTRE} !== '{before}'")
    assert looks_like(browser, 20)
    dragged(browser, -0.4, 0.3)
    assert browser.run(AT) == 4
    browser.press("ArrowRight")
    browser.press("ArrowDown")  # no way down in a film
    assert browser.run(AT) == 5
    for _ in range(9):
        browser.press("ArrowLeft")
    assert browser.run(AT) == 0


def test_a_grid_is_dragged_in_two_directions(browser: Any, tmp_path: Path) -> None:
    opened(browser, replace(pictures(35), columns=7), tmp_path / "a.html", kind="around_page")
    assert browser.run(AT) != -1
    browser.press("Space")
    browser.press("ArrowUp")
    for _ in range(7):
        browser.press("ArrowUp")
        browser.press("ArrowLeft")
    assert browser.run(AT) == 0
    dragged(browser, 2 / 7, 3 / 5)
    assert browser.run(AT) == 3 * 7 + 2
    until(browser, f"{CAPTION} === 'Step 24 of 35'")
    assert looks_like(browser, 23)
    browser.press("ArrowDown")
    browser.press("ArrowDown")
    browser.press("ArrowRight")
    assert browser.run(AT) == 4 * 7 + 3
    dragged(browser, 0, 0, "map")
    assert browser.run(AT) == 2 * 7 + 3
    dragged(browser, 0.45, -0.4)
    assert browser.run(AT) == 6


def test_a_sound_is_a_picture_of_itself_whose_drag_is_its_time(browser: Any, tmp_path: Path) -> None:
    sound = clip_of_frames([Frame(0, 1, views={"sound": tone(16_000)})], INFO, 10.0, STATE)
    opened(browser, sound, tmp_path / "a.html")
    until(browser, "document.querySelector('audio').duration === 2")
    dragged(browser, 0.25, 0)
    until(browser, "Math.abs(document.querySelector('audio').currentTime - .5) < .01")
    assert browser.run(CAPTION) == "0.50 s"


def test_pictures_with_a_sound_have_both(browser: Any, tmp_path: Path) -> None:
    opened(browser, pictures(8, sound=tone(8_000)), tmp_path / "a.html")
    until(browser, "document.querySelector('audio').duration === 1")
    assert browser.run("document.querySelector('audio').controls")
    assert browser.run(AT) == 7  # what one hears
    dragged(browser, -0.5, 0)
    assert browser.run(AT) == 3


def test_a_text_is_read_word_by_word(browser: Any, tmp_path: Path) -> None:
    opened(browser, texts(2), tmp_path / "a.html", kind="page")
    assert browser.run("document.getElementById('text').textContent") == "größe 字"
    browser.press("ArrowLeft")
    assert browser.run("document.querySelectorAll('.later').length") == 1
    assert browser.run(CAPTION).startswith("“größe”")
    browser.press("Space")
    until(browser, "document.querySelectorAll('.later').length === 0")


def test_what_others_wrote_is_text(browser: Any, tmp_path: Path) -> None:
    frames = [Frame(i, 2, EVIL, {"p": Image(picture(i))}) for i in range(2)]
    info = replace(INFO, params={"prompt": EVIL})
    opened(browser, clip_of_frames(frames, info), tmp_path / "a.html")
    until(browser, f"{CAPTION} !== ''")
    assert browser.run(CAPTION) == EVIL
    assert (
        browser.run("document.querySelector('h1').textContent") == browser.run("document.title") == f"Pictures {EVIL}"
    )
    assert browser.run("document.images.length + document.querySelectorAll('iframe, object, link').length") == 0
    told = browser.run("document.querySelector('footer').textContent")
    assert told == "Made with vae/digits, seed 7, in Manifold Studio.\nLicence of the model: CC BY 4.0"
    assert (read_metadata(tmp_path / "a.html") or {})["params"] == {"prompt": EVIL}


def test_everything_has_a_name_and_fits_a_narrow_window(browser: Any, tmp_path: Path) -> None:
    for clip, kind in (
        (replace(pictures(9), columns=3), "around_page"),
        (texts(3), "page"),
        (pictures(4), "film_page"),
    ):
        opened(browser, clip, tmp_path / f"{kind}.html", kind=kind)
        nameless = (
            "[...document.querySelectorAll('input, button, audio, canvas:not([aria-hidden])')]"
            ".filter(one => !one.getAttribute('aria-label') && !one.textContent).length"
        )
        assert browser.run(nameless) == 0
        assert browser.run("document.documentElement.lang") == "en"
        assert browser.run("document.documentElement.scrollWidth <= innerWidth")


def test_a_finger_drags_and_the_look_is_that_of_the_system(browser: Any, tmp_path: Path) -> None:
    if not isinstance(browser, Chromium):
        pytest.skip("fingers and looks are asked for by Chromium's protocol")
    opened(browser, pictures(20), tmp_path / "a.html")
    browser.press("Space")
    until(browser, f"{AT} >= 0")
    grounds = []
    for look in ("light", "dark"):
        browser.look(look)
        grounds.append(browser.run("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(246, 247, 249)", "rgb(16, 18, 22)"]
    at, (left, top, width, height) = int(browser.run(AT)), box_of(browser, "picture")
    browser.touch(
        (left + 5, top + height / 2), (left + 5 + width / 8, top + height / 2), (left + 5 + width / 4, top + height / 2)
    )
    assert browser.run(AT) == (at + 5) % 20


def test_a_page_is_one_file_that_says_what_made_it(tmp_path: Path) -> None:
    write("film_page", pictures(3), tmp_path / "a.html")
    assert [one.name for one in tmp_path.iterdir()] == ["a.html"]
    text = (tmp_path / "a.html").read_text("utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"\b(src|href)=|https?:|@import|url\(|\$", text)
    assert text.count("<script") == text.count("</script>") == 4
    assert read_metadata(tmp_path / "a.html") == MADE_FROM
    assert inspect_file(tmp_path / "a.html").opens


def test_a_page_that_is_too_large_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAX_BYTES", 30_000)
    with pytest.raises(UserError, match="too large"):
        write("film_page", pictures(60), tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []
