"""The tree of a sample: which places it has, which of them are lit, and what is drawn of it."""

import numpy as np
import pytest

from plugins.autoregressive.sound.panel.tree import (
    MOST_NODES,
    SoundTreeView,
    children,
    lit_edges,
    lit_nodes,
    reached_ages,
)

DILATION = (1, 2, 4, 8)


def test_every_sample_that_is_seen_is_at_the_foot_of_the_tree():
    assert reached_ages(DILATION, 2, 0) == set(range(1, 18))
    assert reached_ages(DILATION, 2, 4) == {0, 8}
    assert reached_ages(DILATION, 2, 3) == {0, 4, 8, 12}
    assert reached_ages(DILATION, 2, 5) == {0}


@pytest.mark.parametrize("row", range(1, 6))
def test_what_nodes_read_is_the_row_below(row):
    below = {age for node in reached_ages(DILATION, 2, row) for age in children(DILATION, 2, row, node)}
    assert below == reached_ages(DILATION, 2, row - 1)


def amounts():
    amount = np.zeros((5, 18), np.float32)
    for row in range(5):
        amount[row, sorted(reached_ages(DILATION, 2, row))] = 1.0
    return amount


def test_a_tree_in_which_all_counts_alike_is_lit_as_a_whole():
    nodes = lit_nodes(amounts())
    assert len(nodes) == 17 + 16 + 8 + 4 + 2 + 1
    assert len(lit_edges(nodes, DILATION, 2)) == 2 * (16 + 8 + 4 + 2 + 1)


def test_only_the_strongest_are_lit():
    amount = np.random.default_rng(1).random((5, 200)).astype(np.float32)
    nodes = lit_nodes(amount)
    for row in range(5):
        lit = [node for node in nodes if node.row == row]
        assert len(lit) == MOST_NODES
        assert {node.age for node in lit} == set(np.argsort(amount[row])[-MOST_NODES:].tolist())
        assert max(node.strength for node in lit) == 1
    faint = amounts()
    faint[0, 5] = 0.001
    assert all((node.row, node.age) != (0, 5) for node in lit_nodes(faint))


def test_nothing_is_lit_where_nothing_counts():
    nodes = lit_nodes(np.zeros((5, 18), np.float32))
    assert [node.row for node in nodes] == [5]
    assert lit_edges(nodes, DILATION, 2) == []


@pytest.fixture
def view(qtbot):
    view = SoundTreeView()
    qtbot.addWidget(view)
    view.resize(600, 240)
    view.set_layers(DILATION, 2)
    return view


def test_the_past_lies_to_the_left_and_the_samples_below(view):
    assert view.point_of(0, 16).x() < view.point_of(0, 4).x() < view.point_of(0, 0).x()
    assert view.point_of(5, 0).y() < view.point_of(0, 0).y()
    assert view.point_of(0, 17).x() >= 70


def test_it_says_what_it_shows(view):
    assert not view.is_lit
    amount = amounts()
    amount[0, 8] = 9.0
    view.show_amount(amount)
    assert view.summary() == "It depends most on the sample 0.5 ms before it."
    node = view.node_at(view.point_of(3, 4))
    assert (node.row, node.age) == (3, 4)
    assert view.node_at(view.point_of(3, 4) + view.rect().topRight().toPointF()) is None
    view.grab()
    view.show_amount(np.zeros((3, 4), np.float32))  # of another model
    assert not view.is_lit
