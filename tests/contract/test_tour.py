"""The tour and the experiments of every family that has them, in its real panels and with real clicks and keys."""

from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QStackedLayout, QWidget

from studio.core.param import params_to_json
from studio.registry.guide import read_guide
from studio.shell.tour.desk import Presses, opening_of
from studio.shell.tour.tour import Route, Tour
from tests.contract.conftest import ALL_FOUND
from tests.shell.tour.acting import act

WORDS_A_MINUTE = 200
ACTING_S = 5
PAGE_WORDS = 700


@pytest.fixture
def guide(found):
    guide = read_guide(found.file(found.manifest.guide))
    if not guide.steps:
        pytest.skip("this family has no tour")
    return guide


def finish(qtbot, panel):
    qtbot.waitUntil(lambda: panel.has_snapshot and panel.is_settled)


@pytest.fixture
def standing(qtbot, open_panel):
    """Opens models' panels in one area, as tabs do; the tab that is returned is the one in front."""

    area = QWidget()  # which outlives the tour that stands over it
    qtbot.addWidget(area)
    layout = QStackedLayout(area)
    tab = SimpleNamespace(area=area)

    def stand(model_id):
        tab.panel = panel = open_panel(model_id)
        tab.source, tab.hue = panel.handle.source, panel.host.hue
        layout.setCurrentIndex(layout.addWidget(panel))
        area.resize(1280, 640)
        with qtbot.waitActive(area):
            area.show()
            area.activateWindow()
        finish(qtbot, panel)
        return tab

    return stand


@pytest.mark.long("every step of every tour, with real clicks in the real panels")
def test_each_step_is_noticed_when_it_is_done_and_not_before(qtbot, standing, guide):
    assert 6 <= len(guide.steps) <= 9
    tab = standing(guide.steps[0].model)
    tour = Tour(Route("own", "Own", guide.steps), tab.area, lambda: tab, standing)
    with qtbot.waitSignal(tour.ended) as ended:
        take(qtbot, tour, tab)
    assert ended.args == [True]


def take(qtbot, tour, tab):
    """Do all steps of a tour, which goes on by itself."""
    tour.go_to(0)
    for index, step in enumerate(tour.route.steps):
        assert tour.index == index
        do_step(qtbot, tour, tab.panel, step)
        if step is not tour.route.steps[-1]:
            qtbot.waitUntil(lambda index=index: tour.index > index)


def do_step(qtbot, tour, panel, step):
    """Do one step, and see that it is noticed then, and not before."""
    if step.deed == "scrub":
        qtbot.waitUntil(lambda: panel.timeline.n_frames > 1)
    qtbot.waitUntil(lambda: tour.control is not None and tour.ring.isVisible())
    assert not tour.is_done, step.text
    act(tour.control, step.deed)
    assert tour.is_done
    assert tour.card.parentWidget().rect().contains(tour.card.geometry())


@pytest.mark.long("opens three experiments of every family")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_experiment_opens_with_what_it_says(qtbot, standing, guide, catalog, number):
    assert len(guide.experiments) == 3
    experiment = guide.experiments[number]
    opening = opening_of(experiment, catalog)
    tab = standing(experiment.model)
    tab.panel.set_params(catalog.params_class(opening.source)(**opening.params))
    values = params_to_json(tab.panel.params())
    assert {name: str(values[name]) for name in experiment.settings} == dict(experiment.settings)
    presses = Presses(tab.area, tab, experiment.presses)
    presses.begin()
    qtbot.waitUntil(lambda: not presses.names)


def test_the_guide_is_one_illustrated_page(found, guide):
    words = guide.page.split("## Three experiments")[0].split()
    assert len(words) <= PAGE_WORDS
    pictures = [line for line in guide.page.splitlines() if line.startswith("![")]
    assert 1 <= len(pictures) <= 3
    for line in pictures:
        assert found.file(line.rpartition("(")[2].rstrip(")")).stat().st_size <= 60 << 10


def test_the_grand_tour_takes_less_than_five_minutes():
    paths = [one.file(one.manifest.guide) for one in ALL_FOUND]
    guides = [read_guide(path) for path in paths if path is not None]
    steps = [step for guide in guides for step in guide.steps if step.is_grand]
    assert len({step.model for step in steps}) == 6
    n_words = sum(len(step.text.split()) for step in steps)
    assert n_words / WORDS_A_MINUTE * 60 + len(steps) * ACTING_S < 5 * 60
