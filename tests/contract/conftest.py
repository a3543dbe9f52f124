"""Every family found, built in or from the tests' own folder, goes through the same contract."""

import dataclasses
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from plugins.autoregressive.pixels.model.sampling import sampler_of
from plugins.diffusion.arcade.engine import ArcadeEngine
from plugins.gan.people.frames import ProjectionEffort, project
from plugins.nerf.field.bake.bake import STAGES
from plugins.nerf.shared.resolution import FIRST_HEIGHT, Resolution, fit
from plugins.vae.shared.representation.sources import LOADERS
from plugins.vae.tables.training.learner import TableLearner
from studio.compute.device import Device
from studio.registry.catalog import Catalog
from studio.registry.family import FoundFamily, find_families
from studio.registry.model import ModelInfo, shipped_models
from studio.registry.place import builtin_places, folder_places
from studio.widgets.dispatcher import Dispatcher
from tests.panel_host import PanelHost
from tests.sync_worker import SyncWorker

FAMILIES = Path(__file__).parents[1] / "fixtures" / "families"
EXAMPLE = Path(__file__).parents[2] / "docs" / "example"
OF_TESTS = (*folder_places(FAMILIES, "tests"), *folder_places(EXAMPLE, "example"))
PLACES = [*builtin_places(), *(place for place in OF_TESTS if place.name != "broken")]
ALL_FOUND = find_families(PLACES)
KINDS = [(found, name) for found in ALL_FOUND for name in found.manifest.kinds]
QUICK = ("vae", "transformer", "good", "reaction")
DEFAULTS = {found.manifest.default_model for found in ALL_FOUND if found.id in QUICK}
MODELS = [model.id for found in ALL_FOUND for model in shipped_models(found) if isinstance(model, ModelInfo)]
KIND_IDS = [f"{found.id}-{name}" for found, name in KINDS]
MANY = "opens and draws {}; the quick tier takes some"
SIZE_PX = (1000, 700)
FEW_PICTURES = 124  # whole alphabets
SHORT_GAME = 12


def one_each(values, ids, what, is_first):
    """Parameters of which some stand for all and are quick, and the others long."""
    long = pytest.mark.long(MANY.format(what))
    return [
        pytest.param(value, id=name, marks=() if is_first(value) else long)
        for value, name in zip(values, ids, strict=True)
    ]


def is_quick_kind(kind):
    """Whether a kind is the one that its family opens with, of a family whose models are quick."""
    found, name = kind
    return found.id in QUICK and name == (found.manifest.default_kind or next(iter(found.manifest.kinds)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for `found` once for every family."""
    if "found" in metafunc.fixturenames:
        metafunc.parametrize("found", ALL_FOUND, ids=[found.id for found in ALL_FOUND], scope="module")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """A catalogue of exactly these families and their shipped models."""
    catalog = Catalog(FAMILIES, tmp_path_factory.mktemp("models"))
    catalog.families = ALL_FOUND
    return catalog


@pytest.fixture(scope="module")
def patch():
    """Changes that hold for all tests of a file, and for what they share."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module", autouse=True)
def ready_kernels(patch):
    """No panel waits until its kernels are compiled."""
    patch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)


@pytest.fixture(scope="module", autouse=True)
def two_moments(patch):
    """Of a scene that moves two moments are baked, not all of them, which would take half a minute each time."""
    patch.setattr("plugins.nerf.field.render.renderer.moments", lambda: [0.0, 1.0])


@pytest.fixture(scope="module", autouse=True)
def small_scenes(patch):
    """A scene at rest is drawn with as many rays as one in motion, and baked as coarsely as a bake begins."""
    patch.setattr("plugins.nerf.field.bake.bake.STAGES", STAGES[:1])
    patch.setattr(Resolution, "resting_size", lambda _, viewport: fit(FIRST_HEIGHT**2, viewport))


@pytest.fixture(scope="module", autouse=True)
def few_frames(patch):
    """A path has six pictures a second: here they are drawn at once, while the window waits."""
    patch.setattr("studio.api.timeline.controller.FPS", 6.0)


@pytest.fixture(scope="module", autouse=True)
def few_steps(patch):
    """Of ten steps in which a table is learnt one is taken: a panel learns it anew as often as anything changes."""
    step = TableLearner.step

    def step_or_skip(learner, cells, known, n_all):
        if learner.n_steps % 10 == 0:
            return step(learner, cells, known, n_all)
        learner.n_steps += 1
        return 0.0

    patch.setattr(TableLearner, "step", step_or_skip)


@pytest.fixture(scope="module", autouse=True)
def few_pictures(patch):
    """A map shows the first pictures of each part of a data set; all of them are encoded by the tests of the map."""

    def begun(load, split):
        batch = load(split)
        shown = {name: getattr(batch, name)[:FEW_PICTURES] for name in ("pictures", "names", "letters", "kinds")}
        return dataclasses.replace(batch, **shown)

    for name, load in LOADERS.items():
        patch.setitem(LOADERS, name, partial(begun, load))


@pytest.fixture(scope="module", autouse=True)
def short_games(patch):
    """The computer plays a dreamt game for half a second before it is a person's turn."""
    generate = ArcadeEngine.generate

    def begun(engine, params, start=None):
        return generate(engine, dataclasses.replace(params, pictures=min(params.pictures, SHORT_GAME)), start)

    patch.setattr(ArcadeEngine, "generate", begun)


@pytest.fixture(scope="module", autouse=True)
def unguided_pixels(patch):
    """Pixels are weighed by one pass of the network, not by one more for each kind that the picture might be of."""

    def unguided(network, wish):
        return sampler_of(network, dataclasses.replace(wish, guidance=0.0))

    patch.setattr("plugins.autoregressive.pixels.engine.sampler_of", unguided)


@pytest.fixture(scope="module", autouse=True)
def short_searches(patch):
    """A person's picture is looked for with a tenth of the steps: here it is asked whether it can be, not how well."""
    patch.setattr("plugins.gan.people.frames.project", partial(project, effort=ProjectionEffort(6, 12)))


@pytest.fixture(scope="module", autouse=True)
def short_race(patch):
    """Samplers are measured from a run of a few steps instead of a thousand."""
    patch.setattr("plugins.diffusion.shared.studies.REFERENCE_STEPS", 12)


@pytest.fixture(params=one_each(KINDS, KIND_IDS, "every kind", is_quick_kind))
def model_id(request, catalog):
    """A model of each kind that has one."""
    found, name = request.param
    models = [one.id for one in catalog.list_models(found.id) if found.manifest.kind_name(one.source.card) == name]
    if not models:
        pytest.skip("no model of this kind came along")
    return found.manifest.default_model if found.manifest.default_model in models else models[0]


@pytest.fixture(params=one_each(MODELS, MODELS, "every model", DEFAULTS.__contains__))
def any_model(request):
    """The id of a model that came along, each in turn."""
    return request.param


@pytest.fixture(scope="module")
def params_class(catalog: Catalog, found: FoundFamily) -> type:
    return catalog.params_class(catalog.find_model(found.manifest.default_model).source)


@pytest.fixture(scope="module")
def device():
    return Device("cpu", "float32", 1)


@pytest.fixture(scope="module")
def engine(catalog: Catalog, found: FoundFamily, device: Device):
    """The engine of the family's default model."""
    engine = catalog.open_engine(catalog.find_model(found.manifest.default_model).source, device)
    yield engine
    engine.close()


def shown_panel(catalog, device, model_id, worker, dispatcher):
    """The panel of a model in a window, and its host."""
    model = catalog.find_model(model_id)
    cards = [one.card for one in catalog.list_models(model.family)]
    host = PanelHost(catalog.family(model.family).manifest, worker, dispatcher, cards)
    handle = catalog.make_handle(model.source, lambda: device)
    panel = catalog.panel_class(handle.source)(handle, host)
    panel.resize(*SIZE_PX)
    panel.show()
    assert QTest.qWaitForWindowExposed(panel)
    return panel, host


@pytest.fixture
def open_panel(qtbot, catalog, device, sync_worker, dispatcher):
    """Opens the panel of a model; its work is done at once. Unexpected errors fail the test."""
    hosts = []

    def open_(model_id, worker=sync_worker):
        panel, host = shown_panel(catalog, device, model_id, worker, dispatcher)
        hosts.append(host)
        qtbot.addWidget(panel)
        return panel

    yield open_
    for host in hosts:
        host.close()
        assert host.opened == []


@pytest.fixture(scope="module")
def standing_panel(qapp, catalog, device, found):
    """The panel of a family's default model for tests that only look at it; its work was done at once."""
    dispatcher = Dispatcher()
    worker = SyncWorker(dispatcher.deliver)
    panel, host = shown_panel(catalog, device, found.manifest.default_model, worker, dispatcher)
    yield panel
    host.close()
    assert host.opened == []
    panel.close()
    panel.deleteLater()
    dispatcher.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
