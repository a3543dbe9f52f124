"""What a family of models tells the host before anything of it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.core.position import Rule


@dataclass(frozen=True)
class Family:
    """A plugin's manifest: plain text and names only, so that listing families imports no engine.

    Attributes:
        id: lower-case word, also the first half of its model ids ("vae").
        title: what people call it ("VAE"); `subtitle` spells it out ("Variational autoencoder").
        summary: one sentence in plain words for its card on Home.
        order: place on Home, lowest first.
        hue: token of its colour in the theme ("vae").
        thumbnail: animated WebP of at most 150 KB, relative to the family's folder.
        default_model: id of the model that Open starts with.
        engine, panel, params, recipes: "module:Name", relative to the family's package, loaded on first use.
        has_kernels: whether the engine brings numba along, 70 MB that only who opens a model should pay for.
        kernels: modules that compile the family's kernels ahead, relative to its package (`compute.kernel_compile`).
        importers: "module:Name" of each reader of other people's files.
        takes: for files that are no models, by their suffix such as ".csv", the id of the model that goes on with them.
        guide: Markdown file, relative to the family's folder.
        positions: the names of a position's arrays, each with its rule of interpolation; keyframes are made of them.
    """

    id: str
    title: str
    subtitle: str
    summary: str
    order: int
    hue: str
    thumbnail: str
    default_model: str
    engine: str
    panel: str
    params: str
    recipes: str = ""
    has_kernels: bool = False
    kernels: tuple[str, ...] = ()
    importers: tuple[str, ...] = ()
    takes: Mapping[str, str] = field(default_factory=dict)
    guide: str = "guide.md"
    positions: Mapping[str, Rule] = field(default_factory=dict)
