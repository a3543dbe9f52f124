"""The seeded faults: each fits its file, still compiles, and together they cover the program."""

from collections import Counter
from pathlib import Path

import pytest

from tests.reach import ROOT
from tests.seeded.run import Fault, known_faults, reaching

FAULTS = known_faults()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_stands_once_in_its_file_and_compiles(fault: Fault) -> None:
    sound = (ROOT / fault.file).read_text(encoding="utf-8")
    assert sound.count(fault.original) == 1
    faulty = fault.put_into(sound)
    assert faulty != sound
    compile(faulty, fault.file, "exec")
    assert fault.kind
    assert fault.notice.endswith(".")
    assert any(reaching(Path(fault.file)))


def test_there_are_forty_in_all_folders() -> None:
    assert len(FAULTS) == 40
    folders = Counter(Path(fault.file).parts[:2] for fault in FAULTS.values())
    layers = {("studio", path.name) for path in (ROOT / "studio").iterdir() if (path / "__init__.py").exists()}
    families = {("plugins", path.parent.name) for path in (ROOT / "plugins").glob("*/family.py")}
    assert set(folders) == layers | families
    assert all(folders[family] >= 3 for family in families)
