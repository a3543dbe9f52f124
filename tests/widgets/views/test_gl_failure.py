"""No OpenGL, an old one, one that is lost, a scene that fails, an end in the midst of it: a picture, never a crash."""

import pytest

from tests.widgets.views.gl_child import run_gl, said

pytestmark = pytest.mark.xvfb

LOOK = """
view = SceneView()
window = QMainWindow()
window.setCentralWidget(view)
window.resize(320, 200)
view.set_picture(picture())
window.show()
if graphics().status is None:
    wait_for(graphics().changed)
settle()
shown = pixels_of(window)
assert shown[190, 310, 0] > 240, shown[190, 310]
print(graphics().status.kind, "|", graphics().status.sentence, "|", view.draws_scenes)
"""
SHOWN = """
trust()
view = SceneView()
window = window_of(view)
view.set_picture(picture())
window.show()
wait_for(view.painted)
settle()
assert view.draws_scenes
"""
GOES_ON = """
wait_for(view.drawing_changed)
view.set_picture(picture())
wait_for(view.painted)
settle()
assert pixels_of(window)[190, 310, 0] > 240
view.show_scene((0.0, 0.0, 1.0))
print(view.draws_scenes, graphics().status.kind, "|", graphics().status.sentence)
"""


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize(
    ("extra", "kind", "words"),
    [
        ({"QT_XCB_GL_INTEGRATION": "none"}, "none", "The graphics driver does not offer OpenGL. The processor draws"),
        ({"MESA_GL_VERSION_OVERRIDE": "2.1"}, "none", "OpenGL 2.1 is too old: 3.3 is needed here."),
        ({"MANIFOLD_STUDIO_GL": "off"}, "none", "OpenGL is switched off by MANIFOLD_STUDIO_GL."),
        ({}, "software", "No graphics card was found (llvmpipe"),
        ({"GALLIUM_DRIVER": "softpipe"}, "software", "No graphics card was found (softpipe)"),
    ],
    ids=["no OpenGL", "OpenGL 2.1", "switched off", "llvmpipe", "softpipe"],
)
def test_without_a_card_there_is_a_picture_and_a_sentence(x_display, extra, kind, words) -> None:
    found, sentence, draws = said(LOOK, x_display, **extra).split(" | ")
    assert (found, draws) == (kind, "False")
    assert words in sentence


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize(
    "extra", [{"QT_XCB_GL_INTEGRATION": "none"}, {"MESA_GL_VERSION_OVERRIDE": "2.1"}], ids=["no OpenGL", "OpenGL 2.1"]
)
def test_a_window_that_was_made_for_a_card_stands_without_it(x_display, extra) -> None:
    code = LOOK.replace(
        "window = QMainWindow()",
        """graphics().trust("Last year's card")
window = QMainWindow()
graphics().prepare(window)""",
    )
    done = run_gl(code, x_display, **extra)  # Qt says that it has no OpenGL
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("none |")
    assert "Traceback" not in done.stderr


@pytest.mark.long("starts processes of its own")
def test_a_screen_without_opengl_needs_no_child(x_display) -> None:
    code = LOOK.replace("shown = pixels_of(window)", "shown = np.full((200, 320, 3), 255)")
    done = run_gl(code, {"QT_QPA_PLATFORM": "offscreen"})  # Qt says there that it cannot place windows
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("none | There is no screen for OpenGL.")


@pytest.mark.long("starts processes of its own")
def test_another_card_than_the_one_that_is_trusted_is_not_used(x_display) -> None:
    # The child that looks which card there is could answer first, and then no context is made at all.
    alone = 'graphics().trusted = "Last year\'s card"\ngraphics()._start_child = lambda: None'
    code = SHOWN.replace("trust()", alone).replace("assert view.draws_scenes", "")
    code = code.replace("wait_for(view.painted)\nsettle()", "") + GOES_ON
    assert said(code, x_display).startswith("False none | OpenGL now runs on different hardware")


@pytest.mark.long("starts processes of its own")
def test_a_lost_context_leads_back_to_painted_pictures(x_display) -> None:
    code = (
        SHOWN
        + """
gl = view._gl
gl.makeCurrent()
gl._holdings.picture.release()
gl.doneCurrent()
view.set_picture(picture())
"""
        + GOES_ON
    )
    assert said(code, x_display).startswith("False none | The graphics driver failed.")


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize(
    "body",
    ["raise ValueError('no')", "target.ctx.program(vertex_shader='#version 330\\nnonsense')"],
    ids=["error", "shader"],
)
def test_a_scene_that_fails_leads_back_to_painted_pictures(x_display, body) -> None:
    code = (
        SHOWN
        + f"""
class Bad(Flat):
    def render(self, target, camera):
        {body}
view.set_scene(Bad)
view.show_scene((1.0, 0.0, 0.0))
"""
        + GOES_ON
    )
    assert said(code, x_display).startswith("False none | The graphics driver failed.")


@pytest.mark.long("starts processes of its own")
def test_a_gl_error_of_a_scene_is_noticed(x_display) -> None:
    code = (
        SHOWN
        + """
import ctypes
class Bad(Flat):
    def render(self, target, camera):
        target.clear()
        address = view._gl.context().getProcAddress(b"glEnable")
        ctypes.CFUNCTYPE(None, ctypes.c_uint)(address)(0xFFFF)
view.set_scene(Bad)
view.show_scene((1.0, 0.0, 0.0))
"""
        + GOES_ON
    )
    assert said(code, x_display).startswith("False none | The graphics driver failed.")


@pytest.mark.long("starts processes of its own")
def test_pictures_and_scenes_leave_no_gl_error(x_display) -> None:
    code = (
        SHOWN
        + """
import ctypes
from studio.render.picture_scene import PictureScene, Placement
view.set_scene(Flat)
gl = view._gl
errors = []
def ask(name, *kinds):
    return ctypes.CFUNCTYPE(ctypes.c_uint)(gl.context().getProcAddress(b"glGetError"))()
view.overlays.append(lambda painter, rect: (painter.beginNativePainting(), errors.append(ask("")),
    painter.endNativePainting()))
for turn in range(6):
    view.set_picture(picture(17 + turn, 31))
    wait_for(view.painted)
    view.show_scene((0.0, 1.0, 0.0))
    wait_for(view.painted)
window.resize(501, 333)
settle()
assert len(errors) >= 12
print(set(errors))
"""
    )
    assert said(code, x_display) == "{0}"


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize(
    "end", ["window.close()", "window.deleteLater(); settle()", "view.deleteLater(); settle()", ""]
)
def test_an_end_in_the_midst_of_an_upload_is_quiet(x_display, end) -> None:
    code = (
        SHOWN
        + f"""
view.set_scene(Flat)
view.set_picture(np.zeros((3000, 4000, 3), np.uint8))
wait_for(view.painted)
assert not view._gl._holdings.picture.is_complete
{end}
print("done")
"""
    )
    assert said(code, x_display) == "done"


@pytest.mark.long("starts processes of its own")
def test_closing_while_a_worker_makes_pictures_is_quiet(x_display) -> None:
    code = (
        SHOWN
        + """
from studio.compute.job import Job
from studio.compute.worker import Worker
from studio.widgets.dispatcher import Dispatcher
dispatcher = Dispatcher()
worker = Worker(dispatcher.deliver)
def bake():
    while True:
        yield np.zeros((200, 300, 3), np.uint8)
dispatcher.delivered.connect(lambda delivery: delivery.latest is None or view.set_picture(delivery.latest))
worker.submit(Job(("bake",), bake))
for _ in range(5):
    wait_for(view.painted)
QTimer.singleShot(0, window.close)
app.exec()
print(worker.close())
"""
    )
    assert said(code, x_display) == "True"
