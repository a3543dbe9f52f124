"""A small nerfacto of random numbers, in the layout in which nerfstudio saves one."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

SETTINGS = """!!python/object:nerfstudio.engine.trainer.TrainerConfig
pipeline: !!python/object:nerfstudio.pipelines.base_pipeline.VanillaPipelineConfig
  model: !!python/object:nerfstudio.models.nerfacto.NerfactoModelConfig
    average_init_density: 0.1
    background_color: {background}
    base_res: 4
    collider_params:
      far_plane: 6.0
      near_plane: 2.0
    far_plane: 50.0
    max_res: 64
    near_plane: 0.05
    num_nerf_samples_per_ray: 8
    num_proposal_samples_per_ray: !!python/tuple
    - 16
    - 8
    proposal_net_args_list:
    - hidden_dim: 4
      max_res: 16
    - hidden_dim: 4
      max_res: 32
    use_average_appearance_embedding: true
"""
SHAPES: dict[str, tuple[int, ...]] = {
    "field.mlp_base.model.0.hash_table": (3 << 8, 2),
    "field.mlp_base.model.1.layers.0.weight": (8, 6),
    "field.mlp_base.model.1.layers.0.bias": (8,),
    "field.mlp_base.model.1.layers.1.weight": (16, 8),
    "field.mlp_base.model.1.layers.1.bias": (16,),
    "field.mlp_head.layers.0.weight": (8, 35),
    "field.mlp_head.layers.0.bias": (8,),
    "field.mlp_head.layers.1.weight": (8, 8),
    "field.mlp_head.layers.1.bias": (8,),
    "field.mlp_head.layers.2.weight": (3, 8),
    "field.mlp_head.layers.2.bias": (3,),
    "field.embedding_appearance.embedding.weight": (2, 4),
    **{
        f"proposal_networks.{i}.{name}": shape
        for i in range(2)
        for name, shape in {
            "encoding.hash_table": (2 << 6, 2),
            "mlp_base.1.layers.0.weight": (4, 4),
            "mlp_base.1.layers.0.bias": (4,),
            "mlp_base.1.layers.1.weight": (1, 4),
            "mlp_base.1.layers.1.bias": (1,),
        }.items()
    },
}


def arrays() -> dict[str, Any]:
    """The same numbers every time, by their names in nerfstudio's model."""
    random = np.random.RandomState(5)  # whose numbers never change
    return {name: random.uniform(-1, 1, shape).astype(np.float32) for name, shape in SHAPES.items()}


def write_run(folder: Path, background: str = "white", **changes: Any) -> Path:
    """Write the run folder; returns its checkpoint."""
    state: dict[str, Any] = {f"_model.{name}": torch.from_numpy(one) for name, one in arrays().items()}
    state |= {"_model.field.aabb": torch.tensor([[-1.0] * 3, [1.0] * 3]), "_model.field.max_res": torch.tensor(64)}
    path = folder / "nerfstudio_models" / "step-000000007.ckpt"
    path.parent.mkdir(parents=True)
    (folder / "config.yml").write_text(SETTINGS.format(background=background))
    optimizers = {"fields": {"param_groups": [{"lr": np.float64(0.5)}]}}
    torch.save({"step": 7, "pipeline": {**state, **changes}, "optimizers": optimizers}, path)
    return path
