# shellcheck shell=bash
# Shared by packaging/run.sh and tests/run.sh, which set ROOT: a .venv with the project in it, and the system's libraries.
# Everything is said on stderr, so that the output of the program itself stays clean.

# tests/run.sh may set them: where the installation lies, its pins (empty: the newest versions), which Python.
VENV="${VENV:-$ROOT/.venv}"
PINS="${PINS-$ROOT/packaging/constraints.txt}"
CHOSEN_PYTHON="${CHOSEN_PYTHON:-}"
PYTHON="$VENV/bin/python"
LOG="$VENV/setup.log"

# What Qt's window and the compiled loops (libgomp) need, as soname:Debian package; found with ldd on a bare Debian 13.
LIBRARIES="libEGL.so.1:libegl1 libGL.so.1:libgl1 libxkbcommon-x11.so.0:libxkbcommon-x11-0
  libxcb-cursor.so.0:libxcb-cursor0 libxcb-icccm.so.4:libxcb-icccm4 libxcb-keysyms.so.1:libxcb-keysyms1
  libxcb-shape.so.0:libxcb-shape0 libdbus-1.so.3:libdbus-1-3 libfontconfig.so.1:libfontconfig1
  libgomp.so.1:libgomp1 libglib-2.0.so.0:libglib2.0-0"
# Programs, as command:Debian package; tests/run.sh adds to them.
TOOLS=""

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# set_up EXTRA: EXTRA is a name from [project.optional-dependencies], or empty.
set_up() {
  local extra=$1 packages
  packages=$(missing_packages)
  if [ -n "$packages" ]; then install_packages "$packages"; fi
  if ! is_current "$extra"; then
    install "$extra"
    say "[4/4] Compiling for this processor, about a minute; every start after this one is quick."
    touch "$VENV/uncompiled"
  elif [ -e "$VENV/uncompiled" ]; then
    say "Compiling for this processor, which was not finished the last time."
  else
    return 0
  fi
  # Where this fails, the program does it when a model is opened; where it is interrupted, the next start goes on.
  "$PYTHON" "$ROOT/main.py" kernels 2>&1 >/dev/null | show_lines || true
  rm "$VENV/uncompiled"
  say "Set-up is done. From now on it starts at once: bash packaging/run.sh"
}

install() {
  if [ -e "$VENV/incomplete" ]; then
    say "The last set-up did not finish: continuing with what was downloaded."
    rm -rf "$VENV"
  fi
  [ -x "$PYTHON" ] || make_venv
  touch "$VENV/incomplete"
  find_uv
  if [ -n "$UV" ]; then install_with_uv "$1"; else install_with_pip "$1"; fi
  stamp >"$VENV/installed-${1:-base}"
  rm "$VENV/incomplete"
}

# Other dependencies, other pins or another place of the project ask for a new installation; the newest are always looked up.
stamp() {
  if [ -n "$PINS" ]; then printf '%s %s\n' "$(cat "$ROOT/pyproject.toml" "$PINS" | cksum)" "$ROOT"; fi
}

is_current() {
  local name now
  [ -x "$PYTHON" ] && [ ! -e "$VENV/incomplete" ] && [ -n "$PINS" ] || return 1
  now=$(stamp)
  for name in "${1:-base}" test all; do  # the later ones hold what is in the earlier ones
    if [ -e "$VENV/installed-$name" ] && [ "$(cat "$VENV/installed-$name")" = "$now" ]; then return 0; fi
  done
  return 1
}

missing_packages() {
  [ "$(uname -s)" = Linux ] || return 0
  local entry known
  known=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null) || known=""
  for entry in $LIBRARIES; do
    case $known in
      "" | *"	${entry%%:*} ("*) ;;  # without a list of libraries nothing can be said
      *) printf '%s ' "${entry#*:}" ;;
    esac
  done
  for entry in $TOOLS; do
    command -v "${entry%%:*}" >/dev/null || printf '%s ' "${entry#*:}"
  done
}

# install_packages "NAME NAME ...": as root, or after asking; otherwise says what to type and ends.
install_packages() {
  local packages=${1% } sudo="" answer
  command -v apt-get >/dev/null ||
    stop "Some libraries are missing. Please install what is in these Debian packages: $packages"
  if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    if ! { [ -t 0 ] && [ -t 2 ] && command -v sudo >/dev/null; }; then
      stop "System packages are missing. Type: sudo apt-get install $packages"
    fi
    printf 'System packages are missing: %s\nInstall them now with sudo? [Y/n] ' "$packages" >&2
    read -r answer
    case $answer in [Nn]*) stop "Type: sudo apt-get install $packages" ;; esac
  fi
  say "Installing system packages: $packages"
  $sudo env DEBIAN_FRONTEND=noninteractive sh -c "
    apt-get -qq update
    apt-get -qq -y --no-install-recommends install $packages" </dev/null >/dev/null 2>&1 ||
    stop "That failed. Type: ${sudo:+sudo }apt-get install $packages"
}

# The Python that people call python3 comes first; if its version does not fit, the newest that does.
find_python() {
  local name
  for name in ${CHOSEN_PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  stop "Python 3.11, 3.12, 3.13 or 3.14 is needed, but was not found. On Debian or Ubuntu: sudo apt-get install python3-venv"
}

make_venv() {
  local python
  python=$(find_python)
  "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages "python3-venv"
  mkdir -p "$VENV" 2>/dev/null || stop "You cannot write to the folder $ROOT. Copy the program to one of your own."
  touch "$VENV/incomplete"
  say "[1/4] Making $(basename -- "$VENV") with $("$python" --version)."
  "$python" -m venv "$VENV" >"$LOG" 2>&1 || fail
}

# Sets UV: one that can write down what it would install, or nothing where none can be had.
find_uv() {
  UV=$(command -v uv) || UV=""
  if [ -n "$UV" ] && "$UV" pip compile --help 2>/dev/null | grep -q pylock; then return; fi
  UV=""
  if "$PYTHON" -m pip install --quiet --target "$VENV/uv" uv >"$LOG" 2>&1; then UV="$VENV/uv/bin/uv"; fi
}

install_with_uv() {
  local plan="$VENV/pylock.toml"
  eval "$("$PYTHON" "$ROOT/packaging/plan.py" uv-settings)"
  mkdir -p "${UV_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/uv}" 2>/dev/null || export UV_CACHE_DIR="$VENV/cache"
  say "[2/4] Looking up what is needed."
  quietly plan_with_uv "$1" "$plan"
  if grep -q '^name = "nvidia-' "$plan" && ! has_nvidia_card; then
    # uv knows where the CPU builds of torch lie; where they are out of reach it says so soon.
    UV_HTTP_TIMEOUT=20 UV_HTTP_RETRIES=0 plan_with_uv "$1" "$VENV/pylock.cpu.toml" --torch-backend cpu >"$LOG" 2>&1 &&
      plan="$VENV/pylock.cpu.toml"
  fi
  say "[3/4] Downloading and installing $("$PYTHON" "$ROOT/packaging/plan.py" sentence "$plan")."
  quietly "$UV" pip install --no-progress --python "$PYTHON" --requirements "$plan"
  quietly "$UV" pip install --no-progress --python "$PYTHON" --no-deps --editable "$ROOT" ${PINS:+--build-constraints "$PINS"}
  rm -rf "$VENV/uv" "$VENV/cache"
}

plan_with_uv() {  # EXTRA FILE ARGUMENTS
  local extra=$1 file=$2
  shift 2
  "$UV" pip compile --quiet --python "$PYTHON" --format pylock.toml --output-file "$file" \
    ${PINS:+--constraints "$PINS"} ${extra:+--extra "$extra"} "$@" "$ROOT/pyproject.toml"
}

install_with_pip() {
  say "[2/4] uv is not available here, so pip is used instead, which takes longer."
  quietly "$PYTHON" -m pip install --quiet "pip>=23.3"
  say "[3/4] Downloading and installing: 350 MB, or 3 GB if only the general build of torch is available."
  quietly "$PYTHON" -m pip install --progress-bar off --upgrade ${PINS:+--constraint "$PINS"} --editable "$ROOT${1:+[$1]}"
}

has_nvidia_card() { [ -e /proc/driver/nvidia/version ] || nvidia-smi -L >/dev/null 2>&1; }

# Runs a command with its output in the log, and says now and then how far it is.
quietly() {
  local code=0
  tick &
  TICKER=$!
  trap 'kill "$TICKER" 2>/dev/null' EXIT
  "$@" >"$LOG" 2>&1 || code=$?
  kill "$TICKER" 2>/dev/null || true  # gone already after ctrl-C
  wait "$TICKER" 2>/dev/null || true
  trap - EXIT
  [ $code = 0 ] || fail
}

tick() {
  local seconds=0 last
  while sleep 10 >/dev/null 2>&1; do  # with the caller's stderr it would keep a pipe open after the end
    seconds=$((seconds + 10))
    last=$(tail -n 1 "$LOG" 2>/dev/null) || last=""
    say "      $seconds s: ${last:-still working}"
  done
}

show_lines() {
  local line
  while read -r line; do say "      $line"; done
}

fail() {
  tail -n 12 "$LOG" >&2
  stop "The set-up failed (above: the last lines of $LOG). Run the same command again to continue with what was downloaded."
}
