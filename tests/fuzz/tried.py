"""Breaks the samples of readers and lets them be read."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.fuzz.corpus import Sample, samples
from tests.fuzz.keeper import Keeper, Outcome, Task
from tests.fuzz.mutation import Mutation, mutated
from tests.fuzz.readers import READERS

KEPT: Final = "kept"


class Net:
    """All readers, their samples and the process that reads; `folder` is empty, and holds all that is written."""

    def __init__(self, folder: Path, readers: Sequence[str] = tuple(READERS)) -> None:
        self.samples = {name: samples(name, folder / name) for name in readers}
        found = [(name, one) for name, several in self.samples.items() for one in several]
        self._whole = {path: path.read_bytes() for _, one in found for path in one.files}
        (folder / "home").mkdir(parents=True)
        self.keeper = Keeper(folder / "home", [(name, one.path) for name, one in found])
        self._kept = folder / KEPT

    def outcomes(self, reader: str, mutations: Sequence[Mutation]) -> Iterator[Outcome]:
        """Yield what comes of each; a file that came to no good end is kept."""
        tasks = [self._task(reader, mutation) for mutation in mutations]
        for task, outcome in zip(tasks, self.keeper.outcomes(tasks), strict=True):
            assert task.broken is not None
            assert task.mutation is not None
            if not outcome.is_good:
                task.broken.write_bytes(mutated(self._whole[task.broken], task.mutation))
                self._keep(self._sample(reader, task.mutation), reader)
                task.broken.write_bytes(self._whole[task.broken])
            yield outcome

    def _sample(self, reader: str, mutation: Mutation) -> Sample:
        found = self.samples[reader]
        return found[mutation.file % len(found)]

    def _task(self, reader: str, mutation: Mutation) -> Task:
        sample = self._sample(reader, mutation)
        path = sample.files[mutation.file // len(self.samples[reader]) % len(sample.files)]
        return Task(reader, sample.path, path, mutation)

    def _keep(self, sample: Sample, reader: str) -> None:
        """Copy the sample as it is now: for a person who looks for the cause."""
        target = self._kept / reader
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        if sample.path.is_dir():
            shutil.copytree(sample.path, target / sample.path.name)
        else:
            for path in {sample.path, *sample.files}:
                shutil.copy(path, target / path.name)
