"""The training that makes `vae/avatars`, and what its card says."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.api.engine import TrainOptions
from studio.api.training import (
    AVATAR_LABELS,
    Avatars,
    Judge,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    load_avatars,
    load_judge,
    measuring_frames,
    random_judge,
    which_set,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import View

from ...shared.card import write_card
from ...shared.model.vae import reparametrise
from ...shared.model.weights import load_model, save_model
from ...shared.training.evaluation import Measuring
from ...shared.training.recipe import common_card, map_plane, mosaic, random_places
from ..model.pictures_vae import PicturesConfig, PicturesVAE
from .data import VaePictureBatches, in_unit
from .direction_search import FaceDirections, find_face_directions
from .evaluation import drawn, encoded, likeness, right_shares
from .objective import PicturesLearner, PicturesLoss, PicturesObjective

CONFIG: Final = PicturesConfig()
N_PICTURES: Final = 32
TRAINING: Final = TrainSettings(
    n_steps=5000,
    n_micro=2,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=1800,
    average_decay=0.998,
)
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


@dataclass(frozen=True)
class VaeAvatarsRecipe:
    """`vae/avatars`: drawn faces whose parts and colours have sliders."""

    id: str = "vae/avatars"
    title: str = N_("Faces")
    summary: str = N_("Learns from drawn faces; sliders then change hair, beard, smile and more.")
    minutes: float = 60
    needs_folder: bool = False
    config: PicturesConfig = CONFIG
    settings: TrainSettings = TRAINING
    loss: PicturesLoss = LOSS
    n_pictures: int = N_PICTURES
    seed: int = 21

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        avatars = load_avatars(Split.TRAIN)
        training = self.training(avatars, options)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=self.preview,
            validation=Validation(self.validate, "pixels"),
        )
        yield from measuring_frames(training.settings.n_steps, self.write(options, training, avatars))

    def training(self, avatars: Avatars, options: TrainOptions) -> Training:
        """The training before its first step."""
        device, judge = options.device.torch_device, load_judge("avatars").to(options.device.torch_device)
        n_latent = self.config.n_latent
        batches = VaePictureBatches(avatars.pictures, avatars.labels, n_latent, self.n_pictures, self.seed, device)
        kinds = judge.config.n_kinds
        learner = PicturesLearner(self.config, sum(kinds), judge.map_widths if self.loss.rival else ())
        objective = PicturesObjective(batches, self.loss, judge, kinds)
        return Training(learner, objective, self.settings.chosen(options.settings, options.n_steps), device)

    def preview(self, learner: nn.Module) -> Mapping[str, View]:
        """What the averaged weights draw at sixteen places that stay the same."""
        assert isinstance(learner, PicturesLearner)
        device = next(learner.parameters()).device
        places = random_places(PREVIEW_SIDE**2, self.config.n_latent, self.seed, device)
        return {"picture": mosaic(learner.vae.decode(places), PREVIEW_SIDE)}

    def validate(self, learner: nn.Module) -> Generator[Any, None, Mapping[str, float]]:
        """The mean error of redrawn validation pictures, and how many of their parts the judge reads right."""
        assert isinstance(learner, PicturesLearner)
        faces, vae = load_avatars(Split.VALIDATION), learner.vae
        pictures = torch.from_numpy(faces.pictures[:N_VALIDATION])
        device = next(learner.parameters()).device
        means, _ = yield from encoded(vae, pictures.to(device))
        redrawn = (yield from drawn(vae, means)).cpu()
        shares = right_shares(load_judge("avatars"), redrawn, torch.from_numpy(faces.labels[:N_VALIDATION]))
        named = {f"{name} right": share for name, share in zip(AVATAR_LABELS, shares, strict=True) if name in FLOORS}
        return {"pixels": float((redrawn - in_unit(pictures)).abs().mean()), **named}

    def write(self, options: TrainOptions, training: Training, avatars: Avatars) -> Measuring[None]:
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
        test = load_avatars(Split.TEST)
        places, _ = yield from encoded(average.vae, torch.from_numpy(test.pictures[:N_MAP_PLACES]))
        arrays = _arrays(places, test, sliders)
        save_model(options.out, average.vae, arrays)
        model = load_model(options.out)
        assert isinstance(model, PicturesVAE)
        card = {**self._texts(avatars), **common_card(model, training, self.seed, avatars.is_full)}
        card |= {
            "settings": {**asdict(training.settings), "n_pictures": self.n_pictures, **asdict(self.loss)},
            "attributes": sliders.attributes,
            "kinds": [HAIR_TITLES[kind] for kind in AVATAR_LABELS[MAP_LABEL]],
            "map_extent": float(((places - arrays["map_mean"]) @ arrays["map_basis"].T).abs().quantile(0.995)),
        }
        checks = yield from self.checks(model, judge, avatars, test)
        write_card(options.out.with_suffix(".json"), card, checks, sliders.axes)

    def _texts(self, avatars: Avatars) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "task": N_("Draws faces; sliders give them another hair, beard, smile or colour."),
            "data": N_("{n:,} drawn faces, “ToonHead” by Johan Melin (CC BY 4.0), 64 x 64 pixels").format(
                n=len(avatars.labels)
            ),
            "data_set": {"name": "avatars", "n_items": len(avatars.labels), "which": which_set(avatars.is_full)},
            "notes": [
                N_("Test pictures show combinations of hair, beard, mouth and clothes that were never learnt from."),
                N_("The loss compares pixels, a Laplacian pyramid and what the judge metrics/avatars sees."),
                N_("A linear map must read the labels off the place, so the labels were used."),
                N_("From step {n:,} on a rival tells random drawings from real faces by what the judge sees.").format(
                    n=self.loss.rival_start
                ),
                N_("So the judge's figures are not independent; those of a network with random weights are."),
                N_("Test pictures show few combinations, so not even training pictures are of their distribution."),
                N_("A named slider moves what the judge reads of the drawn faces, and little else that it reads."),
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
        seen, best = (likeness(judge, real[:N_SAMPLES], pictures) for pictures in (samples, yardstick))
        yield
        blind = random_judge(judge.config)
        apart, best_apart = (likeness(blind, real[:N_SAMPLES], pictures) for pictures in (samples, yardstick))
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


def _arrays(places: Tensor, test: Avatars, sliders: FaceDirections) -> dict[str, Tensor]:
    """What the panel reads; the map is the plane of most variance of held-out faces, coloured by their hair."""
    mean, basis = map_plane(places)
    column = list(AVATAR_LABELS).index(MAP_LABEL)
    return {
        "directions": sliders.directions,
        "readings": sliders.readings,
        "places": places.half(),
        "labels": torch.from_numpy(test.labels[: len(places), column].copy()),
        "map_mean": mean,
        "map_basis": basis,
    }
