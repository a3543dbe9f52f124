# shellcheck shell=bash
# Shared by packaging/run.sh and tests/run.sh, which set ROOT: a .venv with the project in it, and the system's libraries.
# Everything is said on stderr, so that the output of the program itself stays clean.

VENV="$ROOT/.venv"
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
  if is_current "$extra"; then return; fi
  if [ -e "$VENV/incomplete" ]; then
    say "The last set-up did not finish: starting again."
    rm -rf "$VENV"
  fi
  [ -x "$PYTHON" ] || make_venv
  touch "$VENV/incomplete"
  install_project "$extra"
  stamp >"$VENV/installed-${extra:-base}"
  rm "$VENV/incomplete"
  say "Set-up is done."
}

# Another pyproject.toml or another place of the project asks for a new installation.
stamp() { printf '%s %s\n' "$(cksum <"$ROOT/pyproject.toml")" "$ROOT"; }

is_current() {
  local name now
  [ -x "$PYTHON" ] && [ ! -e "$VENV/incomplete" ] || return 1
  now=$(stamp)
  for name in "${1:-base}" test; do  # the test installation holds everything
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
    stop "Libraries are missing. Please install what these Debian packages hold: $packages"
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
  for name in python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  stop "Python 3.11, 3.12 or 3.13 is needed, and was not found. On Debian or Ubuntu: sudo apt-get install python3-venv"
}

make_venv() {
  local python system=""
  python=$(find_python)
  "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages "$python-venv"
  if "$python" "$ROOT/packaging/plan.py" has-torch; then
    system=--system-site-packages
    say "Making .venv with $("$python" --version), which has torch already."
  else
    say "Making .venv with $("$python" --version)."
  fi
  mkdir -p "$VENV"
  touch "$VENV/incomplete"
  "$python" -m venv $system "$VENV" >"$LOG" 2>&1 || fail
}

install_project() {
  local target="$ROOT${1:+[$1]}" build megabytes
  say "Looking up what is needed."
  quietly "$PYTHON" -m pip install --quiet "pip>=23.3"  # older ones download everything to look it up
  quietly "$PYTHON" -m pip install --quiet --dry-run --report "$VENV/report.json" --editable "$target"
  read -r build megabytes < <("$PYTHON" "$ROOT/packaging/plan.py" download "$VENV/report.json")
  if [ "$build" = gpu ] && ! has_nvidia_card; then
    say "No NVIDIA card found: trying the CPU build of torch, about 200 MB and what goes with it."
    if install_cpu_build "$target"; then return; fi
    say "The CPU build cannot be reached from here: taking the general build."
  fi
  if [ "$megabytes" = 0 ]; then say "Installing."; else say "Downloading and installing about $megabytes MB."; fi
  quietly "$PYTHON" -m pip install --quiet --editable "$target"
}

# uv knows where the CPU builds of torch lie.
install_cpu_build() {
  "$PYTHON" -m pip install --quiet --target "$VENV/uv" uv >"$LOG" 2>&1 || return 1
  local code=0
  UV_HTTP_TIMEOUT=20 UV_HTTP_RETRIES=0 "$VENV/uv/bin/uv" pip install --quiet --python "$PYTHON" \
    --torch-backend cpu --editable "$1" >"$LOG" 2>&1 || code=$?
  rm -rf "$VENV/uv"
  return $code
}

has_nvidia_card() { [ -e /proc/driver/nvidia/version ] || nvidia-smi -L >/dev/null 2>&1; }

# Runs a command with its output in the log, and says now and then that it is still at it.
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
  local seconds=0
  while sleep 20 >/dev/null 2>&1; do  # with the caller's stderr it would keep a pipe open after the end
    seconds=$((seconds + 20))
    say "  ... still at it after $seconds s"
  done
}

fail() {
  tail -n 12 "$LOG" >&2
  stop "The set-up failed (above: the last lines of $LOG). Run the same command again to start it anew."
}
