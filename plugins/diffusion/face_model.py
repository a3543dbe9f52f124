"""The models of faces as samplers know them: they learnt from full captions, so they complete a short prompt first."""

from .face_caption import complete
from .picture_models import LatentModel, PixelModel


class _Completing:
    def complete(self, prompt: str, seed: int) -> str:
        """See Completing."""
        return complete(prompt, seed)


class FaceModel(_Completing, LatentModel):
    """Latent diffusion of faces."""


class FacePixelModel(_Completing, PixelModel):
    """Diffusion of the pixels of faces."""
