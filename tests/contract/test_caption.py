"""A caption speaks of the run that is shown: a control that is moved afterwards changes no word of it."""

import dataclasses

from studio.core.param import param_specs

SHOWN_AT_ONCE = {
    "autoregressive": ("n_back", "seed"),  # which values are known is drawn without the model
    "gan": ("seed", "vividness"),  # given to enlarge they begin another picture, which is announced
}
"""Parameters by which something else is shown before anything is computed."""


def other_values(spec, value):
    """Values of a parameter other than the one that it has."""
    if spec.kind in ("float", "int"):
        return [one for one in (spec.low, spec.high) if one != value]
    if spec.kind == "choice":
        return [one for one in spec.choices if one != value][:2]
    return [not value] if spec.kind == "bool" else []


def test_no_control_changes_the_caption_of_what_is_shown(open_panel, any_model, stepped_worker):
    panel = open_panel(any_model, worker=stepped_worker)
    take_few_steps(panel)
    stepped_worker.run_all()
    assert changed_captions(panel, SHOWN_AT_ONCE.get(any_model.partition("/")[0], ())) == []


def take_few_steps(panel):
    """Shorten the first run where a parameter says how many steps it has: only what it is called is looked at."""
    params = panel.params()
    spec = param_specs(type(params)).get("steps")
    if spec is not None:
        panel.set_params(dataclasses.replace(params, steps=max(int(spec.low or 0), 4)))


def changed_captions(panel, left_out):
    """What each parameter makes of the caption while nothing is computed, where that is something else."""
    params, text = panel.params(), panel.frame.caption.text()
    found = []
    for spec in (one for name, one in param_specs(type(params)).items() if name not in left_out):
        for value in other_values(spec, getattr(params, spec.name)):
            panel.set_params(dataclasses.replace(params, **{spec.name: value}))
            if panel.frame.caption.text() != text:
                found.append((spec.name, value, text, panel.frame.caption.text()))
    return found
