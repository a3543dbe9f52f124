"""No broken or crafted file brings out anything but a result or a sentence, in bounded time and memory."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.core.container.hostile import CANARY_NAME, write_hostile_files
from tests.fuzz.bombs import bombs
from tests.fuzz.keeper import ROOT, Task
from tests.fuzz.mutation import MUTATIONS, Mutation
from tests.fuzz.readers import FOLDERS, READERS
from tests.fuzz.tried import Net

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by Linux here")
AT_ONCE = 30
N_MUTATIONS = [30, pytest.param(300, marks=pytest.mark.long("ten times as many broken files of each kind"))]
fixed = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    net = Net(tmp_path_factory.mktemp("net"))
    yield net
    net.keeper.close()


def test_whole_files_are_read(net: Net) -> None:
    for name, samples in net.samples.items():
        assert samples, name
        assert net.keeper.ask(name, samples[0].path).kind == "read", name


@pytest.mark.parametrize("n_mutations", N_MUTATIONS)
@pytest.mark.parametrize("reader", READERS)
def test_a_broken_file_ends_in_a_result_or_a_sentence(net: Net, reader: str, n_mutations: int) -> None:
    @settings(fixed, max_examples=n_mutations // AT_ONCE)
    @given(mutations=st.lists(MUTATIONS, min_size=AT_ONCE, max_size=AT_ONCE))
    def check(mutations: list[Mutation]) -> None:
        for mutation, outcome in zip(mutations, list(net.outcomes(reader, mutations)), strict=True):
            assert outcome.is_good, (mutation, outcome.text)

    check()


@pytest.mark.long("hundreds of crafted files, each as large as it may be")
@pytest.mark.parametrize("reader", READERS)
def test_a_crafted_file_does_no_harm(net: Net, reader: str, tmp_path: Path) -> None:
    for name, path in bombs(reader, tmp_path):
        outcome = net.keeper.ask(reader, path)
        assert outcome.is_good, (name, outcome)


@pytest.mark.long("every reader reads the files of all others")
def test_files_of_every_other_kind_do_no_harm(net: Net, tmp_path: Path) -> None:
    paths = [path for path in write_hostile_files(tmp_path) if path.is_file()]
    tasks = [Task(reader, path) for reader in sorted(set(READERS) - FOLDERS) for path in paths]
    for task, outcome in zip(tasks, list(net.keeper.outcomes(tasks)), strict=True):
        assert outcome.is_good, (task, outcome)
    assert not any((folder / CANARY_NAME).exists() for folder in (tmp_path, ROOT))


def test_the_net_catches_what_it_is_meant_to(net: Net, tmp_path: Path) -> None:
    """A mistake, an endless loop, endless memory and the end of the process are all told from a sentence."""
    caught = {}
    for kind in ("mistake", "memory", "death"):
        caught[kind] = net.keeper.ask(f"_{kind}", tmp_path).kind
    assert caught == {"mistake": "failed", "memory": "failed", "death": "died"}
