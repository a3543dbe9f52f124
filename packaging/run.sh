#!/usr/bin/env bash
# Sets up what is missing, then starts Manifold Studio: bash packaging/run.sh [ARGS]
set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
. "$ROOT/packaging/setup.sh"
set_up ""
exec "$PYTHON" "$ROOT/main.py" "$@"
