"""Finds the moment to load torch, when nobody drags, and chooses the device once."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from studio.compute.device import Device, choose_device
from studio.core.option import DEVICE, N_THREADS, NETWORKS
from studio.core.setting import Settings

CHECK_INTERVAL_MS = 50


class DeviceStart(QObject):
    """Signals: wanted() when now is a good moment to load torch, that is to run `choose` on the Worker."""

    wanted = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._wish = settings.get(DEVICE)
        self._n_threads = settings.get(N_THREADS)
        self._networks = settings.get(NETWORKS)
        self._device: Device | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_INTERVAL_MS)
        self._timer.timeout.connect(self._on_timeout)

    def begin(self) -> None:
        """Wait until no mouse button is down; the import stops the window once for up to 0.3 s."""
        self._timer.start()

    def choose(self) -> Device:
        """Return the device; the first call imports torch. On the Worker only.

        Raises UserError where the device that the settings want is missing.
        """
        if self._device is None:
            self._device = choose_device(self._wish, self._n_threads, self._networks)
        return self._device

    def _on_timeout(self) -> None:
        if QGuiApplication.mouseButtons() is Qt.MouseButton.NoButton:
            self._timer.stop()
            self.wanted.emit()
