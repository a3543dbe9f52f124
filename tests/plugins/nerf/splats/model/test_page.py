"""Scenes as web pages in real browsers, offline, by a processor alone: what is seen is what we draw ourselves."""

import io
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.marks import Marks, Note
from plugins.nerf.splats.model import page
from plugins.nerf.splats.model.page import ScenePage, write_page
from plugins.nerf.splats.model.splats import Splats, no_splats
from plugins.nerf.splats.training.splats_lesson import drawn_splats
from studio.core.error import UserError
from tests.plugins.nerf.splats.made_splats import random_splats
from tests.render.export.browser import until

EVIL = '</script><script>document.title="broken"</script><img src=x onerror="alert(1)">&\'"'
CAMERA = look_at((2.5, 1.0, 1.2), (0.1, 0, 0), 0.8)
RESTS = "+document.getElementById('scene').dataset.rests"
HAS_WEBGL = "document.createElement('canvas').getContext('webgl2') !== null"
PICTURE = "document.getElementById('scene').toDataURL('image/png')"


def written(path: Path, splats: Splats, marks: Marks | None = None, up: str = "z", camera: Any = CAMERA) -> None:
    write_page(path, splats, ScenePage(f"Spots {EVIL}", "Made here", camera, up, (0.2, 0.4, 0.9), marks or Marks()))


def opened(browser: Any, path: Path) -> None:
    browser.open(path)
    if not browser.run(HAS_WEBGL):
        pytest.skip("this browser has no WebGL 2 without a screen")
    until(browser, f"{RESTS} >= 1")


def rested(browser: Any, act: Any) -> None:
    before = int(browser.run(RESTS))
    act()
    until(browser, f"{RESTS} > {before}")


def picture(browser: Any) -> Any:
    data = b64decode(browser.run(PICTURE).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32) / 255


def own_picture(splats: Splats, camera: Any, width: int, height: int) -> Any:
    drawing = drawn_splats(splats, 0.01)(camera.ray_grid(width, height), 0.0)
    try:
        while True:
            next(drawing)
    except StopIteration as end:
        found = end.value
    return np.clip(found.colour + (1 - found.opacity)[..., None] * np.array([0.2, 0.4, 0.9], np.float32), 0, 1)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_a_browser_shows_what_we_draw(browser: Any, tmp_path: Path, degree: int) -> None:
    splats = random_splats(300, degree, seed=degree)
    written(tmp_path / "scene.html", splats)
    opened(browser, tmp_path / "scene.html")
    shown = picture(browser)
    error = np.abs(shown - own_picture(splats, CAMERA, shown.shape[1], shown.shape[0]))
    assert error.mean() < 2 / 255
    assert np.quantile(error, 0.999) < 12 / 255


def test_a_scene_whose_y_points_up_stands(browser: Any, tmp_path: Path) -> None:
    camera, splats = look_at((0.5, 1.2, 2.4), (0, 0, 0), 0.8, (0.0, 1.0, 0.0)), random_splats(200)
    written(tmp_path / "scene.html", splats, up="y", camera=camera)
    opened(browser, tmp_path / "scene.html")
    shown = picture(browser)
    assert np.abs(shown - own_picture(splats, camera, shown.shape[1], shown.shape[0])).mean() < 2 / 255


def test_it_is_walked_around_by_hand_and_keys_and_goes_back(browser: Any, tmp_path: Path) -> None:
    written(tmp_path / "scene.html", random_splats(200))
    opened(browser, tmp_path / "scene.html")
    first = picture(browser)
    rested(browser, lambda: browser.drag((300, 300), (340, 310), (400, 330)))
    assert np.abs(picture(browser) - first).mean() > 0.01
    rested(browser, lambda: browser.press("Home"))
    assert np.array_equal(picture(browser), first)
    rested(browser, lambda: browser.press("ArrowLeft"))
    assert np.abs(picture(browser) - first).mean() > 0.005
    rested(browser, lambda: browser.run("document.getElementById('home').click()"))
    assert np.array_equal(picture(browser), first)


def test_it_turns_by_itself_until_it_is_stopped(browser: Any, tmp_path: Path) -> None:
    written(tmp_path / "scene.html", random_splats(50))
    opened(browser, tmp_path / "scene.html")
    drawn = "+document.getElementById('scene').dataset.pictures"
    before = int(browser.run(drawn))
    browser.press("Space")
    until(browser, f"{drawn} > {before + 5}")
    assert browser.run("document.getElementById('turn').textContent") == "Stop"
    rested(browser, lambda: browser.press("Space"))
    assert browser.run("document.getElementById('turn').textContent") == "Turn"


def test_a_browser_that_cannot_show_it_says_so(browser: Any, tmp_path: Path) -> None:
    written(tmp_path / "scene.html", random_splats(50))
    browser.open(tmp_path / "scene.html")
    words = page._WORDS["drag" if browser.run(HAS_WEBGL) else "no_webgl"]
    assert browser.run("document.getElementById('hint').textContent") == words


def test_notes_and_lengths_hang_where_they_were_pinned_and_words_are_text(browser: Any, tmp_path: Path) -> None:
    ends = ((-0.3, 0.0, 0.0), (0.3, 0.2, 0.1))
    written(tmp_path / "scene.html", random_splats(50), Marks((Note((0.4, -0.2, 0.3), EVIL),), ends, 2.0))
    opened(browser, tmp_path / "scene.html")
    assert browser.run("[...document.querySelectorAll('.note')].map(one => one.textContent)") == [EVIL, "1.28 m"]
    assert browser.run("document.title") == browser.run("document.querySelector('h1').textContent") == f"Spots {EVIL}"
    box = "(box => [box.left, box.top, box.width, box.height])({}.getBoundingClientRect())"
    left, top, width, height = browser.run(box.format("document.getElementById('scene')"))
    wanted, _ = CAMERA.project([(0.4, -0.2, 0.3), *ends], width, height)
    dots = [browser.run(box.format(f"document.querySelectorAll('.dot')[{i}]")) for i in range(3)]
    middles = [(x - left + w / 2, y - top + h / 2) for x, y, w, h in dots]
    assert np.allclose(middles, wanted, atol=1.5)


def test_a_page_is_one_file_that_asks_for_nothing(tmp_path: Path) -> None:
    written(tmp_path / "scene.html", random_splats(20))
    assert [one.name for one in tmp_path.iterdir()] == ["scene.html"]
    text = (tmp_path / "scene.html").read_text("utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"\b(src|href)=(?!x )|https?:|@import|url\(", text)


def test_of_too_many_splats_those_that_are_seen_most_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAX_SPLATS", 10)
    splats = random_splats(30, opacity_logits=np.zeros(30), log_scales=np.repeat(np.arange(30.0)[:, None] / 10, 3, 1))
    assert write_page(tmp_path / "a.html", splats, ScenePage("a", "", CAMERA, "z", (1, 1, 1))) == 10
    kept = page._largest_first(splats)
    assert np.allclose(np.exp(kept.log_scales[:, 0]), np.exp(np.arange(29, 19, -1) / 10))


def test_nothing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        written(tmp_path / "scene.html", no_splats())
    assert list(tmp_path.iterdir()) == []
