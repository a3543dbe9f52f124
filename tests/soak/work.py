"""A window that is worked in until its process is killed, and what may be lost of that work."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from studio.core.pausing import result_of
from studio.core.recording.file import load_recording
from studio.shell.session.session import Session, read_session
from studio.shell.session.workspace import reading

WORKING: Final = "from tests.soak.work import work; work()"
MODEL: Final = "good/waves"
NOTES: Final = "notes.jsonl"
LOST_S: Final = 5.0
STEP_MS: Final = 200
N_STEPS_PER_RUN, N_STEPS_PER_SAVE = 5, 8
N_RUNS: Final = 8


def work() -> None:
    """Change a setting five times a second, record a run each second, save the workspace now and then; for ever."""
    import os

    home = Path(sys.argv[1])
    os.environ.update(MANIFOLD_STUDIO_HOME=str(home), QT_QPA_PLATFORM="offscreen")
    from PySide6.QtCore import QTimer

    from studio.app import Studio, make_app, prepare_process
    from studio.core.place import config_dir, log_dir
    from studio.core.setting import FILE_NAME, Settings
    from studio.registry.catalog import Catalog
    from studio.shell.session.crash import CrashReporter
    from tests.cli.command import install_waves

    if not (home / "data" / "plugins" / "good").exists():
        install_waves(home)
    prepare_process()
    settings = Settings(config_dir() / FILE_NAME)
    app = make_app()
    studio = Studio(app, settings, Catalog(), CrashReporter(log_dir() / "log"))
    studio.begin()
    steps = _steps(studio, home)
    timer = QTimer(interval=STEP_MS)
    timer.timeout.connect(lambda: next(steps))
    timer.start()
    app.exec()


def _steps(studio: Any, home: Path) -> Iterator[None]:
    """One piece of work after the other; each is noted with its time once it is done."""
    assert studio.keeper is not None
    while studio.window.home.isHidden():
        yield
    if studio.keeper.last.tabs:
        studio.keeper.restore()
    studio.window.opener.open_model(MODEL)
    panel = studio.window.tabs.front_tab.panel
    notes = (home / NOTES).open("w")
    for n in count(1):
        panel.form.changed.emit("seed", n)
        if n % N_STEPS_PER_RUN == 0:
            panel._record()
        if n % N_STEPS_PER_SAVE == 0:
            studio.desk.save_to(home / "work.manifold")
        yield
        runs = [one.id for one in panel.timeline.tracks if one.recording.is_finished][-N_RUNS:]
        print(json.dumps([time.monotonic(), n, runs]), file=notes, flush=True)
        if n == N_STEPS_PER_SAVE + 1:
            print("at work", flush=True)


def workspace_problem(folder: Path) -> str:
    """Nothing is lost that is older than five seconds, and the workspace opens with all of its runs."""
    notes = []
    for line in (folder / NOTES).read_text().splitlines():
        with suppress(ValueError):  # the last one may be cut off
            notes.append(json.loads(line))
    session = read_session(folder / "config" / "session.json")
    return _lost(notes, session, folder / "config" / "runs") or _broken(folder / "work.manifold")


def _lost(notes: list[Any], session: Session, runs: Path) -> str:
    killed_s = notes[-1][0]
    old = [note for note in notes if note[0] < killed_s - LOST_S]
    if not old:
        return ""
    _, n, known = old[-1]
    (tab,) = session.tabs or (None,)
    if tab is None or tab.params["seed"] < n:
        return f"the session is of step {tab and tab.params['seed']}, and {n} was {LOST_S:g} s old"
    for run_id in set(known) & set(notes[-1][2]):
        if run_id not in {run.id for run in tab.runs}:
            return f"the run {run_id} is not in the session"
        load_recording(runs / f"{run_id}.frames").close()
    return ""


def _broken(path: Path) -> str:
    if not path.exists():
        return ""
    with tempfile.TemporaryDirectory() as folder:
        workspace = result_of(reading(path, Path(folder)))
        for file in Path(folder).iterdir():
            load_recording(file).close()
    return f"{workspace.n_lost} runs of the workspace are lost" if workspace.n_lost else ""
