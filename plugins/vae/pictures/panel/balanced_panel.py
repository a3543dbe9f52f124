"""The panel of a model with three networks that differ in β: a slider goes from copying to order."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final

from studio.api.engine import EngineHandle
from studio.api.panel import Command
from studio.api.scene_panel import OPEN_KEY
from studio.core.translation import N_

from ...shared.atlas import Atlas
from ...shared.panel.pictures_panel import VaePicturesPanel
from ...shared.params import BalancedParams
from ...shared.scene import VaeScene
from .balance_section import BalanceSection

CARRY_KEY: Final = "carry"


class PartHandle(EngineHandle):
    """The handle of a model with several networks, whose methods are asked of the one that `chosen` says."""

    def __init__(self, whole: EngineHandle, chosen: Callable[[], int]) -> None:
        self.source, self._whole, self._chosen = whole.source, whole, chosen

    @property
    def is_open(self) -> bool:
        """Whether the model is in memory."""
        return self._whole.is_open

    def work(self, method: Callable[[Any], Any], pauses: bool = False) -> Any:
        """Work that calls a method of the network that is chosen now."""
        index = self._chosen()
        return self._whole.work(lambda engine: method(engine.parts[index]), pauses)


class BalancedPanel(VaePicturesPanel):
    """As for other pictures; what is on show is carried over to another network by being encoded again."""

    first = BalancedParams()

    def bring_own(self) -> tuple[Command, ...]:
        """Let what is asked for be asked of the network that the slider says."""
        self.tasks.handle = PartHandle(self.handle, self._chosen)
        self._atlases: tuple[Atlas, ...] = ()
        self._shown_balance = self._chosen()
        self.balance = BalanceSection(self.handle.source.card)
        self.balance.slider.value_changed.connect(self._on_balance_changed)
        return super().bring_own()

    def own_sections(self) -> tuple[tuple[Any, ...], ...]:
        """The slider stands first."""
        return (("section_balance", N_("Copy or order"), self.balance), *super().own_sections())

    def _chosen(self) -> int:
        balance = self.editor.scene.balance
        return self.first.balance if balance is None else balance

    def ask_model(self, call: Callable[..., Any] | None = None) -> None:
        """Open the model; what was measured of each network is to be known."""
        work = self.handle.work(attrgetter("atlases"))
        self.tasks.run(OPEN_KEY, work, done=self.opened, failed=self._on_open_failed)

    def opened(self, found: Any) -> None:
        """Show what is known of the network that is chosen."""
        self._atlases = found
        super().opened(found[self._chosen()])
        self._show_network()

    def show_controls(self) -> None:
        """Let the controls stand at the present place of the present network."""
        if self._atlases and self._chosen() != self._shown_balance:
            self.editor.atlas = self._atlases[self._chosen()]
            self.controls.show_atlas(self.editor.atlas)
            self._show_network()
            self.ask_manifold()
            self.everything.renew()
        self.balance.show_balance(self._chosen())
        super().show_controls()

    def _show_network(self) -> None:
        self._shown_balance = self._chosen()
        directions = self._atlases[self._shown_balance].directions
        n_shown = sum(direction.is_visible for direction in directions)
        self.controls.directions.show_directions(directions, max(1, n_shown))

    def _on_balance_changed(self, value: float) -> None:
        scene, after = self.editor.scene, round(value)
        if after != self._chosen():
            before, z = self._chosen(), scene.z
            work = self.handle.work(lambda engine: engine.carried(z, before, after))
            self.tasks.run(CARRY_KEY, work, done=lambda place: self._carry(place, after))

    def _carry(self, place: Any, balance: int) -> None:
        scene = replace(self.editor.scene.moved_to(place), balance=balance, terms=(), repair=None)
        self.timeline.playback.pause()  # keyframes are places of the other network
        self.editor.apply(N_("Copy or order"), scene)

    def check_scene(self, scene: VaeScene) -> None:
        """Raise UserError where it is none of the model's."""
        super().check_scene(scene)
        if scene.balance is None:
            raise self.codec.unfit()
