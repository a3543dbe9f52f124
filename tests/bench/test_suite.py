"""The benchmarks' own arithmetic: budgets, names, percentiles, ratios."""

import itertools
import json
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from studio.cli import main as entry
from studio.cli.bench import line
from studio.compute.job import Job
from studio.core.error import UserError
from studio.core.translation import plural
from studio.registry.catalog import Catalog
from studio.widgets.theme import load_theme
from tests.bench import machine, quick, statistic, suite
from tests.bench.bench_hand import stretch_table
from tests.bench.hand_scenario import STRETCHES, Clocks, Move
from tests.bench.suite import Bench, Figure, UnmeasuredError
from tests.bench.table import ABOUT, read_rows, table
from tests.bench.walk import Walk

ROOT = Path(__file__).parents[2]
RUNS = [(12.0, 3.0, 9.0), (10.0, 1.0, 11.0), (14.0, 5.0, 8.0), (11.0, 2.0, 12.0), (13.0, 4.0, 7.0)]


def make_bench(figure: Figure, budget: float | None = 10.0, is_floor: bool = False) -> Bench:
    return Bench("toy.speed", "ms", budget, is_floor, lambda: figure)


@pytest.mark.parametrize(
    ("value", "budget", "is_floor", "within"),
    [
        (9.0, 10.0, False, True),
        (10.0, 10.0, False, True),
        (11.0, 10.0, False, False),
        (9.0, 10.0, True, False),
        (11.0, 10.0, True, True),
        (11.0, None, False, None),
    ],
)
def test_a_budget_is_a_ceiling_or_a_floor(value, budget, is_floor, within):
    assert make_bench(Figure(value), budget, is_floor).row()["within"] is within


def test_a_figure_that_is_not_all_that_is_asked_is_judged_by_what_it_reaches():
    row = make_bench(Figure(11.0, "bare", 0.0, reaches=9.0)).row()
    assert row["within"] is True
    assert (row["value"], row["peer"], row["peer_value"]) == (11.0, "bare", 0.0)


@pytest.mark.parametrize(
    ("figures", "is_floor", "within"),
    [
        ([9, 9, 9, 30, 30], False, True),
        ([9, 9, 11, 30, 11], False, False),
        ([11, 11, 11, 1, 1], True, True),
        ([9, 9, 30, None], False, True),
        ([None, None], False, None),
    ],
)
def test_a_budget_is_met_by_the_median_of_all_runs(figures, is_floor, within):
    unmeasured = {**make_bench(Figure(1.0), 10.0, is_floor).row(), "value": None, "reached": None, "within": None}
    runs = [[unmeasured if one is None else make_bench(Figure(one), 10.0, is_floor).row()] for one in figures]
    (row,) = suite.median_rows(runs)
    assert row["within"] is within
    assert row["value"] == (statistics.median(measured) if (measured := [one for one in figures if one]) else None)


def test_runs_in_turn_keep_what_they_were_measured_against():
    runs = [[make_bench(Figure(value, "bare", peer, reaches=reached)).row()] for value, peer, reached in RUNS]
    (row,) = suite.median_rows(runs)
    assert (row["value"], row["peer"], row["peer_value"], row["reached"]) == (12.0, "bare", 3.0, 9.0)
    assert row["within"] is True


def test_what_cannot_be_measured_is_null_with_its_reason():
    def measure() -> Figure:
        raise UnmeasuredError("no model is installed")

    row = Bench("toy.speed", "ms", 10.0, False, measure).row()
    assert row["value"] is None
    assert row["within"] is None
    assert row["note"] == "no model is installed"
    assert json.loads(json.dumps(row)) == row
    assert "no model is installed" in line(row)


def raising(error: Exception) -> Bench:
    def measure() -> Figure:
        raise error

    return Bench("toy.broken", "ms", 10.0, False, measure)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("The model is damaged.", "Get it again."), "The model is damaged. Get it again."),
        (
            ModuleNotFoundError("No module named 'sklearn'", name="sklearn.ensemble"),
            "sklearn is not installed: python -m pip install 'manifold-studio[forest]'",
        ),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(error, sentence):
    assert raising(error).row()["note"] == sentence


def test_extras_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(suite.EXTRAS.values()) <= set(project["optional-dependencies"])


def test_a_row_that_fails_says_where_and_the_rest_goes_on(monkeypatch, capsys, tmp_path, caplog):
    values = itertools.count(1)
    works = Bench("toy.works", "ms", 10.0, False, lambda: Figure(float(next(values))))
    monkeypatch.setattr(
        suite, "all_benches", lambda: {"toy.broken": raising(ZeroDivisionError("by zero")), "toy.works": works}
    )
    path = tmp_path / "figures.md"
    assert entry.main(["bench", "--repeat", "3", "--json", "--write", str(path)]) == 0
    captured = capsys.readouterr()
    broken, row = json.loads(captured.out)
    assert broken["value"] is None
    assert broken["note"].startswith("ZeroDivisionError in test_suite.py, line ")
    assert (row["value"], row["noise"], row["within"]) == (2.0, 1.0, True)
    assert "2 of 2, run 3: toy.works …" in captured.err
    assert "by zero" in caplog.text
    (kept,) = read_rows(path)
    assert (kept["name"], kept["value"], kept["noise"], kept["machine"]) == ("toy.works", 2.0, 1.0, machine.short())


def test_what_got_worse_by_more_than_its_noise_is_said(monkeypatch, capsys, tmp_path):
    benches = {name: Bench(name, "ms", None, False, lambda: Figure(10.0, samples=(9.0, 10.0, 11.0))) for name in "abcd"}
    monkeypatch.setattr(suite, "all_benches", lambda: benches)
    before = {"a": 8.0, "b": 9.5, "c": 20.0}
    path = tmp_path / "rows.json"
    path.write_text(
        json.dumps([{**benches["a"].row(), "name": name, "value": v} for name, v in before.items()]), "utf-8"
    )
    assert entry.main(["bench", "--against", str(path)]) == 0
    said = capsys.readouterr().out.partition("worse:")[2].splitlines()
    assert said[1:4] == ["  a: 8 → 10 ms, noise 1", "better:", "  c: 20 → 10 ms, noise 1"]
    assert said[-1] == "  nothing"


@pytest.mark.parametrize("text", ["", "[1]", "# no table"])
def test_what_is_no_table_is_a_sentence(tmp_path, capsys, text):
    (tmp_path / "a.md").write_text(text, "utf-8")
    assert entry.main(["bench", "--against", str(tmp_path / "a.md")]) == 1
    assert "does not hold a table" in capsys.readouterr().err


def test_quick_figures_are_not_written(tmp_path, capsys):
    assert entry.main(["bench", "--quick", "--write", str(tmp_path / "a.md")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_has_no_time_left_says_so():
    row = make_bench(Figure(1.0)).row(until=0.0)
    assert (row["value"], row["within"]) == (None, None)
    assert "no time left" in row["note"]


def test_each_budget_has_a_row_that_is_measured_when_there_is_little_time():
    budgets = {name: suite.all_benches()[name].budget for name in quick.ROWS.values()}
    assert None not in budgets.values()
    assert len(budgets) == len(quick.ROWS)


def test_benchmarks_need_nothing_that_only_tests_have():
    """README's first command installs no extra; here they are hidden."""
    code = (
        "import importlib, pathlib, sys\n"
        "sys.modules.update(dict.fromkeys(sys.argv[1:]))\n"
        "for path in pathlib.Path('tests/bench').glob('*.py'):\n"
        "    path.stem.startswith('test_') or importlib.import_module(f'tests.bench.{path.stem}')\n"
    )
    extras = ("pytest", "pytestqt", "hypothesis", *suite.EXTRAS)
    done = subprocess.run([sys.executable, "-c", code, *extras], cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr


def test_a_missed_budget_is_called_missed():
    assert "MISSED" in line(make_bench(Figure(11.0)).row())
    assert "within" in line(make_bench(Figure(9.0)).row())


def test_names_and_prefixes_choose_rows(monkeypatch):
    benches = {name: Bench(name, "ms", None, False, lambda: Figure(1.0)) for name in ("a.x", "a.xy", "b.x")}
    monkeypatch.setattr(suite, "all_benches", lambda: benches)

    def names(*wanted: str) -> list[str]:
        return [one.name for one in suite.chosen(wanted)]

    assert names() == ["a.x", "a.xy", "b.x"]
    assert names("a.") == ["a.x", "a.xy"]
    assert names("a.x") == ["a.x"]
    assert names("b.x", "a.x", "b.") == ["b.x", "a.x"]
    with pytest.raises(KeyError):
        names("a")
    with pytest.raises(KeyError):
        names("c.")


def test_every_row_that_was_promised_is_there():
    assert {
        "studio.start_to_window",
        "studio.click_to_panel",
        "studio.first_picture_cold",
        "studio.first_motion",
        "studio.memory_home",
        "studio.memory_with_torch",
        "studio.memory_model_open",
        "studio.ui_gap_drag",
        "studio.growth_1000_actions",
        "vae.slider_to_paint",
        "vae.slider_to_paint_word",
        "vae.decode",
        "vae.train_throughput",
        "vae.train_panel_throughput",
        "studio.ui_gap_training",
        "studio.ui_gap_training_worst",
        "studio.slider_to_paint_training",
        "studio.scrub",
        "studio.recording_overhead",
        "studio.memory_recording",
        "hand",
    } <= set(suite.all_benches())


def test_so_are_those_of_texts():
    names = (
        "tokens_10m",
        "tokens_gpt2",
        "capture_overhead",
        "fork_ms",
        "rewind_ms",
        "prefill",
        "first_token_cold",
        "score_text",
        "grow_tree",
        "train_throughput",
        "ui_gap_generate",
        "step_growth",
    )
    assert {f"transformer.{name}" for name in names} <= set(suite.all_benches())


def test_so_are_the_walks():
    gestures = ("slider", "erased_pixel", "forced_word", "branch", "sources_shown", "lists_shown")
    assert {f"studio.walk_{name}" for name in gestures} <= set(suite.all_benches())


def test_so_are_the_holds_of_every_shipped_model():
    models = [model.id for model in Catalog().list_models()]
    assert len(models) > 20
    assert {"studio.hold_median", "studio.hold_p99"} <= set(suite.all_benches())
    assert {model_id.replace("/", ".hold_") for model_id in models} <= set(suite.all_benches())


def test_a_walk_knows_the_files_of_both_threads_and_the_calls_of_a_turn(qtbot, real_worker, dispatcher):
    walk = Walk(real_worker)
    qtbot.waitUntil(lambda: not real_worker.jobs())
    walk.start()
    real_worker.submit(Job(("draw",), lambda: load_theme("dark")))
    plural("{n} frame", "{n} frames", 2)
    with walk.unseen():
        qtbot.waitUntil(lambda: not real_worker.jobs())
    walk.stop()
    assert {"studio/widgets/theme.py", "studio/compute/worker.py", "studio/core/translation.py"} <= set(walk.files())
    assert walk.most_in_a_turn(plural) == walk.n_calls(plural) == 1
    assert walk.n_calls(line) == 0


def test_a_move_is_cut_into_stretches_that_leave_nothing_out():
    times = {"moved": 0, "sent": 1, "taken": 3, "drawn": 8, "fetched": 10, "shown": 11, "painting": 13, "painted": 17}
    move = Move({name: Clocks(wall_s, wall_s / 2) for name, wall_s in times.items()}, "queue")
    move.inside["network"] = [3.0, 1.5]
    found = move.stretches()
    assert list(found) == list(STRETCHES)
    assert sum(wall_s for wall_s, _ in found.values()) == 17
    wanted = {"queue": (2, 0), "wake": (0, 0), "views": (2, 1), "paint": (4, 2)}
    assert {name: found[name] for name in wanted} == wanted
    figures = {"stretches": {"paint": [4.0, 5.0, 2.0, 2.5]}, "p50_ms": 16.0, "p95_ms": 17.0}
    lines = stretch_table(
        {"letter": {**figures, "final_ms": 9.0, "n_painted": 3, "n_moves": 4, "window_ms": 3.7}}
    ).splitlines()
    assert lines[1].split() == ["paint", "4.00,", "5.00", "(2.00,", "2.50)"]
    assert lines[-1].endswith("3 of 4")


def test_an_unknown_row_is_a_sentence(capsys):
    assert entry.main(["bench", "toy.nothing"]) == 1
    captured = capsys.readouterr()
    assert "toy.nothing" in captured.err
    assert captured.err.count("\n") == 1


def test_an_installed_package_says_where_the_benchmarks_live(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("studio.cli.bench.ROOT", tmp_path)
    assert entry.main(["bench"]) == 1
    assert "tests/bench" in capsys.readouterr().err


def test_the_overhead_of_work_that_takes_a_tenth_longer(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr("tests.bench.statistic.time.perf_counter", clock.read)
    figure = statistic.overhead(clock.work(1.1), clock.work(1.0), "bare")
    assert figure.value == pytest.approx(10.0)
    assert figure.reaches is None


def test_a_ratio_is_the_median_of_its_pairs(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr("tests.bench.statistic.time.perf_counter", clock.read)
    disturbed = itertools.cycle([1.3, 1.0])  # the first one warms up
    figure = statistic.relative_speed(lambda: clock.pass_by(next(disturbed)), clock.work(1.0), "bare")
    assert figure.value == pytest.approx(100.0)  # four of nine were disturbed
    assert figure.reaches is None


class FakeClock:
    """Time passes only where work says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    def pass_by(self, duration_s: float) -> None:
        self.now += duration_s

    def work(self, duration_s: float):
        return lambda: self.pass_by(duration_s)


def test_the_machine_is_named_on_one_line():
    text = machine.machine()
    assert "\n" not in text
    assert "cores" in text
    assert "Python" in text


def test_the_table_is_read_back_as_it_was_written(tmp_path):
    missed = {
        **make_bench(Figure(11.0, "bare | none", 9.0, samples=(10.0, 11.0, 13.0))).row(),
        "date": "2026-12-07",
        "machine": "this",
    }
    path = tmp_path / "figures.md"
    path.write_text(table([missed]), "utf-8")
    line = "| `toy.speed` | 11 | ms | ≤ 10 | **missed** | bare / none | 9 | 1.5 | 2026-12-07 | this |"
    assert path.read_text("utf-8").splitlines()[2] == line
    (found,) = read_rows(path)
    assert found.items() <= {**missed, "peer": "bare / none"}.items()


def test_the_figures_of_the_project_are_rows_of_its_benchmarks():
    path = ROOT / "docs" / "figures.md"
    rows = read_rows(path)
    assert rows
    assert {row["name"] for row in rows} <= set(suite.all_benches())
    assert path.read_text("utf-8") == ABOUT + table(sorted(rows, key=lambda row: row["name"]))
