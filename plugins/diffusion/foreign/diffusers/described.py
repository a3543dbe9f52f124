"""What is known of a pipeline before it is opened: its networks, sizes and noise."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from studio.core.container.weights.folder import WeightFiles
from studio.core.container.weights.tensor import TensorInfo

from .kinds import TRANSFORMERS, Kind
from .noise import SchedulerConfig

FLUX_SIDE: Final = 128
"""The latents of Flux along a side, of which its settings say nothing; four of them are one token."""
PACKED: Final = 4


@dataclass(frozen=True)
class Component:
    """One network of a pipeline.

    Attributes:
        class_name: of the library's class that it is an object of.
        config: its settings, as they are in its config.json; bounded, otherwise unchecked.
        prefix: what the names of its arrays begin with in a file that holds a whole pipeline; else empty.
    """

    name: str
    class_name: str
    config: Mapping[str, Any]
    weights: WeightFiles
    prefix: str = ""


@dataclass(frozen=True)
class PipelineFolder:
    """A pipeline that can be opened: a folder, or a file that holds a whole one.

    Attributes:
        class_name: of the pipeline.
        components: its networks by name ("unet", "vae", "text_encoder", ...).
        empties_negative: whether no negative prompt means nothing at all (zeros), as for SDXL.
        hears_score: whether its U-Net hears how beautiful a picture is to be, as SDXL's second stage does.
        class_names: the numbers of its classes by their names in small letters; empty where they have none.
    """

    path: Path
    kind: Kind
    class_name: str
    components: Mapping[str, Component]
    scheduler: SchedulerConfig
    empties_negative: bool = False
    hears_score: bool = False
    class_names: Mapping[str, int] = field(default_factory=dict)

    @property
    def denoiser(self) -> Component:
        """The network that is asked at every step."""
        return self.components["transformer" if "transformer" in self.components else "unet"]

    @property
    def n_params(self) -> int:
        """The numbers of all its networks."""
        return sum(one.weights.n_params for one in self.components.values())

    @property
    def dtype(self) -> str:
        """The type of most of them."""
        counts: Counter[str] = Counter()
        for tensor in self.tensors():
            counts[tensor.dtype] += tensor.n_elements
        return counts.most_common(1)[0][0]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of what is denoised: (C, H, W), pixels or latents."""
        config = self.denoiser.config
        if self.kind == "flux":
            return config["in_channels"] // PACKED, FLUX_SIDE, FLUX_SIDE
        size = config["sample_size"]
        height, width = size if isinstance(size, list) else (size, size)
        return config["in_channels" if self.kind == "classes" else "out_channels"], height, width

    @property
    def sees_known(self) -> bool:
        """Whether its U-Net was taught to paint over a part, and sees beside x what stays and where."""
        config = self.denoiser.config
        return self.kind not in TRANSFORMERS and bool(config["in_channels"] == 2 * config["out_channels"] + 1)

    @property
    def n_classes(self) -> int:
        """How many classes its network was taught by number; for DiT one more number stands for none of them."""
        config = self.denoiser.config
        return int(config.get("num_embeds_ada_norm") or config.get("num_class_embeds") or 0)

    @property
    def hears_guidance(self) -> bool:
        """Whether its U-Net is told the guidance as a number, and needs no half without the prompt."""
        config = self.denoiser.config
        return bool(config.get("guidance_embeds" if self.kind == "flux" else "time_cond_proj_dim"))

    @property
    def stride(self) -> int:
        """How many pixels lie along the side of one latent; 1 where pixels are denoised."""
        vae = self.components.get("vae")
        return 1 if vae is None else 2 ** (len(vae.config["block_out_channels"]) - 1)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of its pictures in pixels."""
        _, height, width = self.shape
        return height * self.stride, width * self.stride

    def tensors(self) -> Iterator[TensorInfo]:
        """The arrays of all networks, each called by its network's name first."""
        for one in self.components.values():
            for tensor in one.weights.tensors:
                yield TensorInfo(f"{one.name}.{tensor.name}", tensor.dtype, tensor.shape)

    def warnings(self) -> tuple[str, ...]:
        """What could not be checked, network by network."""
        return tuple(f"{one.name}: {text}" for one in self.components.values() for text in one.weights.warnings)
