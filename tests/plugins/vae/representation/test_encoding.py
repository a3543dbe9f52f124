"""Pictures of all sorts are encoded, what is none is listed, and the next time everything is there at once."""

import numpy as np
import pytest
from PIL import Image as Pictures

from plugins.vae.shared.representation import encoded as encoded_module
from plugins.vae.shared.representation import sources
from plugins.vae.shared.representation.encoded import kept_file, read_kept
from plugins.vae.shared.representation.encoding import encoded, sprites_of
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.vae.model_made import finished
from tests.plugins.vae.representation.conftest import RADII
from tests.plugins.vae.shared.test_reading import letter_picture


def test_places_names_folders_and_what_was_left_out(reader, discs):
    found, told = finished(encoded(reader, discs))
    assert found.z.shape == (12, 2)
    drawn = {int(name[-6:-4]): z for name, z in zip(found.names, found.z, strict=True)}
    laid = [drawn[number][0] for number in range(12)]
    assert max(laid) - min(laid) < 1.2  # a digit is laid by its longest side, so that all discs become one
    (label,) = found.labels.values()
    assert label.kinds == ("large", "small")
    assert [label.kinds[of] for of in label.of] == [name.split("/")[0] for name in found.names]
    assert found.n_left_out == 5
    assert [one.split(":")[0] for one in found.left_out] == [
        "blank.png",
        "broken.png",
        "empty.png",
        "huge.png",
        "notes.txt",
    ]
    assert (found.errors < 0.2).all()
    counts = [(one.n, one.n_all) for one in told if one is not None and one.n]
    assert counts[-1] == (17, 17)
    assert not found.is_held_out.any()


def test_the_second_time_nothing_is_encoded_and_a_changed_file_counts(reader, discs, monkeypatch):
    first, _ = finished(encoded(reader, discs))
    monkeypatch.setattr(reader, "encode", lambda *_: pytest.fail("encoded again"))
    again, _ = finished(encoded(reader, discs))
    for name in ("z", "sprites", "errors", "is_held_out"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert (first.names, first.left_out, first.key) == (again.names, again.left_out, again.key)
    Pictures.new("L", (40, 40), 9).save(discs / "blank.png")
    monkeypatch.setattr(reader, "encode", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        finished(encoded(reader, discs))


def test_what_was_kept_and_is_broken_is_made_anew(reader, discs):
    first, _ = finished(encoded(reader, discs))
    path = kept_file(first.key, "places")
    path.write_bytes(path.read_bytes()[:200])
    assert read_kept(first.key) is None
    with path.open("wb") as file:
        np.savez(file, z=np.zeros((3, 2), np.float32))
    assert read_kept(first.key) is None
    again, _ = finished(encoded(reader, discs))
    assert np.array_equal(first.z, again.z)


def test_each_network_of_a_model_has_a_map_of_its_own(reader, discs, monkeypatch):
    first, _ = finished(encoded(reader, discs))
    monkeypatch.setattr(reader, "balance", 1)
    other, _ = finished(encoded(reader, discs))
    assert first.key != other.key


def test_only_the_newest_maps_are_kept(reader, discs, monkeypatch):
    monkeypatch.setattr(encoded_module, "N_KEPT", 1)
    first, _ = finished(encoded(reader, discs))
    Pictures.new("RGB", (9, 9), "white").save(discs / "one more.png")
    second, _ = finished(encoded(reader, discs))
    assert read_kept(first.key) is None
    assert read_kept(second.key) is not None


def test_of_too_many_files_the_same_ones_are_taken(reader, discs, monkeypatch):
    monkeypatch.setattr(sources, "MAX_PLACES", 10)
    names = []
    for _ in range(2):
        source = sources.Folder(discs, reader.fitted)
        result_of(source.content())
        names.append([name for batch in source.batches() if batch is not None for name in batch.names])
        assert source.n == 10
    assert names[0] == names[1]
    assert 4 <= len(names[0]) <= 10


def test_too_few_pictures_and_none_of_its_own_are_sentences(reader, tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    (folder / "a.png").write_text("nothing")
    with pytest.raises(UserError, match=r"at least 4 .* a\.png"):
        finished(encoded(reader, folder))
    with pytest.raises(UserError, match="no folder"):
        finished(encoded(reader, tmp_path / "gone"))
    with pytest.raises(UserError, match="do not come along"):
        finished(encoded(reader, None))


def test_letters_of_a_folder_are_found_out(engine, tmp_path, monkeypatch):
    weights = tmp_path / "weights"
    weights.write_bytes(b"letters")
    monkeypatch.setattr(engine, "source", type(engine.source)("vae/hand", weights, engine.source.card))
    folder = tmp_path / "signs"
    folder.mkdir()
    wanted = {"g": (0, 0), "A": (1.2, -0.8), "7": (-1, 0.6), "R": (1, 0.5)}
    for letter, (x, y) in wanted.items():
        Pictures.fromarray(letter_picture(engine, [x, y, 0, 0], letter)).save(folder / f"{letter}.png")
    Pictures.new("RGB", (30, 30), "white").save(folder / "blank.png")
    found, _ = finished(encoded(engine, folder))
    assert [f"{letter}.png" for letter in found.letters] == list(found.names)
    assert (found.errors < 0.05).all()  # each is redrawn as the letter that it is
    assert list(found.labels) == ["Letter"]  # all lie in one folder
    assert found.labels["Letter"].kinds == tuple(sorted(wanted))
    assert found.n_left_out == 1
    assert found.sprites.shape == (4, 32, 32)


@pytest.mark.long("computes for long")
@pytest.mark.parametrize(("name", "n", "titles"), [("digits", 3000, 1), ("avatars", 5000, 10)])
def test_what_comes_along_is_there_with_its_labels(name, n, titles):
    source = sources.Shipped(name)
    content = result_of(source.content())
    parts = [part for part in source.batches() if part is not None]
    assert isinstance(content, tuple)
    assert content[0] == name
    assert source.n == sum(len(part.names) for part in parts) == n
    assert len(source.titles) == titles == len(parts[0].kinds[0])
    assert 0 <= min(part.pictures.min() for part in parts) < max(part.pictures.max() for part in parts) <= 1
    assert {part.is_held_out for part in parts} == {True, False}
    assert len({name for part in parts for name in part.names}) == n


def test_sprites_average_what_they_show():
    random = np.random.default_rng(3)
    pictures = random.random((2, 64, 64, 3), np.float32)
    wanted = pictures.reshape(2, 32, 2, 32, 2, 3).mean((2, 4))
    assert np.abs(sprites_of(pictures) - 255 * wanted).max() <= 0.51
    small = sprites_of(np.ones((1, 28, 28), np.float32))
    assert small.shape == (1, 32, 32)
    assert (small[0, 2:30, 2:30] == 255).all()
    assert small.sum() == 255 * 28 * 28
    assert (sprites_of(np.full((1, 80, 80), 0.5, np.float32)) == 128).all()
    assert RADII.dtype == np.float32
