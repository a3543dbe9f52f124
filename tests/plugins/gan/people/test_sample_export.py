"""Exported samples: what passes, the table, foreign files untouched, a stop, a full disk; what they are worth."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plugins.gan.people import sampling as augment_call
from plugins.gan.people.params import SampleExportSettings
from plugins.gan.people.sampling import TABLE_LABELS, export_samples, new_folder
from plugins.gan.people.state import TABLE_NAME, AugmentationEffect, ExportedFace, effect_words, table_text
from plugins.gan.people.training import augmentation_study
from plugins.gan.people.training.augmentation_study import (
    TRIES,
    compared,
    joined,
    labelled,
    passes,
    real_faces,
    sampling,
    share_right,
    study,
)
from studio.api.training import AVATAR_LABELS, Judge
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.gan.people.crowd_made import at_seed, copy_engine, shipped

ALL = SampleExportSettings(n=64, least_share=0.0, least_distance=0.0)


def sample_of(seed: int, **more: float) -> ExportedFace:
    kinds = {label: AVATAR_LABELS[label][0] for label in TABLE_LABELS}
    numbers = {"confidence": 0.5, "share": 0.25, "distance": 0.0312, **more}
    return ExportedFace(seed, np.zeros((64, 64, 3), np.uint8), np.zeros(10, np.int64), kinds, **numbers)


def table_in(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / TABLE_NAME).read_text("utf-8"))))


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_the_labels_are_those_of_the_data() -> None:
    assert tuple(AVATAR_LABELS) == TABLE_LABELS


def test_the_table_says_everything_of_each() -> None:
    rows = list(csv.DictReader(io.StringIO(table_text([sample_of(7), sample_of(12)], TABLE_LABELS))))
    assert [row["file"] for row in rows] == ["face_0000000007.png", "face_0000000012.png"]
    assert rows[0]["hair"] == "bun"
    assert rows[0]["clothes_colour"] == "#0b3286"
    numbers = ("confidence", "real_share", "nearest_distance")
    assert [rows[1][name] for name in numbers] == ["0.5000", "0.2500", "0.0312"]
    assert list(rows[0]) == ["file", "seed", *TABLE_LABELS, *numbers]


def test_what_passes() -> None:
    settings = SampleExportSettings(least_share=0.3, least_distance=0.01)
    assert passes(0.3, 0.01, settings)
    assert not passes(0.29, 0.5, settings)
    assert not passes(1.0, 0.0099, settings)


def test_only_new_and_real_enough_faces_are_kept() -> None:
    known, _ = shipped("train")
    fresh, _ = shipped("test")
    mixed = np.concatenate([known[:8], fresh[:8]])
    engine = copy_engine(mixed)
    kept = [
        news.sample for news in sampling(engine, at_seed(0), SampleExportSettings(least_share=0.0), 4) if news.sample
    ]
    assert [one.seed for one in kept] == [8, 9, 10, 11]  # training faces are copies
    assert all(one.distance >= 0.005 for one in kept)
    shares = [engine.real_share(float(one.pixels.mean()) / 2.55) for one in kept]
    assert [one.share for one in kept] == pytest.approx(shares, abs=0.01)
    strict = SampleExportSettings(least_share=1.0, least_distance=0.0)
    news = list(sampling(engine, at_seed(0), strict, 2))
    assert [one.sample for one in news if one.sample] == []
    assert news[-1].n_tried == TRIES * 2


@pytest.mark.long("computes for long")
def test_an_export_is_a_folder_of_its_own(tmp_path) -> None:
    fresh, labels = shipped("test")
    foreign = tmp_path / "Samples"
    foreign.mkdir()
    (foreign / TABLE_NAME).write_text("mine")
    done = result_of(export_samples(copy_engine(fresh[:100]), at_seed(5), ALL, tmp_path, "Samples"))
    assert done.folder == tmp_path / "Samples 2"
    assert (foreign / TABLE_NAME).read_text() == "mine"
    assert (done.n_written, done.n_tried) == (64, 64)
    rows = table_in(done.folder)
    assert len(rows) == 64
    assert len(list(done.folder.iterdir())) == 65
    n_right = 0
    for row in rows:
        seed = int(row["seed"])
        assert np.array_equal(pixels_of(done.folder / row["file"]), fresh[seed])
        kinds = [AVATAR_LABELS[label][labels[seed, k]] for k, label in enumerate(TABLE_LABELS)]
        n_right += sum(row[label] == kind for label, kind in zip(TABLE_LABELS, kinds, strict=True))
    assert n_right > 0.95 * 640
    assert [int(row["seed"]) for row in rows] == list(range(5, 69))


def test_a_stopped_export_leaves_its_table(tmp_path) -> None:
    fresh, _ = shipped("test")
    steps = export_samples(copy_engine(fresh[:32]), at_seed(0), ALL, tmp_path, "Samples")
    while next(steps).n_written < 3:
        pass
    steps.close()
    rows = table_in(tmp_path / "Samples")
    assert [row["seed"] for row in rows] == ["0", "1", "2"]


def test_an_export_that_is_stopped_before_the_first_leaves_nothing(tmp_path) -> None:
    steps = export_samples(copy_engine(shipped("test")[0][:32]), at_seed(0), ALL, tmp_path, "Samples")
    next(steps)
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_passes_nothing_is_left(tmp_path, monkeypatch) -> None:
    known, _ = shipped("train")
    monkeypatch.setattr(augmentation_study, "TRIES", 1)
    wanted = SampleExportSettings(n=64, least_share=1.0, least_distance=0.05)
    with pytest.raises(UserError, match="None of 64 faces passed"):
        result_of(export_samples(copy_engine(known[:8]), at_seed(0), wanted, tmp_path, "Samples"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path) -> None:
    with pytest.raises(UserError, match="A folder cannot be created there"):
        new_folder(tmp_path / "missing", "Samples")


def test_a_full_disk_is_said_in_words(tmp_path, monkeypatch) -> None:
    def full(path, data):
        raise UserError("The disk is full, so “x” was not saved.")

    monkeypatch.setattr(augment_call, "atomic_write", full)
    with pytest.raises(UserError, match="disk is full"):
        result_of(export_samples(copy_engine(shipped("test")[0][:8]), at_seed(0), ALL, tmp_path, "Samples"))


def test_half_of_what_is_learnt_is_real() -> None:
    pictures, labels = shipped("test")
    real, forged = labelled(pictures[:20], labels[:20]), labelled(pictures[20:61], labels[20:61])
    both = joined(real, forged)
    assert len(both.labels) == 2 * 20 + 41
    assert len(both.pictures) == len(both.labels)


def test_the_share_right_is_that_of_all_labels() -> None:
    pictures, labels = shipped("test")
    examples = labelled(pictures[:6], labels[:6])

    class Told(Judge):
        def read(self, pictures):
            answer = examples.labels.clone()
            answer[0, :5] += 1
            return answer

    assert share_right(Told(augmentation_study.CONFIG), examples) == pytest.approx(55 / 60)


@pytest.mark.long("trains a network")
def test_classifiers_learn_in_turn_and_real_labels_help() -> None:
    real = result_of(real_faces())
    pictures, labels = shipped("train")
    forged = labelled(pictures[1000:1400], labels[1000:1400])
    start = AugmentationEffect(200, 400, 200, n_steps=24)
    news = list(compared(real, forged, start))
    last = news[-1]
    assert last.steps == (20, 24)
    assert len(news) == 2 * 24 + 2 * 2 + 2
    assert last.is_done
    assert all(0.15 < share < 1 for share in (*last.without, *last.with_forged))
    assert last.with_forged != last.without


def test_too_few_samples_are_said() -> None:
    known, _ = shipped("train")
    wanted = SampleExportSettings(n=64, least_share=1.0, least_distance=0.05)
    with pytest.raises(UserError, match="too few to learn from"):
        result_of(study(copy_engine(known[:8]), at_seed(0), wanted, 20))


def test_the_sentence_is_honest_either_way() -> None:
    def after(without: float, with_forged: float) -> str:
        return effect_words(AugmentationEffect(200, 400, 200, 400, (300,), (without,), (with_forged,), 300))

    assert "70.0 %" in after(0.7, 0.8)
    assert after(0.7, 0.8).endswith("the fakes help.")
    assert after(0.8, 0.7).endswith("the fakes do harm.")
    assert after(0.7, 0.715).endswith("that makes no real difference.")
    assert "3 of 9 passed" in effect_words(AugmentationEffect(200, 3, 200, 9, n_steps=300))
