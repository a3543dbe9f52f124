"""What the dialog offers to train."""

from studio.registry.catalog import Catalog
from studio.registry.training_store import TrainingStore
from studio.shell.training.choice import find_choices


def test_a_part_of_a_model_is_trained_by_commands_alone(tmp_path):
    catalog = Catalog()
    offered = {choice.recipe.id for choice in find_choices(catalog, TrainingStore(tmp_path), "transformer")}
    assert set(catalog.recipes("transformer")) - offered == {"transformer/shakespeare-features"}
    assert catalog.find_recipe("transformer/shakespeare-features").id not in offered
