#!/usr/bin/env bash
# Sets up what is missing, then lint, types, contracts and all tests: bash tests/run.sh [PYTEST ARGS]
set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
. "$ROOT/packaging/setup.sh"
TOOLS="Xvfb:xvfb git:git"
set_up test
cd -- "$ROOT"

FAILED=""
step() {
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  "$@" || FAILED="$FAILED $name"
  echo "   $name: $((SECONDS - start)) s"
}

contracts() { "$PYTHON" -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'; }

step lint "$PYTHON" -m ruff check --quiet --output-format concise .
# Types and contracts need one core for a minute or two: they are checked beside the first tests, and said at the end.
CHECKS=$(mktemp)
trap 'rm -f "$CHECKS"' EXIT
(
  FAILED=""
  step types "$PYTHON" -m mypy
  step contracts contracts
  [ -z "$FAILED" ]
) >"$CHECKS" 2>&1 &
checking=$!
# The tests of a file stay together and in order; each process has its own home.
step tests "$PYTHON" -m pytest -q --no-header -n 2 --dist loadfile --durations=5 --durations-min=5 "$@"
wait "$checking" || FAILED="$FAILED types or contracts"
cat "$CHECKS"
if [ -n "$FAILED" ]; then
  echo "== failed:$FAILED"
  exit 1
fi
