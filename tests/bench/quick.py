"""Which row stands for which budget where there are three minutes, and how much less is measured then."""

import os
from typing import Final, TypeVar

VARIABLE: Final = "MANIFOLD_BENCH_QUICK"
ROWS: Final = {
    "NeRF, training": "nerf.psnr_20s",
    "start to window": "studio.start_to_window",
    "click to panel": "studio.click_to_panel",
    "click to first picture, cold": "studio.first_picture_cold",
    "gap while torch is imported": "studio.torch_import_gap",
    "memory, Home": "studio.memory_home",
    "memory, torch": "studio.memory_with_torch",
    "memory, one model open": "studio.memory_model_open",
    "memory, growth over actions": "studio.growth_1000_actions",
    "size of the checkout": "studio.checkout",
    "slider to painted frame": "vae.slider_to_paint",
    "paints in a drag": "vae.slider_paints",
    "gaps of the window in a drag, p99": "studio.ui_gap_drag",
    "gaps of the window in a drag, worst": "studio.ui_gap_drag_worst",
    "gaps between frames in a drag": "studio.frame_gap_drag",
    "gaps of the window in a training, p99": "studio.ui_gap_training",
    "gaps of the window in a training, worst": "studio.ui_gap_training_worst",
    "slider to painted frame in a training": "studio.slider_to_paint_training",
    "scrub to any frame": "diffusion.scrub",
    "sampler over the bare network": "diffusion.overhead",
    "previews": "diffusion.preview_overhead",
    "tokens, 10 million weights": "transformer.tokens_10m",
    "tokens, GPT-2's size": "transformer.tokens_gpt2",
    "cached PixelCNN": "autoregressive.pixelcnn_cached",
    "cached WaveNet": "autoregressive.wavenet_cached",
    "NeRF, first tiles": "nerf.first_tiles",
    "NeRF, exact at 512²": "nerf.exact_512",
    "NeRF, exact at 1060 x 720": "nerf.exact_1060x720",
    "NeRF, baked at 512²": "nerf.baked_512",
    "NeRF, orbit": "nerf.orbit_fps",
    "NeRF, orbit while it learns": "nerf.orbit_fps_training",
    "NeRF, what baking loses": "nerf.bake_loss_db",
}
"""The row that stands for each budget of the project, the longest first: what has no time left says so."""
LIMIT_S: Final = 160.0
"""No row begins later."""

Amount = TypeVar("Amount", int, float, tuple[int, ...])


def less(usual: Amount, quick: Amount) -> Amount:
    """How much of something there is: as usual, or less of it where a child or its parent was told to be quick."""
    return quick if os.environ.get(VARIABLE) else usual
