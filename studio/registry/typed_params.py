"""What a model is asked for on the command line: what its files say, changed by what was typed."""

from collections.abc import Mapping
from typing import Any

from studio.core.error import UsageError, UserError
from studio.core.param import check_value, param_specs, saved_params
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.target import Opening


def typed_params(catalog: Catalog, opening: Opening, saved: Mapping[str, Any], typed: Mapping[str, str]) -> Any:
    """Build the params of a model's kind: the `saved` ones where it has them, and over them all that was `typed`.

    Raises UsageError for a typed name that the kind lacks, which lists those it has, and for a typed value that cannot
    be, which says what can; UserError where what was saved is wrong.
    """
    params_class = catalog.params_class(opening.source)
    known = param_specs(params_class)
    unknown = next((name for name in typed if name not in known), None)
    if unknown is not None:
        sentence = N_("{model} has no parameter called “{name}”; it has {known}.")
        raise UsageError(sentence.format(model=opening.source.id, name=unknown[:60], known=", ".join(known)))
    try:
        values = {name: check_value(known[name], value) for name, value in typed.items()}
    except UserError as error:
        raise UsageError(error.title, error.what_to_do) from error
    return saved_params(params_class, {**saved, **values})
