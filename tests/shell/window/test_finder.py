"""What Home and the galleries offer in the window: examples, recent things with pictures, models of one family."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImageReader

from studio.api.family import Example
from studio.registry.catalog import Catalog
from studio.registry.family import FoundFamily
from studio.shell.session.recent_picture import SIZE_PX, kept_picture
from studio.shell.window.choice import example_choices, gallery_choices
from studio.widgets.gallery.gallery import Gallery
from studio.widgets.gallery.view import ChoiceView
from tests.shell.conftest import MODEL, shown_window

LEFT = Qt.MouseButton.LeftButton


def with_example(catalog, tmp_path, **changes) -> Example:
    """Let the family of the fixtures have an example."""
    example = Example("Ride a wave", "It rolls.", "models/thumbnail.webp", MODEL, {"seed": 7}, words="surf sea")
    example = replace(example, **changes)
    found = catalog.families[0]
    catalog.families = [replace(found, family=replace(found.manifest, examples=(example,)))]
    return example


@pytest.fixture
def made_window(qtbot, services, look):
    def make():
        return shown_window(qtbot, services, look, 1280, 720)

    return make


def close_tabs(window) -> None:
    for tab in window.tabs.model_tabs():
        window.tabs.close_page(tab)


def test_an_example_opens_its_model_as_it_was_prepared(catalog, tmp_path, made_window, qtbot):
    with_example(catalog, tmp_path)
    window = made_window()
    button = window.home.examples.buttons[0]
    assert button.choice.short_name == "Ride a wave"
    qtbot.mouseClick(button, LEFT)
    assert window.tabs.front_tab.panel.params().seed == 7
    close_tabs(window)


def test_a_wish_for_it_finds_the_example(catalog, tmp_path, made_window, qtbot):
    with_example(catalog, tmp_path)
    window = made_window()
    qtbot.keyClicks(window.home.wish, "I want to surf")
    qtbot.keyClick(window.home.wish, Qt.Key.Key_Return)
    assert window.tabs.front_tab.panel.params().seed == 7
    close_tabs(window)


def test_an_example_whose_file_is_bad_says_so(catalog, tmp_path, made_window, monkeypatch):
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps([1]))
    example = with_example(catalog, tmp_path, memory="bad.json")
    monkeypatch.setattr(FoundFamily, "file", lambda self, name: bad if name == "bad.json" else None)
    window = made_window()
    window.opener.open_example(example)
    assert window.tabs.front_tab is None
    assert "Ride a wave" in window.home.drop_zone.text


def test_the_number_of_models_opens_the_gallery_of_the_family(window, qtbot):
    qtbot.mouseClick(window.home.cards[0].models_button, LEFT)
    gallery = window.findChild(Gallery)
    qtbot.keyClick(gallery.field, Qt.Key.Key_Return)
    assert window.tabs.front_tab.source.id == MODEL


def test_a_closed_tab_leaves_its_picture_on_home(window, tab, qtbot):
    assert kept_picture(MODEL) is None
    window.tabs.close_page(tab)
    picture = window.home.recent.buttons[0].choice.picture
    assert picture == kept_picture(MODEL)
    assert QImageReader(str(picture)).size() == SIZE_PX
    qtbot.mouseClick(window.home.recent.buttons[0], LEFT)
    assert window.tabs.front_tab.source.id == MODEL


@pytest.mark.parametrize(
    ("wish", "models"),
    [
        ("face", {"vae/avatars", "gan/avatars-layers", "diffusion/avatars"}),
        ("sound", {"autoregressive/speech", "autoregressive/notes", "diffusion/notes"}),
        ("finish my drawing", {"autoregressive/digits", "gan/outline-to-icon"}),
        ("write a poem", {"transformer/shakespeare"}),
        ("3d", {"nerf/glossy"}),
    ],
)
def test_what_people_wish_for_finds_the_models_that_came_along(qtbot, look, wish, models):
    shipped, view = Catalog(), ChoiceView(has_tiles=True)
    qtbot.addWidget(view)
    view.offer([*gallery_choices(shipped, print), *example_choices(shipped, print)], wish)
    found = [view.choice_at(row).entry.id for row in range(view.count())]
    assert models <= set(found)
    assert found[0] in models or found[0].startswith("example ")


def test_the_window_opens_no_larger_than_its_screen(qtbot, services, look, monkeypatch):
    monkeypatch.setattr("studio.shell.window.window.MainWindow._room", lambda self: QSize(960, 510))
    window = shown_window(qtbot, services, look, 100, 100)
    assert (window.width(), window.height()) == (960, 510)
