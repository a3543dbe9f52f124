"""Brings a model by its name and makes it one of the person's own; Ctrl-C loses nothing."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from studio.cli.progress import ProgressLine
from studio.core.error import UsageError, UserError
from studio.core.place import config_dir, models_dir
from studio.core.setting import FILE_NAME, Settings
from studio.core.translation import N_, _, translate
from studio.registry.catalog import Catalog
from studio.registry.consent import HostConsent
from studio.registry.download.apart import is_of_hub, offers_for
from studio.registry.download.catalogue import CATALOGUE
from studio.registry.download.download import begun, bring, unfinished
from studio.registry.download.hub import hub_host
from studio.registry.download.offer import Offer
from studio.registry.model import ModelInfo

SUMMARY: Final = N_("bring a model by its name: from a hub, or out of a package that is unpacked and never run")
_YES: Final = "yes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare NAME or --list, --file and --yes."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "name", nargs="?", metavar="NAME", help=N_("a name that --list shows, or OWNER/MODEL as a hub calls it")
    )
    what.add_argument("--list", action="store_true", dest="is_list", help=N_("list what is available and what is here"))
    parser.add_argument("--file", default="", metavar="FILE", help=N_("which file, where there are several to choose"))
    parser.add_argument("--yes", action="store_true", dest="is_agreed", help=N_("agree that the hub is asked"))


def run(options: argparse.Namespace) -> None:
    """List, or bring one; raises UserError where that cannot be done."""
    catalog = Catalog()
    if options.is_list:
        _print_list(catalog)
        return
    if is_of_hub(options.name):
        _agree(options.name, options.is_agreed)
    offer = _chosen(offers_for(options.name), options.file)
    _print_offer(offer)
    model = _brought(offer, catalog)
    print(N_("“{title}” is now one of your models. To open it: main.py {id}").format(title=model.title, id=model.id))


def _print_list(catalog: Catalog) -> None:
    for name, packaged in CATALOGUE.items():
        size = packaged.file.size_bytes / 1e6
        print(f"{name:28} {size:9,.1f} MB  {translate(packaged.sentence)} ({packaged.licence})")
    print(N_("OWNER/MODEL                               a model of a hub, once you have agreed that it is asked"))
    for model in catalog.list_models():
        if model.is_downloaded:
            print(f"{model.id:28} {model.size_bytes / 1e6:9,.1f} MB  {_('here')}: {model.title}")
    for one in unfinished(models_dir()):
        print(f"{one.offer.name:28} {one.size_bytes / 1e6:9,.1f} MB  {_('unfinished; get it again to go on')}")


def _agree(name: str, is_agreed: bool) -> None:
    """Make sure that a person has agreed to the host; raises UserError where nobody has."""
    host, settings = hub_host(), Settings(config_dir() / FILE_NAME)
    consent = HostConsent(settings)
    if consent.is_given(host):
        return
    sentence = N_("“{name}” is asked for at {host}, and downloaded from there and from where it points to.")
    print(translate(sentence.format(name=name, host=host)), file=sys.stderr)
    if not is_agreed:
        if not sys.stdin.isatty():
            raise UserError(N_("Nobody has agreed to that yet."), N_("Say --yes to agree."))
        print(_("Type “yes” to agree to {host} from now on:").format(host=host), end=" ", file=sys.stderr)
        if sys.stdin.readline().strip().lower() != _YES:
            raise UserError(N_("Stopped."))
    consent.give(host)
    settings.save()


def _chosen(offers: Sequence[Offer], file: str) -> Offer:
    """The one that is meant; raises UsageError where that is not said."""
    if len(offers) == 1 and not file:
        return offers[0]
    found = next((one for one in offers if file and file in (one.choice, one.opens)), None)
    if found is None:
        known = ", ".join(f"{one.choice or one.opens} ({one.size_bytes / 1e6:,.0f} MB)" for one in offers)
        raise UsageError(N_("Several models have this name."), N_("Choose one by --file: {known}").format(known=known))
    return found


def _print_offer(offer: Offer) -> None:
    for file in offer.files:
        print(f"{file.size_bytes / 1e6:9,.1f} MB  {file.name}", file=sys.stderr)
    text = N_("{title}: {size:,.1f} MB, licence: {licence}. Ctrl-C stops; the same command goes on.")
    values = {"title": offer.title, "size": offer.fetched_bytes / 1e6, "licence": offer.licence}
    print(translate(text.format(**values)), file=sys.stderr)


def _brought(offer: Offer, catalog: Catalog) -> ModelInfo:
    progress = ProgressLine(sys.stderr)
    steps = bring(begun(offer, catalog.models_folder), catalog)
    try:
        while True:
            frame = next(steps)
            if frame is not None:
                progress.show((frame.step + 1) / frame.n_steps, translate(frame.label))
    except StopIteration as end:
        model: ModelInfo = end.value
        return model
    finally:
        steps.close()
        progress.close()
