"""The training that makes `vae/avatars`, and what its card says."""

from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    AVATAR_LABELS,
    Avatars,
    Judge,
    Preview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_avatars,
    load_judge,
    picture_likeness,
    random_judge,
)
from studio.core.card import Check
from studio.core.translation import N_
from studio.nn.layered.pictures_vae import PicturesConfig, PicturesVAE

from ...shared.card import write_card
from ...shared.model.vae import device_of, reparametrise
from ...shared.model.weights import load_model, save_model
from ...shared.training.known import tell_known
from ...shared.training.recipe import map_arrays, map_extent, mosaic, random_places, vae_card
from .data import VaePictureBatches, drawn, encoded, in_unit, right_shares
from .direction_search import find_face_directions
from .objective import PicturesLearner, PicturesLoss, PicturesObjective

CONFIG: Final = PicturesConfig()
N_PICTURES: Final = 32
TRAINING: Final = TrainSettings(n_steps=5000, n_micro=2, learning_rate=2e-3, n_warmup=100, n_decay=1800)
LOSS: Final = PicturesLoss(labels=0.02, rate=0.001, n_rate_steps=2500, rival=0.04, rival_start=3500)
N_SAMPLES: Final = 2000
N_MAP_PLACES: Final = 800
N_VALIDATION: Final = 256
PREVIEW_SIDE: Final = 4
MAP_LABEL: Final = "hair"
HAIR_TITLES: Final = {
    "bun": N_("bun"),
    "sideComed": N_("side parting"),
    "spiky": N_("spiky"),
    "undercut": N_("undercut"),
}
FLOORS: Final = {"hair": 0.85, "beard": 0.85, "mouth": 0.85, "clothes": 0.85}


@dataclass(frozen=True, kw_only=True)
class VaeAvatarsRecipe(TrainingRecipe[Avatars]):
    """`vae/avatars`: drawn faces whose parts and colours have sliders."""

    id: str = "vae/avatars"
    title: str = N_("Faces")
    summary: str = N_("Learns from drawn faces; sliders then change hair, beard, smile and more.")
    task: str = N_("Draws faces; sliders change their hair, beard, smile or colour.")
    minutes: float = 60
    config: PicturesConfig = CONFIG
    settings: TrainSettings = TRAINING
    loss: PicturesLoss = LOSS
    n_pictures: int = N_PICTURES
    seed: int = 21

    def data(self, split: Split) -> Avatars:
        return load_avatars(split)

    def network_and_objective(
        self, avatars: Avatars, device: torch.device
    ) -> tuple[PicturesLearner, PicturesObjective]:
        judge, n_latent = load_judge("avatars").to(device), self.config.n_latent
        batches = VaePictureBatches(avatars.pictures, avatars.labels, n_latent, self.n_pictures, self.seed, device)
        kinds = judge.config.n_kinds
        learner = PicturesLearner(self.config, sum(kinds), judge.map_widths if self.loss.rival else ())
        return learner, PicturesObjective(batches, self.loss, judge, kinds)

    def preview(self, avatars: Avatars, device: torch.device) -> Preview:
        """What the averaged weights draw at sixteen places that stay the same."""
        places = random_places(PREVIEW_SIDE**2, self.config.n_latent, self.seed, device)
        return lambda learner: {"picture": mosaic(learner.vae.decode(places), PREVIEW_SIDE)}

    def validation(self, avatars: Avatars, device: torch.device) -> Validation:
        return Validation(self.validate, "pixels")

    def validate(self, learner: PicturesLearner) -> Generator[Any, None, Mapping[str, float]]:
        """The mean error of redrawn validation pictures, and how many of their parts the judge reads right."""
        faces, vae = self.data(Split.VALIDATION), learner.vae
        pictures = torch.from_numpy(faces.pictures[:N_VALIDATION])
        means, _ = yield from encoded(vae, pictures.to(device_of(learner)))
        redrawn = (yield from drawn(vae, means)).cpu()
        shares = right_shares(load_judge("avatars"), redrawn, torch.from_numpy(faces.labels[:N_VALIDATION]))
        named = {f"{name} right": share for name, share in zip(AVATAR_LABELS, shares, strict=True) if name in FLOORS}
        return {"pixels": float((redrawn - in_unit(pictures)).abs().mean()), **named}

    def write(self, out: Path, training: Training, avatars: Avatars) -> Measuring[None]:
        """Write the averaged network with its prior settled, then measure what was written for the card."""
        average = training.average.cpu()
        assert isinstance(average, PicturesLearner)
        judge = load_judge("avatars")
        known = torch.from_numpy(avatars.pictures[::4])
        means, log_variances = yield from encoded(average.vae, known)
        average.vae.settle_prior(means, log_variances)
        means, log_variances = yield from encoded(average.vae, known)
        noise = random_places(len(means), self.config.n_latent, self.seed, means.device)
        learnt = reparametrise(means, log_variances, noise)
        sliders = yield from find_face_directions(average.vae, judge, learnt, self.seed)
        test = self.data(Split.TEST)
        places, _ = yield from encoded(average.vae, torch.from_numpy(test.pictures[:N_MAP_PLACES]))
        column = list(AVATAR_LABELS).index(MAP_LABEL)
        colours = torch.from_numpy(test.labels[: len(places), column].copy())
        arrays = map_arrays(places, sliders.directions, colours) | {"readings": sliders.readings}
        save_model(out, average.vae, arrays)
        model = load_model(out)
        assert isinstance(model, PicturesVAE)
        n, is_full = len(avatars.labels), avatars.is_full
        card = {
            **vae_card(self, model, training, "avatars", n, is_full, n_pictures=self.n_pictures, **asdict(self.loss)),
            **self._texts(n),
            "attributes": sliders.attributes,
            "kinds": [HAIR_TITLES[kind] for kind in AVATAR_LABELS[MAP_LABEL]],
            "map_extent": map_extent(places, arrays),
        }
        checks = yield from self.checks(model, judge, avatars, test)
        write_card(out.with_suffix(".json"), card, checks, sliders.axes)
        yield from tell_known(out, self.data(Split.VALIDATION).pictures)

    def _texts(self, n: int) -> dict[str, Any]:
        return {
            "data": N_("{n:,} drawn faces, “ToonHead” by Johan Melin (CC BY 4.0), 64 x 64 pixels").format(n=n),
            "notes": [
                N_("Test pictures show combinations of hair, beard, mouth and clothes that were never trained on."),
                N_("The loss compares pixels, a Laplacian pyramid and what the judge metrics/avatars sees."),
                N_("The labels were used: a linear map has to be able to read them from the latent position."),
                N_("From step {n:,} on, a rival tells random drawings from real faces by what the judge sees.").format(
                    n=self.loss.rival_start
                ),
                N_("So the judge’s figures are not independent; those of a network with random weights are."),
                N_("Test pictures show few combinations, so not even training pictures are distributed like them."),
                N_("A named slider changes what the judge reads in the drawn faces, and little else that it reads."),
            ],
        }

    def checks(self, model: PicturesVAE, judge: Judge, known: Avatars, test: Avatars) -> Measuring[list[Check]]:
        """The held-out figures, with what they had to reach where they had to; `known` are the training pictures.

        These are no nearer to the test pictures than the few combinations of those allow, which is the yardstick.
        """
        pictures, labels = torch.from_numpy(test.pictures), torch.from_numpy(test.labels)
        means, _ = yield from encoded(model, pictures)
        redrawn = yield from drawn(model, means)
        real = in_unit(pictures)
        shares = right_shares(judge, redrawn, labels)
        checks = [
            Check(N_("Redrawn test pictures, {label} read right, share").format(label=name), share, FLOORS.get(name))
            for name, share in zip(AVATAR_LABELS, shares, strict=True)
        ]
        checks.append(
            Check(N_("Redrawn test pictures, mean error of a colour, 0 to 1"), _error(redrawn, real), None, False)
        )
        places = random_places(N_SAMPLES, self.config.n_latent, self.seed + 1, torch.device("cpu"))
        samples = yield from drawn(model, places)
        yardstick = in_unit(torch.from_numpy(known.pictures[:N_SAMPLES]))
        seen, best = (picture_likeness(judge, real[:N_SAMPLES], pictures) for pictures in (samples, yardstick))
        yield
        blind = random_judge(judge.config)
        apart, best_apart = (picture_likeness(blind, real[:N_SAMPLES], pictures) for pictures in (samples, yardstick))
        return [
            *checks,
            Check(N_("Random places, precision"), seen.precision, 0.5),
            Check(N_("Random places, recall"), seen.recall, None),
            Check(N_("Random places, KID x 1,000"), seen.kernel_distance, None, False),
            Check(N_("Random places, KID x 1,000, deviation over subsets"), seen.kernel_deviation, None, False),
            Check(N_("Random places, precision by random features"), apart.precision, None),
            Check(N_("Random places, recall by random features"), apart.recall, None),
            Check(N_("Random places, KID x 1,000 by random features"), apart.kernel_distance, None, False),
            Check(N_("Training pictures instead, precision"), best.precision, None),
            Check(N_("Training pictures instead, recall"), best.recall, None),
            Check(N_("Training pictures instead, KID x 1,000"), best.kernel_distance, None, False),
            Check(
                N_("Training pictures instead, KID x 1,000 by random features"), best_apart.kernel_distance, None, False
            ),
        ]


def _error(redrawn: Tensor, real: Tensor) -> float:
    return float((redrawn - real).abs().mean())
