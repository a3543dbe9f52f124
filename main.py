"""Starts Manifold Studio from its source tree."""

import sys

from studio.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
