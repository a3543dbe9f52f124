"""Marks that lead back to folders on this computer alone."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from plugins.vae.shared.panel.representation.kept_map import N_FOLDERS, folder_of, mark_of
from studio.core.error import UserError
from tests.panel_host import PanelHost


def test_the_newest_folders_are_found_again_and_the_oldest_are_forgotten():
    host = PanelHost(SimpleNamespace(hue=""), None, None)
    folders = [Path("/photos") / str(number) for number in range(N_FOLDERS + 2)]
    marks = [mark_of(folder, host) for folder in folders]
    assert [folder_of(mark, host) for mark in marks[2:]] == folders[2:]
    for mark in marks[:2]:
        with pytest.raises(UserError, match="not known on this computer"):
            folder_of(mark, host)
    assert folder_of(mark_of(None, host), host) is None
