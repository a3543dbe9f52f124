"""Runs one verb, and turns whatever happens into an exit status and one plain sentence."""

import io
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from studio.cli.folder import use_folders
from studio.cli.parser import parse
from studio.compute.thread import wait_passively
from studio.core.atomic import sweep_drafts
from studio.core.error import UsageError, UserError
from studio.core.option import LANGUAGE
from studio.core.place import config_dir, data_dir, log_dir, models_dir
from studio.core.setting import FILE_NAME, Settings
from studio.core.translation import N_, choose_language, translate

log = logging.getLogger(__name__)

DONE, FAILED, WRONG_USAGE = 0, 1, 2
LOG_NAME = "command-line.log"
MAX_LOG_BYTES = 1 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns 0 when done, 1 when failed, 2 for a parameter that a model lacks or cannot have.

    Any other wrong usage leaves with status 2.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a sign of ours
    wait_passively()
    options = parse(sys.argv[1:] if arguments is None else arguments)
    status = DONE
    try:
        with _log_file():
            settings = Settings(config_dir() / FILE_NAME)
            choose_language(settings.get(LANGUAGE))
            use_folders(settings)
            _sweep()
            status = int(options.run(options) or DONE)
            sys.stdout.flush()
    except UsageError as error:
        return _fail(str(error), WRONG_USAGE)
    except UserError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail(N_("Stopped."))
    except BrokenPipeError:
        _forget_output()
    except MemoryError:
        return _fail(N_("There is not enough memory for this."))
    except Exception:  # a mistake of ours, which the log has: the person gets a sentence
        sentence = N_("Something went wrong in the program itself. The details are in {path}.")
        return _fail(sentence.format(path=log_dir() / LOG_NAME))
    return status


def _sweep() -> None:
    """Remove what a killed process left half written among the person's own files."""
    for folder in (config_dir(), models_dir(), data_dir() / "trainings"):
        for place in (folder, *folder.glob("*/")):
            sweep_drafts(place)


def _fail(sentence: str, status: int = FAILED) -> int:
    print(translate(sentence), file=sys.stderr)
    return status


def _forget_output() -> None:
    """Whoever read our output has had enough; Python would complain about it once more at its end."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextmanager
def _log_file() -> Iterator[None]:
    """Send warnings and unexpected failures to a file instead of the screen."""
    path = log_dir() / LOG_NAME
    handler = RotatingFileHandler(path, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    except (UserError, BrokenPipeError, MemoryError):
        raise
    except Exception:
        log.exception("%.1000s", sys.argv[1:])
        raise
    finally:
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(handler)
        handler.close()
