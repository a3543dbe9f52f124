"""Everything that was exported: listed with its picture, searched, opened again, deleted after a question."""

import json

import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtGui import QPixmap

from studio.shell.made.desk import MadeDesk
from studio.shell.made.store import MAX_MADE, MadeStore
from studio.widgets.gallery.gallery import Gallery
from tests.shell.answering import answer
from tests.shell.conftest import MODEL
from tests.shell.export.exporting import export_picture

LEFT = Qt.MouseButton.LeftButton
MADE_FROM = {"model": MODEL, "seed": 3, "params": {"words": "By the Sea"}}


@pytest.fixture
def desk(window, services, tmp_path, monkeypatch):
    monkeypatch.setattr(QFile, "moveToTrash", lambda file: False)  # this machine has no bin
    desk = MadeDesk(services, window, tmp_path / "made")
    for command in desk.commands():
        services.commands.add(command)
    yield desk
    window.tabs.close_all()


def cards(desk):
    desk.show()
    return desk.page.cards


@pytest.mark.long("starts processes of its own")
def test_what_is_exported_is_listed_and_opens_again(window, desk, tab, tmp_path, qtbot):
    tab.panel.set_params(type(tab.panel.params())(seed=9))
    export_picture(window, tab, tmp_path / "a.png")
    export_picture(window, tab, tmp_path / "b.png")
    export_picture(window, tab, tmp_path / "a.png")  # again in its place
    shown = cards(desk)
    assert [card.open.accessibleName() for card in shown] == ["Open a.png", "Open b.png"]
    window.tabs.close_page(tab)
    qtbot.mouseClick(shown[0].open, LEFT)
    assert window.tabs.front_tab.panel.params().seed == 9


def test_a_file_that_was_moved_away_opens_from_what_is_remembered(window, desk, tab, tmp_path, qtbot):
    tab.panel.set_params(type(tab.panel.params())(seed=9))
    export_picture(window, tab, tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    (card,) = cards(desk)
    window.tabs.close_page(tab)
    qtbot.mouseClick(card.open, LEFT)
    assert window.tabs.front_tab.panel.params().seed == 9


def test_it_is_deleted_after_a_question(window, desk, tab, tmp_path, qtbot):
    export_picture(window, tab, tmp_path / "a.png")
    (card,) = cards(desk)
    qtbot.mouseClick(card.delete, LEFT)
    answer(window, "ask_delete_made", "Keep")
    assert (tmp_path / "a.png").exists()
    qtbot.mouseClick(card.delete, LEFT)
    answer(window, "ask_delete_made", "Delete")
    assert not (tmp_path / "a.png").exists()
    assert cards(desk) == []
    assert "Nothing yet" in desk.page.note.text()


def test_it_is_found_by_the_words_of_its_prompt(desk, tmp_path, qtbot):
    store = MadeStore(tmp_path / "made")
    store.add(tmp_path / "a.png", MADE_FROM, b"")
    store.add(tmp_path / "b.png", MADE_FROM | {"params": {"words": "a fox"}}, b"")
    assert len(cards(desk)) == 2
    qtbot.keyClicks(desk.page.search, "sea waves")  # a word of the prompt, and the title of the model
    assert [card.open.accessibleName() for card in cards(desk)] == ["Open a.png"]
    desk.page.search.setText("nothing")
    assert cards(desk) == []


def test_the_picture_is_small_and_whole(window, desk, tab, tmp_path):
    export_picture(window, tab, tmp_path / "a.png")
    (made,) = MadeStore(tmp_path / "made").all()
    pixmap = QPixmap()
    assert pixmap.loadFromData(made.thumbnail)
    assert pixmap.height() == 192
    assert len(made.thumbnail) < 100_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[]",
        json.dumps({"path": "/a", "made_from": {"model": "../x"}}),
        json.dumps({"made_from": MADE_FROM}),
        json.dumps({"path": "/a", "made_from": 3}),
    ],
)
def test_what_is_broken_is_left_out(tmp_path, text):
    store = MadeStore(tmp_path)
    store.add(tmp_path / "a.png", MADE_FROM, b"")
    (tmp_path / "00000009-aa.json").write_text(text)
    (tmp_path / "x-aa.json").write_text(json.dumps({"path": "/a", "made_from": MADE_FROM}))
    assert [made.path.name for made in store.all()] == ["a.png"]


def test_only_so_many_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.shell.made.store.MAX_MADE", 3)
    store = MadeStore(tmp_path / "made")
    for n in range(5):
        store.add(tmp_path / f"{n}.png", MADE_FROM, b"")
    assert [made.path.name for made in store.all()] == ["4.png", "3.png", "2.png"]
    assert MAX_MADE == 1000


def test_a_picture_is_sent_to_a_model_that_takes_one(window, tab, services, monkeypatch, qtbot):
    taken: list[bytes] = []

    def take(panel, path):
        taken.append(path.read_bytes())
        return True

    kind = tab.found.manifest.kinds[tab.found.manifest.usual_kind]
    monkeypatch.setattr(type(tab.panel), "open_path", take)
    window.send_to.offer()
    assert _offered(window).view.count() == 0  # this kind takes none
    object.__setattr__(kind, "takes_pictures", True)
    window.tabs.front_tab.source = _other(tab.source)
    window.send_to.offer()
    assert _offered(window).view.count() == 1
    qtbot.keyClick(_offered(window).field, Qt.Key.Key_Return)
    object.__setattr__(kind, "takes_pictures", False)
    assert taken[0].startswith(b"\x89PNG")


def _offered(window) -> Gallery:
    return window.findChildren(Gallery)[-1]


def _other(source):
    return type(source)("good/other", source.path.with_name("other"), source.card)
