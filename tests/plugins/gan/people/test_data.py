"""What the generator is asked for: each group of layers answers for its labels, and pairs are alike."""

import torch

from plugins.gan.people.model.style_gan import GROUP_ROWS, UNSAID
from plugins.gan.people.training.data import GROUPS, FaceBatches, mixed_labels, mixed_rows
from studio.api.training import AVATAR_LABELS

K = len(AVATAR_LABELS)


def batches(**shares):
    labels = torch.stack([torch.arange(40) % len(kinds) for kinds in AVATAR_LABELS.values()], 1)
    pictures = torch.arange(40, dtype=torch.uint8)[:, None, None, None].expand(40, 64, 64, 3)
    return FaceBatches(pictures, labels, 32, 5, 11, torch.device("cpu"), **shares)


def test_every_label_belongs_to_one_group_and_every_row_too():
    assert sorted(name for group in GROUPS for name in group) == sorted(AVATAR_LABELS)
    assert sorted(row for rows in GROUP_ROWS for row in rows) == list(range(8))


def test_mixed_labels_and_rows_follow_the_groups():
    labels = torch.stack([torch.zeros(1, K, dtype=torch.long), torch.ones(1, K, dtype=torch.long)])
    names = list(AVATAR_LABELS)
    for chosen, group in enumerate(GROUPS):
        groups = torch.zeros(1, len(GROUPS), dtype=torch.long)
        groups[0, chosen] = 1
        told, rows = mixed_labels(labels, groups)[0], mixed_rows(groups)[0]
        assert [name for name, label in zip(names, told.tolist(), strict=True) if label] == [
            name for name in names if name in group
        ]
        assert rows.nonzero()[:, 0].tolist() == list(GROUP_ROWS[chosen])


def test_paired_tasks_have_all_labels_of_the_real_picture_and_one_face():
    made = batches()
    for step in range(3):
        _, labels = made.real(step, 0)
        asked = made.asked(step, 0)
        paired = asked.is_paired
        assert paired.any()
        assert torch.equal(asked.told[paired], labels[paired])
        assert torch.equal(asked.labels[0][paired], labels[paired])
        assert not asked.rows[paired].any()


def test_what_is_unsaid_the_generator_is_not_told_either():
    asked = batches(mixed_share=0.0, unsaid_share=1.0).asked(0, 0)
    assert (asked.told == UNSAID).any()
    assert torch.equal(asked.told, asked.labels[0])
    assert not asked.is_paired.any()


def test_a_mix_is_told_what_its_rows_come_from():
    asked = batches(mixed_share=1.0, unsaid_share=0.0).asked(4, 1)
    assert asked.rows.any()
    names = list(AVATAR_LABELS)
    for item in range(32):
        for column, name in enumerate(names):
            group = next(g for g, group in enumerate(GROUPS) if name in group)
            face = int(asked.rows[item, GROUP_ROWS[group][0]])
            assert asked.told[item, column] == asked.labels[face, item, column]


def test_batches_follow_from_their_numbers_alone():
    one, other = batches(), batches()
    other.real(0, 0)
    assert torch.equal(one.asked(5, 2).z, other.asked(5, 2).z)
    assert torch.equal(one.real(5, 2)[0], other.real(5, 2)[0])
    assert not torch.equal(one.asked(5, 2).z, one.asked(5, 3).z)
