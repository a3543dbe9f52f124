"""Runs of a text as lines of a tree."""

from studio.widgets.text.branch_tree import BranchRun, joint_words, lines_of


def test_branches_have_rows_below_the_run_that_they_left():
    told = (("a", "", 0, 20), ("b", "a", 8, 20), ("c", "b", 12, 25), ("d", "a", 15, 18))
    runs = [BranchRun(*one) for one in told]
    lines = lines_of(runs)
    assert [(line.run.id, line.row, line.from_row, line.first, line.last) for line in lines] == [
        ("a", 0, -1, 0, 19),
        ("d", 1, 0, 15, 17),
        ("b", 2, 0, 8, 19),
        ("c", 3, 2, 12, 24),
    ]
    assert lines_of(runs[1:2])[0].from_row == -1
    assert [joint_words(bits) for bits in (0.0, 10.0, 100.0)] == ["100 %", "1 in 1,024", "1 in 10^30"]
