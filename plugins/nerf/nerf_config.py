"""The shape of an original NeRF, and where it looks along a ray (Mildenhall et al. 2020)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NeRFConfig:
    """The shape of an original NeRF; the defaults are those of the paper.

    Attributes:
        n_position_frequencies, n_direction_frequencies: of the positional encoding; no direction at all where the
            latter is None.
        width, depth: of the layers that see the position only.
        skips: after these of them (0 is the first) the encoded position joins again, before what they gave.
        direction_width: of the layer that sees the direction.
        has_first_relu, has_feature_relu: whether a ReLU follows the first layer, and the feature layer.
    """

    n_position_frequencies: int = 10
    n_direction_frequencies: int | None = 4
    width: int = 256
    depth: int = 8
    skips: tuple[int, ...] = (4,)
    direction_width: int = 128
    has_first_relu: bool = True
    has_feature_relu: bool = False

    @property
    def n_position(self) -> int:
        """Numbers that encode a position."""
        return 3 + 6 * self.n_position_frequencies

    @property
    def n_direction(self) -> int:
        """Numbers that encode a direction."""
        return 0 if self.n_direction_frequencies is None else 3 + 6 * self.n_direction_frequencies

    def layers(self) -> dict[str, tuple[int, int]]:
        """(outputs, inputs) of all layers by name, in their order."""
        joined = [self.n_position if i in self.skips else 0 for i in range(self.depth - 1)]
        n_inputs = [self.n_position, *(self.width + n for n in joined)]
        layers = {f"position_layers.{i}": (self.width, n) for i, n in enumerate(n_inputs)}
        if self.n_direction_frequencies is None:
            return layers | {"output_layer": (4, self.width)}
        return layers | {
            "density_layer": (1, self.width),
            "feature_layer": (self.width, self.width),
            "direction_layer": (self.direction_width, self.width + self.n_direction),
            "colour_layer": (3, self.direction_width),
        }

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every weight and bias by name."""
        found: dict[str, tuple[int, ...]] = {}
        for name, shape in self.layers().items():
            found |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
        return found


@dataclass(frozen=True)
class RaySampling:
    """Where NeRF looks along a ray, in units of its direction's length."""

    near: float = 2.0
    far: float = 6.0
    n_coarse: int = 64
    n_fine: int = 128
