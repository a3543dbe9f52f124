"""The training that distils `diffusion/avatars`: a network beside it that draws in one, two or four steps."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.engine import ModelSource, known_file
from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import Split, Training, TrainSettings, Validation
from studio.core.card import Check
from studio.core.seed import generator
from studio.core.translation import N_
from studio.nn.network_file import load_only

from ...shared.few_step_file import save_few_step
from ...shared.few_steps import STRONGEST, WEAKEST
from ...shared.model.denoiser import Guidance
from ...shared.model.position import noise_of
from ...shared.model.sampler import SamplerInputs, ddim
from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network
from ..face_caption import complete
from ..model.denoisers import LatentModel
from ..model.few_step import FewStep, FewStepConfig
from ..model.few_step_model import FewStepModel
from ..model.networks import LatentDiffusion
from .avatars_evaluation import Painter, face_checks
from .few_step_objective import JumpObjective, Mixture, Teacher, Ways
from .latent_recipe import drawn_pictures

SETTINGS: Final = TrainSettings(n_steps=2400, learning_rate=6e-4, n_warmup=40, n_decay=960, average_decay=0.996)
DEFAULTS: Final = Defaults(steps=25, guidance=2.0)
MIXTURE: Final = Mixture()
STEP_COUNTS: Final = (1, 2, 4)
N_PORTIONS: Final = 4
HELD_OUT_ERROR: Final = "error"
MOST_SEED: Final = 2**31


@dataclass(frozen=True, kw_only=True)
class FewStepAvatarsRecipe(TrainingRecipe[LatentDiffusion]):
    """`diffusion/avatars-live`: what the teacher does in many steps, in one look."""

    makes_model: ClassVar[bool] = False
    id: str = "diffusion/avatars-live"
    title: str = N_("Faces in one step")
    summary: str = N_("Learns to draw at once what the model of faces draws in many steps.")
    task: str = N_("Draws the face that you describe, while you move the controls.")
    minutes: float = 14
    settings: TrainSettings = SETTINGS
    teacher: str = "diffusion/avatars"
    weakest: int = WEAKEST
    strongest: int = STRONGEST
    defaults: Defaults = DEFAULTS
    mixture: Mixture = MIXTURE
    n_prompts: int = 500
    n_likeness: int = 2000
    seed: int = 301

    def data(self, split: Split) -> LatentDiffusion:
        """The teacher, from whose ways alone is learnt."""
        network = load_network(known_file(self.teacher))[1]
        assert isinstance(network, LatentDiffusion)
        return network

    def network_and_objective(self, teacher: LatentDiffusion, device: torch.device) -> tuple[FewStep, JumpObjective]:
        diffusion = teacher.to(device).diffusion
        network = FewStep(FewStepConfig(diffusion.config.unet, diffusion.config.schedule, self.weakest, self.strongest))
        network.unet.load_state_dict(diffusion.unet.state_dict())
        usual = self.defaults.guidance
        ways = Teacher(diffusion, any_face, self.weakest, self.strongest, usual, self.seed)
        return network, JumpObjective(ways, self.seed, self.mixture)

    def validation(self, teacher: LatentDiffusion, device: torch.device) -> Validation:
        """The error of v on ways for prompts and noise that are not learnt from."""
        held_out = self.network_and_objective(teacher, device)[1]
        held_out.teacher = Teacher(
            held_out.teacher.network, any_face, self.weakest, self.strongest, self.defaults.guidance, self.seed + 1
        )
        portions: list[Ways] = []

        @torch.no_grad()
        def measure(average: nn.Module) -> Measuring[Mapping[str, float]]:
            assert isinstance(average, FewStep)
            while len(portions) < N_PORTIONS:
                portions.append(held_out.teacher.ways(len(portions)))
                yield
            errors = [
                held_out.errors(average, portions, generator(self.seed, "held-out", n)) for n in range(N_PORTIONS)
            ]
            yield
            return {HELD_OUT_ERROR: float(torch.cat(errors).square().mean())}

        return Validation(measure, HELD_OUT_ERROR)

    def write(self, out: Path, training: Training, teacher: LatentDiffusion) -> Measuring[None]:
        """Write the averaged network, then measure it beside its teacher for the card."""
        average, source = training.average, ModelSource(self.teacher, known_file(self.teacher))
        assert isinstance(average, FewStep)
        save_few_step(out, average, source)
        written = load_only(out, FewStepConfig, FewStep).to(training.device)
        model, checks = FewStepModel(LatentModel(teacher), written), list[Check]()
        for n_steps in (*STEP_COUNTS, self.defaults.steps):
            drawn = drawer(model, teacher, n_steps, self.defaults)
            figures = yield from face_checks(drawn, self.n_prompts, self.n_likeness)
            whose = N_("{n} steps: {figure}") if n_steps > 1 else N_("{n} step: {figure}")
            checks += [
                Check(whose.format(n=n_steps, figure=one.name), one.value, None, one.is_higher_better)
                for one in figures
            ]
        card = {
            **self.common_card(written, [training], "avatars", 0, **asdict(self.mixture)),
            "data": N_("What {model} draws for faces described at random").format(model=self.teacher),
            "notes": [N_("The figures of {n} steps are those of its teacher.").format(n=self.defaults.steps)],
        }
        write_card(out.with_suffix(".json"), card, checks, self.defaults)


def any_face(random: np.random.Generator) -> str:
    """A full caption of a face, all of whose labels are drawn."""
    return complete("", int(random.integers(MOST_SEED)))


def drawer(model: FewStepModel, teacher: LatentDiffusion, n_steps: int, defaults: Defaults) -> Painter:
    """Draws prompts in a few steps, or as the teacher does where they are as many as it takes."""

    def by_teacher(prompts: Sequence[str], seeds: Sequence[int]) -> Measuring[Tensor]:
        return drawn_pictures(teacher, prompts, seeds, n_steps, defaults.guidance)

    def by_jumps(prompts: Sequence[str], seeds: Sequence[int]) -> Measuring[Tensor]:
        parts = []
        for prompt, seed in zip(prompts, seeds, strict=True):
            parts.append(jumped_picture(model.in_steps(n_steps), prompt, seed, defaults.guidance))
            yield
        return torch.cat(parts)

    return by_teacher if n_steps == defaults.steps else by_jumps


def jumped_picture(model: FewStepModel, prompt: str, seed: int, guidance: float) -> Tensor:
    """The picture (1, 3, H, W) in [0, 1] of a prompt, on the CPU."""
    denoise, noise = model.denoiser(model.embed(prompt), Guidance(guidance)), noise_of((seed,), 0, model.shape)
    *_, last = ddim(SamplerInputs(denoise, model.grid, noise, lambda _: noise))
    return torch.from_numpy(model.decode(last.x)).movedim(2, 0)[None]
