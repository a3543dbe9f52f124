"""What a model is asked for on the command line: what its files say, changed by what was typed."""

from collections.abc import Mapping
from typing import Any

from studio.core.error import UsageError
from studio.core.param import make_params, param_specs
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.target import Opening


def typed_params(catalog: Catalog, opening: Opening, saved: Mapping[str, Any], typed: Mapping[str, str]) -> Any:
    """Build the params of a model's kind: the `saved` ones where it has them, and over them all that was `typed`.

    Raises UsageError, which lists the kind's parameters, where another name was typed; UserError for a wrong value.
    """
    params_class = catalog.params_class(opening.source)
    known = param_specs(params_class)
    unknown = next((name for name in typed if name not in known), None)
    if unknown is not None:
        sentence = N_("{model} has no parameter “{name}”; those it has are {known}.")
        raise UsageError(sentence.format(model=opening.source.id, name=unknown[:60], known=", ".join(known)))
    return make_params(params_class, {name: saved[name] for name in saved if name in known} | dict(typed))
