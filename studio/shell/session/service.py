"""The long-lived objects that the window's parts are handed; made once by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from studio.commands.command import CommandRegistry
from studio.compute.worker import WorkerLike
from studio.core.setting import Settings
from studio.registry.catalog import Catalog
from studio.shell.session.device_start import DeviceStart
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.hand import Hand


@dataclass(frozen=True)
class Services:
    """`report` shows an unexpected failure, with details to copy; it may be called on any thread."""

    settings: Settings
    catalog: Catalog
    worker: WorkerLike
    dispatcher: Dispatcher
    commands: CommandRegistry
    device: DeviceStart
    report: Callable[[BaseException], None]

    @cached_property
    def hand(self) -> Hand:
        """What knows whether a person's hand moves something."""
        return Hand(self.worker)
