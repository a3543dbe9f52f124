"""What a family of models tells the host before anything of it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.core.error import UserError
from studio.core.path.position import Rule
from studio.core.translation import N_


@dataclass(frozen=True)
class Tab:
    """A word above the picker of models: one click leads to the first of its models that is there.

    Attributes:
        hint: what its models do, with the term of the field.
        models: ids, best first.
    """

    title: str
    hint: str
    models: tuple[str, ...]


@dataclass(frozen=True)
class Showing:
    """How a model is presented to visitors: large words beside the picture, and a few large controls.

    Attributes:
        title, text: a few words, and a sentence or two under them.
        controls: up to five controls of the inspector by their ids, or commands of the panel by theirs.
        moves: the button or the command that sets something going while nobody touches; empty where it is enough to
            play what is on the timeline.
        models: ids of the models that it is for; none where it is for all others of the kind.
    """

    title: str
    text: str
    controls: tuple[str, ...] = ()
    moves: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of models of a family: what opens them, what shows them, and what they can be asked for.

    Attributes:
        engine, panel, params: "module:Name", relative to the family's package, loaded on first use.
        tabs: its words above the picker; none where the family has no other kind.
        beside: the kind whose tab a kind without one of its own stands under.
        known_as: other words by which a card names it, be it in `kind` or as its `architecture`.
        positions: the names of a position's arrays, each with its rule of interpolation; keyframes are made of them.
        first_number: the number of a run's first frame; 0 where that is what the steps begin from, such as noise.
        kernels: the module that compiles its kernels ahead (`compute.kernel_compile`), relative to the package.
            An engine with kernels brings numba along, 70 MB that only who opens a model should pay for.
        takes_pictures: whether its panel goes on with a picture that is dropped there.
        needs_weights: whether a model has weights; where it has none, such as a formula, its card alone is the model.
        showings: how its models are presented, those of certain models first.
    """

    engine: str
    panel: str
    params: str
    tabs: tuple[Tab, ...] = ()
    beside: str = ""
    known_as: tuple[str, ...] = ()
    positions: Mapping[str, Rule] = field(default_factory=dict)
    first_number: int = 1
    kernels: str = ""
    needs_weights: bool = True
    takes_pictures: bool = False
    showings: tuple[Showing, ...] = ()

    def showing_of(self, model_id: str) -> Showing | None:
        """How a model of this kind is presented, None where the kind does not say."""
        return next((one for one in self.showings if model_id in one.models or not one.models), None)


@dataclass(frozen=True)
class Example:
    """Something to begin with, as a large picture on Home: a model in a prepared state.

    Attributes:
        title: what one does there ("Melt two faces").
        sentence: what happens, in plain words.
        picture: WebP of at most 20 KB, relative to the family's folder.
        model: the id of the model that it opens.
        params: where its controls stand then, by their names; the usual settings where it is empty.
        memory: JSON file, relative to the family's folder, of what its panel keeps besides, such as a path.
        words: other words by which people look for it, with spaces between.
    """

    title: str
    sentence: str
    picture: str
    model: str
    params: Mapping[str, Any] = field(default_factory=dict)
    memory: str = ""
    words: str = ""


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
        kinds: its kinds of models, by the word that a card's key `kind` names.
        default_kind: that of cards which name none; the first one unless another is declared.
        tabs_title: what the row of the kinds' tabs is called.
        recipes: "module:NAME" of a table, relative to the family's package: by the id of a model "module:Name" of the
            recipe that makes it, or of its class; each is loaded on first use.
        importers: "module:Name" of each reader of other people's files.
        connector: "module:Name" of what finds the models of a server; "" where models are on this computer alone.
        takes: for files that are no models, by their suffix such as ".csv", the id of the model that goes on with them.
        shows_trainings: whether a training gets a tab of its own, whose panel and engine find in the card's `training`
            that there is no model yet, and show what learns; else it is watched in a tab of any model.
        models: ids, best first, each with other words by which people look for it; those not named come behind.
        broken: ids of models that are broken on purpose, to be looked at: they come last everywhere.
        examples: what Home offers to begin with, best first.
        guide: Markdown file, relative to the family's folder: one page, with the steps of its tour and its experiments
            (studio/registry/guide.py).
        reference: Markdown file with what the guide leaves out, such as a sentence about every control; "" for none.
    """

    id: str
    title: str
    subtitle: str
    summary: str
    order: int
    hue: str
    thumbnail: str
    default_model: str
    kinds: Mapping[str, Kind]
    default_kind: str = ""
    tabs_title: str = N_("What to make")
    recipes: str = ""
    importers: tuple[str, ...] = ()
    connector: str = ""
    takes: Mapping[str, str] = field(default_factory=dict)
    shows_trainings: bool = False
    models: Mapping[str, str] = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    guide: str = "guide.md"
    reference: str = ""

    def kind_name(self, card: Mapping[str, Any]) -> str:
        """The word in `kinds` for the model of a card; raises UserError where the card names one that is not there."""
        for word in (card.get("kind"), card.get("architecture")):
            for name, kind in self.kinds.items():
                if word == name or word in kind.known_as:
                    return name
        if "kind" in card:
            sentence = N_("There is no “{kind}” kind of model in the family {family}.")
            raise UserError(sentence.format(kind=str(card["kind"])[:40], family=self.title))
        return self.usual_kind

    def place_of(self, model_id: str) -> tuple[bool, int]:
        """What the models are sorted by: the best first, those that are broken on purpose last."""
        places = {one: place for place, one in enumerate(self.models)}
        return model_id in self.broken, places.get(model_id, len(places))

    @property
    def usual_kind(self) -> str:
        """The word in `kinds` for cards that name none."""
        return self.default_kind or next(iter(self.kinds))

    def kind_of(self, card: Mapping[str, Any]) -> Kind:
        """The kind of a card's model; raises UserError where the card names one that is not there."""
        return self.kinds[self.kind_name(card)]
