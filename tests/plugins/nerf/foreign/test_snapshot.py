"""Snapshots of instant-ngp: what the bytes mean, agreement with another reading of them, and hostile ones."""

import contextlib
import gzip
import math
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.nerf.field.render.hash_field import HashField
from plugins.nerf.foreign.ngp.container import looks_like_snapshot, read_snapshot
from plugins.nerf.foreign.ngp.snapshot import read_ngp
from plugins.nerf.importers import NgpImporter
from plugins.nerf.shared.camera.camera import camera_from_position, ngp_from_opengl, opengl_from_ngp
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.fixtures.foreign import fixture_path
from tests.plugins.nerf.field.made_field import make_weights
from tests.plugins.nerf.field.plain_rays import network_of

from .made_foreign import GRID_SIZE, NGP_CONFIG, dataset, flat_params, ngp_values, with_value, write_ngp

SCENES = ("unit-cube", "large-scene")


def assert_same_weights(found: Any, wanted: Any) -> None:
    for name, array in wanted.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return write_ngp(tmp_path / "scene.ingp", ngp_values(density_grid_binary=b""))


@pytest.mark.parametrize("ending", [".ingp", ".msgpack"])
def test_a_small_snapshot_is_read_as_it_was_written(tmp_path: Path, ending: str) -> None:
    scene = read_ngp(write_ngp(tmp_path / f"scene{ending}", ngp_values()))
    wanted = make_weights(NGP_CONFIG)
    assert scene.parts.config == NGP_CONFIG
    assert_same_weights(scene.parts.weights, replaced_bias(wanted, np.zeros(16)))
    assert scene.values["background"] == [1.0, 0.5, 0.0]
    assert (scene.values["up"], scene.values["exposure"], scene.values["n_steps"]) == ("y", 0.5, 77)
    assert scene.warnings == ()


def replaced_bias(weights: Any, bias: Any) -> Any:
    return type(weights)(weights.grid, weights.density, weights.colour, bias.astype(np.float32))


def test_zlib_is_read_like_gzip(tmp_path: Path) -> None:
    path = tmp_path / "scene.ingp"
    path.write_bytes(zlib.compress(msgpack.packb(ngp_values())))
    assert looks_like_snapshot(path)
    assert read_ngp(path).parts.config == NGP_CONFIG


@pytest.mark.parametrize("block", [16, 8])
def test_both_kinds_of_padding_are_cut_off(tmp_path: Path, block: int) -> None:
    params = flat_params(make_weights(NGP_CONFIG), block).astype(np.float32)
    values = ngp_values(params_binary=params.tobytes(), n_params=len(params), params_type="float")
    scene = read_ngp(write_ngp(tmp_path / "scene.ingp", values))
    assert scene.dtype == "float32"
    assert_same_weights(scene.parts.weights, replaced_bias(make_weights(NGP_CONFIG), np.zeros(16)))


def test_the_code_of_a_picture_becomes_a_bias(tmp_path: Path) -> None:
    columns = np.random.default_rng(3).normal(size=(16, 16)).astype(np.float32)  # 3 numbers, then 13 ones
    params = flat_params(make_weights(NGP_CONFIG), fixed_columns=columns).astype(np.float32)
    codes = [[0.5, -1.0, 2.0], [1.0, 0.0, 0.0]]
    values = ngp_values(
        params_binary=params.tobytes(),
        n_params=len(params),
        params_type="float",
        nerf={
            "aabb_scale": 1,
            "dataset": dataset(n_extra_learnable_dims=3),
            "extra_dims_opt": [{"variable": code} for code in codes],
        },
    )
    scene = read_ngp(write_ngp(tmp_path / "scene.ingp", values))
    for picture, code in enumerate(codes):
        expected = columns @ np.array([*code, *[1.0] * 13])
        np.testing.assert_allclose(scene.parts.lit(picture + 1.0).colour_bias, expected, rtol=1e-5)
    np.testing.assert_array_equal(scene.parts.weights.colour_bias, scene.parts.lit(1.0).colour_bias)
    assert len(scene.values["lights"]) == 2
    assert any("its own look" in warning for warning in scene.warnings)


def test_words_of_the_encoding_change_the_field(tmp_path: Path) -> None:
    values = with_value(ngp_values(), "encoding.interpolation", "Smoothstep")
    values = with_value(values, "encoding.per_level_scale", 16.0)
    values = with_value(values, "snapshot.nerf.dataset.is_hdr", True)
    config = read_ngp(write_ngp(tmp_path / "scene.ingp", values)).parts.config
    assert (config.interpolation, config.growth, config.colour_range) == ("smooth", 16.0, "hdr")


def test_a_dense_grid_has_a_row_for_each_of_its_points(tmp_path: Path) -> None:
    values = with_value(
        ngp_values(),
        "encoding",
        {
            "otype": "DenseGrid",
            "n_levels": 2,
            "n_features_per_level": 2,
            "base_resolution": 4,
            "per_level_scale": 2.0,
        },
    )
    n_rows = 4**3 + 8**3
    networks = flat_params(make_weights(NGP_CONFIG))[: -make_weights(NGP_CONFIG).grid.size]
    params = np.concatenate([networks, np.arange(n_rows * 2)]).astype(np.float32)
    values["snapshot"] |= {"params_binary": params.tobytes(), "n_params": len(params), "params_type": "float"}
    parts = read_ngp(write_ngp(tmp_path / "scene.ingp", values)).parts
    assert parts.config.levels.is_dense.all()
    np.testing.assert_array_equal(parts.weights.grid.ravel(), np.arange(n_rows * 2))


def test_sizes_of_the_original_program_are_met(tmp_path: Path) -> None:
    """12,206,480 weights with its older defaults, as another reader of its files counted."""
    values = ngp_values(n_params=12_206_480, params_binary=bytes(2 * 12_206_480))
    values["encoding"] = {
        "otype": "HashGrid",
        "n_levels": 16,
        "n_features_per_level": 2,
        "log2_hashmap_size": 19,
        "base_resolution": 16,
    }
    for name in ("network", "rgb_network"):
        values[name] = {**values[name], "n_neurons": 64}
    parts = read_ngp(write_ngp(tmp_path / "scene.ingp", values)).parts
    assert parts.weights.grid.size == 12_196_240


def test_cells_lie_in_morton_order_and_coarser_cubes_count_what_finer_ones_do(tmp_path: Path) -> None:
    x, y, z = 5, 9, 14
    code = sum(((n >> bit) & 1) << (3 * bit + axis) for axis, n in enumerate((x, y, z)) for bit in range(4))
    density = np.full((2, GRID_SIZE**3), -1.0, np.float16)
    density[0, code] = 1.0
    values = ngp_values(
        density_grid_binary=density.tobytes(),
        nerf={"aabb_scale": 2, "dataset": dataset()},
        aabb={"min": [-0.5] * 3, "max": [1.5] * 3},
    )
    scene = read_ngp(write_ngp(tmp_path / "scene.ingp", values))
    cells = scene.parts.occupancy.cells
    assert np.argwhere(cells[0]).tolist() == [[z, y, x]]
    assert np.argwhere(cells[1]).tolist() == [[4 + z // 2, 4 + y // 2, 4 + x // 2]]
    assert scene.parts.occupancy.low.tolist() == [0, 0, 0]
    assert scene.parts.occupancy.high.tolist() == [1, 1, 1]
    assert scene.parts.config.high == (1.5, 1.5, 1.5)
    assert scene.parts.config.growth == pytest.approx(math.sqrt(4096 / 4))


def test_cells_count_from_the_mean_density_on(tmp_path: Path) -> None:
    density = np.zeros(GRID_SIZE**3, np.float16)
    density[:8] = [0.5, 0.02, 0.009, 0.0005, -1, -1, 0, 0.0]
    scene = read_ngp(write_ngp(tmp_path / "scene.ingp", ngp_values(density_grid_binary=density.tobytes())))
    mean = density.clip(0).astype(np.float64).mean()  # 0.00013
    assert scene.parts.occupancy.cells.sum() == (density > mean).sum() == 4


def test_a_snapshot_that_never_learnt_counts_every_cell_and_says_so(written: Path) -> None:
    scene = read_ngp(written)
    assert scene.parts.occupancy.cells.all()
    assert any("longer" in warning for warning in scene.warnings)


def test_cameras_stand_in_its_world_with_the_axes_of_opengl(tmp_path: Path) -> None:
    values = ngp_values()
    original = np.array(values["snapshot"]["nerf"]["dataset"]["xforms"][0]["start"])
    scene = read_ngp(write_ngp(tmp_path / "scene.ingp", values))
    first, second = scene.values["cameras"]
    assert (first["name"], second["name"]) == ("a.png", "passwd")
    assert first["fov_y_rad"] == pytest.approx(2 * math.atan(50 / 120))
    matrix = np.array(first["camera_to_world"])
    np.testing.assert_allclose(-matrix[:3, 2], original[:, 2])  # looks the same way
    np.testing.assert_allclose(-matrix[:3, 1], original[:, 1])  # down is down
    np.testing.assert_allclose(matrix[:3, 3], original[:, 3])
    in_data_set = opengl_from_ngp(original)
    np.testing.assert_allclose(ngp_from_opengl(in_data_set), original, atol=1e-12)
    np.testing.assert_allclose(matrix[[2, 0, 1], :3], in_data_set[:3, :3], atol=1e-12)
    home = camera_from_position(scene.values["camera"])
    np.testing.assert_allclose(home.eye, [0.5, 0.5, 2.0], atol=1e-6)
    np.testing.assert_allclose(home.pivot, [0.5, 0.5, 0.5], atol=1e-6)
    assert home.fov_y_rad == pytest.approx(2 * math.atan(0.5 / 1.2))


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    values = ngp_values(surprise=1, nerf={"aabb_scale": 1, "dataset": dataset(envmap_resolution=[8, 8])})
    warnings = " ".join(read_ngp(write_ngp(tmp_path / "scene.ingp", values)).warnings)
    assert "snapshot.surprise" in warnings
    assert "environment" in warnings


def test_the_importer_describes_and_loads(tmp_path: Path) -> None:
    path = write_ngp(tmp_path / "My Fox.ingp", ngp_values())
    importer = NgpImporter()
    assert importer.sniff(path) > 0.5
    report = importer.describe(path)
    assert report.opens
    assert report.n_params == len(flat_params(make_weights(NGP_CONFIG)))
    assert (report.format, report.family, report.title) == ("instant-ngp", "nerf", "My Fox")
    source = result_of(importer.load(path))
    assert (source.id, source.path, source.card["format"]) == ("nerf/my-fox.ingp", path, "instant-ngp")
    assert len(source.card["cameras"]) == 2


@pytest.mark.parametrize("name", SCENES)
def test_density_and_colour_agree_with_another_reading(name: str) -> None:
    """In float64 up to a thousandth at every point: levels are rounded once, their edges by 2^-13 of a cell."""
    scene, expected = read_ngp(fixture_path("instant-ngp", f"{name}.ingp")), expected_of(name)
    model = network_of(scene.parts.config, scene.parts.weights).double()
    with torch.no_grad():
        density, colour = model(torch.from_numpy(world(scene, expected)), torch.from_numpy(expected["direction"]))
    np.testing.assert_allclose(density.numpy(), expected["density"], rtol=1e-3)
    np.testing.assert_allclose(colour.numpy(), expected["rgb"], rtol=1e-3)


@pytest.mark.parametrize("name", SCENES)
def test_what_is_drawn_agrees_as_far_as_float32_goes(name: str) -> None:
    """Rounding positions to float32 alone changes two of 1536 colours by more than a thousandth."""
    scene, expected = read_ngp(fixture_path("instant-ngp", f"{name}.ingp")), expected_of(name)
    field = HashField(scene.parts.config, scene.parts.weights, scene.parts.occupancy)
    positions = world(scene, expected).astype(np.float32)
    density, colour = field.density_colour(positions, expected["direction"].astype(np.float32))
    for found, wanted in ((density, expected["density"]), (colour, expected["rgb"])):
        off = np.abs(found / wanted - 1)
        assert off.max() < 2e-3
        assert (off < 1e-3).mean() > 0.99


def expected_of(name: str) -> Any:
    return np.load(fixture_path("instant-ngp", f"{name}-expected.npz"))


def world(scene: Any, expected: Any) -> Any:
    low, high = np.array(scene.parts.config.low), np.array(scene.parts.config.high)
    return low + expected["position_in_aabb"] * (high - low)


NAN_PARAMS = np.full(len(flat_params(make_weights(NGP_CONFIG))), np.nan, np.float16).tobytes()
IDENTITY = [[1.0, 0, 0, 0.5], [0, 1.0, 0, 0.5], [0, 0, 1.0, 0.5]]
HOSTILE: dict[str, tuple[str, Any]] = {
    "no snapshot": ("snapshot", None),
    "a snapshot that is a list": ("snapshot", []),
    "another kind of scene": ("snapshot.mode", "sdf"),
    "a later version": ("snapshot.version", 2),
    "no weights": ("snapshot.params_binary", None),
    "weights as text": ("snapshot.params_binary", "AAAA"),
    "weights cut short": ("snapshot.params_binary", NAN_PARAMS[:-2]),
    "weights that are no numbers": ("snapshot.params_binary", NAN_PARAMS),
    "too few weights": ("snapshot.n_params", 3),
    "a negative number of weights": ("snapshot.n_params", -1),
    "an absurd number of weights": ("snapshot.n_params", 1 << 62),
    "half a weight": ("snapshot.n_params", 0.5),
    "an unknown number type": ("snapshot.params_type", "bfloat"),
    "a type that is a list": ("snapshot.params_type", []),
    "a density grid cut short": ("snapshot.density_grid_binary", bytes(100)),
    "a density grid of one cascade too many": ("snapshot.density_grid_binary", bytes(2 * 2 * GRID_SIZE**3)),
    "densities that are no numbers": ("snapshot.density_grid_binary", b"\xff\x7f" * GRID_SIZE**3),
    "an odd size of the grid": ("snapshot.density_grid_size", 15),
    "a huge grid": ("snapshot.density_grid_size", 1 << 30),
    "a scale that is no power of two": ("snapshot.nerf.aabb_scale", 3),
    "a scale of nothing": ("snapshot.nerf.aabb_scale", 0),
    "a box inside out": ("snapshot.aabb", {"min": [1, 1, 1], "max": [0, 0, 0]}),
    "a box that is no cube": ("snapshot.aabb", {"min": [0, 0, 0], "max": [1, 1, 2]}),
    "a box of text": ("snapshot.aabb", {"min": "000", "max": "111"}),
    "no box": ("snapshot.aabb", None),
    "a camera that is no rotation": ("snapshot.camera.matrix", [[2.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]),
    "a camera seen in a mirror": ("snapshot.camera.matrix", [[-1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]),
    "a camera at infinity": ("snapshot.camera.matrix", [[1.0, 0, 0, math.inf], [0, 1, 0, 0], [0, 0, 1, 0]]),
    "a camera of the wrong shape": ("snapshot.camera.matrix", [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]),
    "a lens without length": ("snapshot.camera.relative_focal_length", [0.0, 0.0]),
    "a view that is no rotation": ("snapshot.nerf.dataset.xforms", [{"start": [[0.0] * 4] * 3}] * 2),
    "a view without a matrix": ("snapshot.nerf.dataset.xforms", [{}, {}]),
    "more views than lenses": ("snapshot.nerf.dataset.xforms", [{"start": IDENTITY}] * 3),
    "more names than views": ("snapshot.nerf.dataset.paths", ["a"] * 5),
    "photos without pixels": ("snapshot.nerf.dataset.metadata", [{"resolution": [0, 0], "focal_length": [1, 1]}] * 2),
    "too many latent numbers": ("snapshot.nerf.dataset.n_extra_learnable_dims", 10**9),
    "latent numbers that the weights lack": ("snapshot.nerf.dataset.n_extra_learnable_dims", 17),
    "an unknown encoding": ("encoding.otype", "Frequency"),
    "a tiled grid": ("encoding.otype", "TiledGrid"),
    "another hash": ("encoding.hash", "Rng"),
    "nearest neighbours": ("encoding.interpolation", "Nearest"),
    "no levels": ("encoding.n_levels", 0),
    "a huge table": ("encoding.log2_hashmap_size", 63),
    "endless growth": ("encoding.per_level_scale", 1e300),
    "growth that is no number": ("encoding.per_level_scale", math.nan),
    "a grid without points": ("encoding.base_resolution", -4),
    "directions as waves": ("dir_encoding", {"otype": "Frequency"}),
    "harmonics of another degree": ("dir_encoding", {"otype": "SphericalHarmonics", "degree": 3}),
    "nested nonsense": ("dir_encoding.nested", [7]),
    "another activation": ("network.activation", "Sine"),
    "another output": ("rgb_network.output_activation", "Sigmoid"),
    "another kind of network": ("network.otype", "KAN"),
    "a network as wide as the sea": ("network.n_neurons", 1 << 40),
    "a network without layers": ("rgb_network.n_hidden_layers", 0),
    "a network that is a number": ("network", 3),
}


@pytest.mark.parametrize(("key", "value"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    path = write_ngp(tmp_path / "scene.ingp", with_value(ngp_values(), key, value))
    with pytest.raises(UserError):
        read_ngp(path)
    report = NgpImporter().describe(path)
    assert not report.opens
    assert report.why_not


def nested(opening: bytes, depth: int) -> bytes:
    return b"\x81\xa8snapshot" + opening * depth


CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\x81",
    "a number": msgpack.packb(7),
    "a list": msgpack.packb([1, 2]),
    "a list of a billion items": b"\xdd\x3b\x9a\xca\x00",
    "a table of a billion keys": b"\xdf\x3b\x9a\xca\x00",
    "text of four gigabytes": b"\x81\xa1a\xdb\xff\xff\xff\xffx",
    "bytes of four gigabytes": b"\x81\xa1a\xc6\xff\xff\xff\xffx",
    "nested lists": nested(b"\x91", 100_000),
    "nested tables": nested(b"\x81\xa1a", 100_000),
    "lists that each promise much": nested(b"\xdc\x4e\x20", 1_000),
    "a foreign type": b"\x81\xa1a\xc7\x04\x05abcd",
    "a time stamp": b"\x81\xa1a\xd6\xff\x00\x00\x00\x00",
    "a key that is a number": b"\x81\x01\x01",
    "the same key twice": b"\x82\xa1a\x01\xa1a\x02",
    "text that is no utf-8": b"\x81\xa1a\xa2\xff\xfe",
    "trailing bytes": msgpack.packb({"snapshot": {}}) + b"\x00",
    "a thousand thousand empty tables": b"\x81\xa1a\xdc\x4e\x20" + (b"\xdc\x03\xe8" + b"\x80" * 1000) * 20_000,
    "gzip without an end": gzip.compress(msgpack.packb({"a": 1}))[:-12],
    "gzip of noise": b"\x1f\x8b\x08\x00" + bytes(range(64)),
    "zlib of noise": b"\x78\x9c" + bytes(range(64)),
    "gzip with a wrong sum": gzip.compress(b"x" * 100)[:-8] + bytes(8),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_broken_containers_are_refused_quickly(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scene.ingp"
    path.write_bytes(content)
    started = time.process_time()
    with pytest.raises(UserError):
        read_ngp(path)
    looks_like_snapshot(path)
    assert time.process_time() - started < 5


@pytest.mark.long("computes for long")
def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A tenth of a megabyte would become a hundred."""
    path = tmp_path / "bomb.ingp"
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    path.write_bytes(b"".join([*(packer.compress(zeros) for _ in range(96)), packer.flush()]))
    with pytest.raises(UserError, match="impossible"):
        read_snapshot(path)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.ingp", tmp_path):
        with pytest.raises(UserError):
            read_ngp(path)


@pytest.mark.long("computes for long")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_never_crashes(data: st.DataObject, tmp_path: Path) -> None:
    odd = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(),
        st.text(max_size=5),
        st.binary(max_size=5),
        st.lists(st.floats(), max_size=4),
        st.dictionaries(st.text(max_size=3), st.floats()),
    )
    path = data.draw(st.sampled_from(sorted(paths_of(ngp_values()))))
    values = with_value(ngp_values(density_grid_binary=b""), path, data.draw(odd))
    with contextlib.suppress(UserError):
        read_ngp(write_ngp(tmp_path / "scene.msgpack", values))


def paths_of(values: dict[str, Any], before: str = "") -> list[str]:
    found = []
    for key, value in values.items():
        found.append(f"{before}{key}")
        if isinstance(value, dict):
            found += paths_of(value, f"{before}{key}.")
    return found


def test_numbers_are_little_endian(tmp_path: Path) -> None:
    params = flat_params(make_weights(NGP_CONFIG)).astype(">f2")
    scene_bytes = struct.pack(f"<{len(params)}e", *params.astype(float))
    values = ngp_values(params_binary=scene_bytes)
    found = read_ngp(write_ngp(tmp_path / "scene.ingp", values)).parts.weights
    assert_same_weights(found, replaced_bias(make_weights(NGP_CONFIG), np.zeros(16)))
