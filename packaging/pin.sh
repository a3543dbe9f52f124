#!/usr/bin/env bash
# Writes packaging/constraints.txt with today's versions, one for all Pythons and systems: bash packaging/pin.sh
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
TORCH="torch==2.13.0"  # the newest that every supported Python and system has
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet uv
echo "$TORCH" >"$venv/torch.txt"
"$venv/bin/uv" pip compile --quiet --universal --upgrade --python-version 3.11 --fork-strategy fewest --all-extras \
  --no-header --no-annotate --constraints "$venv/torch.txt" --output-file packaging/constraints.txt pyproject.toml
