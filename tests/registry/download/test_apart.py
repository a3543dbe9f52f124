"""What the process is told that downloads, and what it understands."""

from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from studio.core.frame import Frame
from studio.registry.download import apart


def test_the_other_process_finds_the_folders_where_they_are(monkeypatch, tmp_path):
    waiting = SimpleNamespace(is_waiting=True, place=SimpleNamespace(manifest="waiting:FAMILY"))
    asked: Any = SimpleNamespace(
        plugin_folder=tmp_path / "plugins", models_folder=tmp_path / "models", families=[waiting]
    )
    understood: list[Any] = []

    def bring(download: Path, catalog: Any) -> Generator[Frame | None, None, Any]:
        understood.extend([download, catalog.plugin_folder, catalog.models_folder])
        yield None
        yield Frame(1, 3, label="half of it")
        return SimpleNamespace(id="vae/it")

    monkeypatch.setattr(apart, "bring", bring)
    monkeypatch.setattr(apart, "download_in", lambda folder: folder)
    _, what, *given = apart.bring_command(tmp_path / "half", asked)[3:]
    told = list(apart._told(what, given))
    assert understood == [tmp_path / "half", tmp_path / "plugins", tmp_path / "models"]
    assert told == [{"progress": [1, 3, "half of it"]}, {"model": "vae/it"}]
