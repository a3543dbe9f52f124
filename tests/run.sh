#!/usr/bin/env bash
# Sets up what is missing, then lint, types, contracts and all tests: bash tests/run.sh [OPTIONS] [PYTEST ARGS]
#   --newest          with the newest versions that pyproject.toml allows, in .venv-newest, instead of the pinned ones
#   --python PYTHON   the Python that a new .venv is made with
#   --only-tests      without lint, types and contracts
set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
HAS_CHECKS=yes
while [ $# -gt 0 ]; do
  case $1 in
    --newest) VENV="$ROOT/.venv-newest" PINS="" ;;
    --python) CHOSEN_PYTHON=$2; shift ;;
    --only-tests) HAS_CHECKS="" ;;
    *) break ;;
  esac
  shift
done
# What was compiled of Python is kept: some environments forbid it, and then each of hundreds of child processes compiles
# torch and the program anew.
unset PYTHONDONTWRITEBYTECODE
# Every test, child process and run shares the compiled kernels, though each has its own home.
export NUMBA_CACHE_DIR="$ROOT/.pytest_cache/kernels"
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

CHECKS=$(mktemp)
trap 'rm -f "$CHECKS"' EXIT
if [ -n "$HAS_CHECKS" ]; then
  step lint "$PYTHON" -m ruff check --quiet --output-format concise .
  step format "$PYTHON" -m ruff format --check --quiet .
  # Types and contracts need one core for a minute or two: they are checked beside the first tests, and said at the end.
  (
    FAILED=""
    step types "$PYTHON" -m mypy
    step contracts contracts
    [ -z "$FAILED" ]
  ) >"$CHECKS" 2>&1 &
  checking=$!
fi
# The tests of a file stay together and in order, the slow files first; each process has its own home.
step tests "$PYTHON" -m pytest -q --no-header -n 3 --dist loadfile --no-loadscope-reorder --durations=15 --durations-min=5 "$@"
if [ -n "$HAS_CHECKS" ]; then
  wait "$checking" || FAILED="$FAILED types or contracts"
  cat "$CHECKS"
fi
if [ -n "$FAILED" ]; then
  echo "== failed:$FAILED"
  exit 1
fi
echo "== everything passed. To start the program, type: bash packaging/run.sh"
