"""Where the words of a mixture of experts went: lanes in the inspector, and shares as the library gives them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest

from plugins.transformer.foreign.hf.folder import read_folder
from plugins.transformer.foreign.loading import load_folder
from plugins.transformer.importers import HuggingFaceImporter
from plugins.transformer.text.interpret.readout import experts_over
from plugins.transformer.text.model.decoder import NOTHING_ABLATED
from plugins.transformer.text.panel.expert_section import ExpertSection
from plugins.transformer.text.panel.panel import TransformerPanel
from tests.plugins.transformer.foreign.made_folder import made_folder
from tests.plugins.transformer.text.text_made import MadeWriter, handle_of

from .text_panel_made import LEFT, shown


class Sparse(MadeWriter):
    """Sends word t to expert t of three, a little to the first one too; the first layer has none."""

    def experts(self, ids: Any, muted: str) -> np.ndarray:
        found = np.zeros((2, len(ids), 3), np.float16)
        found[1, :, 0] = 0.25
        found[1, np.arange(len(ids)), np.arange(len(ids)) % 3] += 0.75
        return found


@pytest.fixture
def sparse(qtbot: Any, host: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    panel = TransformerPanel(handle_of(Sparse(), n_experts=3), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 1400)
    panel.show()
    qtbot.waitUntil(lambda: len(shown(panel)) == 10 and panel.is_settled)
    panel.editor.set_tab("attention")
    qtbot.waitUntil(lambda: panel.is_settled)
    yield panel
    panel.timeline.close()
    assert not host.errors


def test_a_model_without_experts_has_no_lanes(panel: Any) -> None:
    assert panel.controls.experts is None
    assert not panel.findChildren(ExpertSection)


def test_lanes_say_where_a_word_went_and_a_click_goes_there(qtbot: Any, sparse: Any) -> None:
    section = sparse.controls.experts
    sparse.inside.experts.set_layer(1)
    lanes = section.lanes
    assert lanes.isVisible()
    across, down = lanes.width() / 10, lanes.height() / 3
    assert lanes.told(*lanes.pair_at(QPointF(4.5 * across, 1.5 * down))).endswith("went to expert 2: 75.0 %")
    assert lanes.told(*lanes.pair_at(QPointF(4.5 * across, 0.5 * down))).endswith("went to expert 1: 25.0 %")
    assert lanes.told(*lanes.pair_at(QPointF(4.5 * across, 2.5 * down))) == ""
    assert "3 experts" in section.note.text()
    QTest.mouseClick(lanes, LEFT, pos=QPoint(int(6.5 * across), 3))
    qtbot.waitUntil(lambda: sparse.stage.canvas.page.sheet.current == 6 and sparse.is_settled)


def test_a_layer_without_experts_says_so(sparse: Any) -> None:
    sparse.inside.experts.set_layer(0)
    assert not sparse.controls.experts.lanes.isVisible()
    assert "no experts" in sparse.controls.experts.note.text()


@pytest.mark.parametrize("name", ["Qwen2-MoE", "GPT-OSS", "Mixtral"])
def test_shares_are_those_of_the_library(tmp_path: Path, name: str) -> None:
    model, ids = made_folder(tmp_path, name), [5, 60, 7, 260, 7]
    assert HuggingFaceImporter().describe(tmp_path).metadata["n_experts"] == 5
    decoder = load_folder(read_folder(tmp_path), torch.float32, torch.device("cpu"))
    shares, config = experts_over(decoder, ids, NOTHING_ABLATED), decoder.config
    logits = model(torch.tensor([ids]), output_router_logits=True).router_logits
    sparse = [layer for layer in range(config.n_layers) if config.has_experts(layer)]
    for layer, row in zip(sparse, logits, strict=True):
        chosen = row.softmax(-1).topk(config.n_experts_used).indices.sort().values
        assert [np.flatnonzero(one).tolist() for one in shares[layer]] == chosen.tolist()
    assert shares.shape == (config.n_layers, len(ids), 5)
    if config.has_whole_shares:
        assert np.allclose(shares[sparse].sum(-1), 1, atol=2e-3)
