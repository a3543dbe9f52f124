"""Compiles the fast loops of all models for this processor, as the set-up does at its end."""

import argparse
import sys

from studio.cli.progress import ProgressLine
from studio.core.error import UserError
from studio.core.translation import N_, translate

SUMMARY = N_("compile the fast loops of all models for this processor, so that nobody has to wait for them later")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(options: argparse.Namespace) -> None:
    """Compile on all cores; raises UserError where a step fails."""
    from studio.compute.kernel_cache import are_kernels_ready
    from studio.compute.kernel_compile import compile_kernels
    from studio.registry.catalog import Catalog

    modules = [name for name in Catalog().kernel_modules() if not are_kernels_ready(name)]
    progress = ProgressLine(sys.stderr)
    try:
        for step in compile_kernels(*modules):
            progress.show(step.n_done / step.n_steps, translate(step.title))
    except RuntimeError as error:
        sentence = N_("The fast loops could not be compiled: {said}").format(said=str(error).strip()[-400:])
        raise UserError(sentence, N_("Each will be compiled when it is first needed.")) from error
    finally:
        progress.close()
    print(N_("The fast loops are compiled."))
