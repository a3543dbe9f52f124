"""The commands of the window itself; a panel adds its own while it is in front."""

from functools import partial

from studio.commands.command import EDIT, FILE, HELP, VIEW, Command, CommandRegistry
from studio.core.translation import N_
from studio.shell.window.front_steps import ask_to_start_afresh
from studio.shell.window.window import MainWindow


def add_window_commands(window: MainWindow, commands: CommandRegistry) -> None:
    """Add every command of the window, in the order in which people read them."""
    for group in (_file_commands, _edit_commands, _tab_commands, _view_commands, _present_commands, _help_commands):
        for command in group(window):
            commands.add(command)


def _file_commands(window: MainWindow) -> list[Command]:
    return [
        Command("studio.palette", N_("Search or run a command"), window.finder.show_palette, ("Ctrl+K",), VIEW),
        Command(
            "studio.models",
            N_("Open a model…"),
            partial(window.finder.show_models, window.top_bar.plus),
            ("Ctrl+T",),
            FILE,
        ),
        Command("studio.open_file", N_("Open a file…"), window.ask_file, ("Ctrl+O",), FILE),
        Command(
            "studio.export",
            N_("Export…"),
            window.exporter.export,
            ("Ctrl+E",),
            FILE,
            window.exporter.can_export,
            N_("Saves what is on screen as a picture, video, sound or numbers, together with how it was made."),
        ),
        Command(
            "studio.copy_picture",
            N_("Copy the picture"),
            window.exporter.copy_picture,
            ("Ctrl+Shift+C",),
            EDIT,
            window.exporter.can_export,
            N_("Puts what is on screen on the clipboard, to paste into other programs."),
        ),
        Command(
            "studio.compare",
            N_("Compare with another model…"),
            window.comparer.offer,
            ("Ctrl+M",),
            FILE,
            window.comparer.can_offer,
            N_("Another model does the same with the same settings, and the two are shown side by side."),
        ),
        Command(
            "studio.send_to",
            N_("Send to another model…"),
            window.send_to.offer,
            ("Ctrl+Shift+M",),
            FILE,
            window.send_to.can_offer,
            N_("The picture on screen goes on in another model, as if it were dropped there."),
        ),
        Command("studio.connect", N_("Connect to a server…"), window.connect_server, (), FILE),
        Command("studio.live", N_("Knobs and faders (MIDI, OSC)…"), window.live.show, (), FILE),
        Command("studio.preferences", N_("Preferences"), window.show_preferences, ("Ctrl+,",), FILE),
        Command("studio.quit", N_("Quit"), window.quit, ("Ctrl+Q",), FILE),
    ]


def _edit_commands(window: MainWindow) -> list[Command]:
    steps = window.steps
    return [
        Command("edit.undo", N_("Undo"), steps.undo, ("Ctrl+Z",), EDIT, steps.can_undo),
        Command("edit.redo", N_("Redo"), steps.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), EDIT, steps.can_redo),
        Command(
            "edit.history",
            N_("Steps and bookmarks…"),
            steps.show,
            ("Ctrl+H",),
            EDIT,
            steps.can_show,
            N_("Goes back to any step, and keeps places under names of your own."),
        ),
        Command(
            "edit.reset",
            N_("Back to the start of this model"),
            steps.reset,
            (),
            EDIT,
            steps.can_show,
            N_("Everything in this tab stands as it did when it was opened. Undo brings it back."),
        ),
        Command(
            "studio.start_afresh",
            N_("Start afresh…"),
            partial(ask_to_start_afresh, window, window.tabs),
            (),
            FILE,
            partial(window.tabs.has_place, 1),
            N_("Closes all tabs and goes back to Home, as at the first start."),
        ),
    ]


def _tab_commands(window: MainWindow) -> list[Command]:
    tabs = window.tabs
    numbers = [
        Command(
            f"tab.show_{n}",
            N_("Go to tab {n}").format(n=n),
            partial(tabs.show_place, n - 1),
            (f"Ctrl+{n}",),
            VIEW,
            partial(tabs.has_place, n - 1),
        )
        for n in range(1, 10)
    ]
    return [
        Command("studio.home", N_("Go to Home"), tabs.show_home, ("Alt+Home",), VIEW),
        Command("tab.close", N_("Close this tab"), window.close_front, ("Ctrl+W",), FILE, window.can_close_front),
        Command("tab.close_all", N_("Close all tabs"), tabs.close_all, (), FILE, partial(tabs.has_place, 1)),
        Command("tab.next", N_("Next tab"), partial(tabs.show_next, 1), ("Ctrl+Tab",), VIEW),
        Command("tab.previous", N_("Previous tab"), partial(tabs.show_next, -1), ("Ctrl+Shift+Tab",), VIEW),
        *numbers,
    ]


def _view_commands(window: MainWindow) -> list[Command]:
    return [
        Command("view.theme", N_("Switch between dark and light"), window.switch_theme, (), VIEW),
        Command("view.text_larger", N_("Larger text"), partial(window.scale_text, 0.1), ("Ctrl++", "Ctrl+="), VIEW),
        Command("view.text_smaller", N_("Smaller text"), partial(window.scale_text, -0.1), ("Ctrl+-",), VIEW),
        Command("view.text_usual", N_("Normal text size"), window.reset_text, ("Ctrl+0",), VIEW),
        Command("view.menu_bar", N_("Show or hide the menu bar"), window.menu_bar.switch, ("F10",), VIEW),
        Command("view.full_screen", N_("Full screen"), window.presenting.switch_full_screen, ("Shift+F11",), VIEW),
    ]


def _present_commands(window: MainWindow) -> list[Command]:
    desk = window.presenting
    return [
        Command(
            "present.begin",
            N_("Present"),
            desk.present,
            ("F11",),
            VIEW,
            help=N_("Shows what is in front to visitors: large, with a few controls, and back to its start by itself."),
        ),
        Command(
            "present.playlist",
            N_("Present the playlist"),
            desk.present_playlist,
            (),
            VIEW,
            help=N_("Shows one prepared state after the other, of every family unless you prepared others."),
        ),
        Command("present.prepare", N_("Prepare to present…"), desk.prepare, (), VIEW),
        Command(
            "present.other_screen",
            N_("Present on the other screen"),
            desk.switch_other_screen,
            (),
            VIEW,
            desk.has_other_screen,
            N_("The other screen shows the canvas alone while you keep all controls here. Again: no longer."),
        ),
    ]


def _help_commands(window: MainWindow) -> list[Command]:
    return [
        Command("studio.guide", N_("Show or hide the guide"), window.switch_guide, ("F1",), HELP, window.has_guide),
        *window.tours.commands(),
        Command("studio.keys", N_("Keyboard shortcuts"), window.show_keys, ("Ctrl+/",), HELP),
        Command("studio.about", N_("About Manifold Studio"), window.show_about, (), HELP),
    ]
