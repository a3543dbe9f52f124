"""packaging/setup.sh with stand-ins for every program that would change the machine or ask the network."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What the scripts may find; everything else they look for is missing unless a test puts it there.
TOOLS = (
    "basename",
    "bash",
    "cat",
    "cksum",
    "cp",
    "dirname",
    "env",
    "grep",
    "mkdir",
    "rm",
    "sh",
    "sleep",
    "tail",
    "touch",
    "uname",
)
LINUX_LIBRARIES = (
    "libEGL.so.1",
    "libGL.so.1",
    "libxkbcommon-x11.so.0",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxcb-keysyms.so.1",
    "libxcb-shape.so.0",
    "libdbus-1.so.3",
    "libfontconfig.so.1",
    "libgomp.so.1",
    "libglib-2.0.so.0",
)


class Machine:
    """A copy of the scripts in a path with spaces, and a PATH on which only a test puts things."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a studio"
        self.bin = folder / "bin"
        self.elsewhere = folder / "elsewhere"
        for made in (self.root, self.bin, self.elsewhere):
            made.mkdir()
        shutil.copytree(ROOT / "packaging", self.root / "packaging")
        shutil.copy(ROOT / "pyproject.toml", self.root)
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)
        self.has_libraries(*LINUX_LIBRARIES)

    def has(self, name: str, script: str) -> None:
        """Put a shell script on the PATH; `$0.log` is a good place for what it was called with."""
        self.write(self.bin / name, script)

    def has_libraries(self, *names: str) -> None:
        lines = "\n".join(f"\t{name} (libc6,x86-64) => /usr/lib/{name}" for name in names)
        self.has("ldconfig", f"cat <<'END'\n\tlibc.so.6 (libc6) => /lib/libc.so.6\n{lines}\nEND")

    def has_installation(self, python: str = 'printf "<%s>" "$@"') -> None:
        """A .venv that was installed for the present pyproject.toml."""
        venv = self.root / ".venv"
        self.write(venv / "bin" / "python", python)
        project = (self.root / "pyproject.toml").read_bytes() + (self.root / "packaging/constraints.txt").read_bytes()
        checksum = subprocess.run(["cksum"], input=project, capture_output=True, check=True).stdout.decode()
        (venv / "installed-base").write_text(f"{checksum.strip()} {self.root}\n")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        script = os.fspath(self.root / "packaging" / "run.sh")
        return subprocess.run(
            ["bash", script, *arguments],
            cwd=self.elsewhere,
            env={"PATH": os.fspath(self.bin), "HOME": os.fspath(self.elsewhere)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def write(self, path: Path, script: str) -> None:
        """Make an executable shell script."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_second_run_starts_at_once_and_says_nothing(machine: Machine) -> None:
    machine.has_installation()
    result = machine.run("shot", "vae/digits", "-o", "my picture.png")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"<{machine.root / 'main.py'}><shot><vae/digits><-o><my picture.png>"
    assert (result.stderr, result.returncode) == ("", 0)


def test_exit_code_is_that_of_the_program(machine: Machine) -> None:
    machine.has_installation("exit 2")
    assert machine.run().returncode == 2


# Stand-ins: a Python that writes down what it is called with, and installs an uv that does the same.
PYTHON = """
echo "$@" >>"$0.log"
case "$*" in
  *--target*) mkdir -p "$6/bin"; cp "$0.uv" "$6/bin/uv";;
  *sentence*) echo "some packages";;
esac
"""
UV = """
echo "$@" >>"{log}"
for word; do
  if [ "$previous" = --output-file ]; then echo "{lock}" >"$word"; fi
  previous=$word
done
"""


def _has_uv(machine: Machine, lock: str = "") -> Path:
    log = machine.elsewhere / "uv.log"
    machine.has_installation(PYTHON)
    machine.write(machine.root / ".venv/bin/python.uv", UV.format(log=log, lock=lock))
    return log


@pytest.mark.parametrize("changed", ["pyproject.toml", "packaging/constraints.txt"])
def test_changed_dependencies_are_installed(machine: Machine, changed: str) -> None:
    log = _has_uv(machine)
    with (machine.root / changed).open("a") as file:
        file.write("# changed\n")
    result = machine.run("list")
    assert result.returncode == 0, result.stderr
    assert "[3/4] Downloading and installing some packages." in result.stderr
    assert "Set-up is done. From now on it starts at once: bash packaging/run.sh" in result.stderr
    planned, installed, itself = log.read_text().splitlines()
    assert f"--constraints {machine.root}/packaging/constraints.txt" in planned
    assert installed.endswith(f"--requirements {machine.root}/.venv/pylock.toml")
    assert f"--no-deps --editable {machine.root}" in itself
    calls = (machine.root / ".venv/bin/python.log").read_text().splitlines()
    assert calls[-2:] == [f"{machine.root}/main.py kernels", f"{machine.root}/main.py list"]
    assert machine.run().stderr == ""


def test_kernels_whose_compiling_was_interrupted_are_compiled_the_next_time(machine: Machine) -> None:
    machine.has_installation(PYTHON)
    (machine.root / ".venv/uncompiled").touch()
    assert "not finished the last time" in machine.run("list").stderr
    assert machine.run("list").stderr == ""


def test_a_failed_installation_goes_on(machine: Machine) -> None:
    machine.has_installation("echo no network; exit 1")
    (machine.root / ".venv/installed-base").unlink()
    first = machine.run()
    assert first.returncode == 1
    assert "no network" in first.stderr
    assert "Run the same command again" in first.stderr
    second = machine.run()
    assert second.stderr.startswith("The last set-up did not finish: continuing with what was downloaded.\n")
    assert not (machine.root / ".venv").exists()


def test_pip_installs_with_the_same_pins_where_there_is_no_uv(machine: Machine) -> None:
    machine.has_installation('case "$*" in *--target*) exit 1;; *editable*) echo "$@" >"$0.log";; esac')
    (machine.root / ".venv/installed-base").unlink()
    result = machine.run()
    assert result.returncode == 0, result.stderr
    call = (machine.root / ".venv/bin/python.log").read_text()
    assert f"--constraint {machine.root}/packaging/constraints.txt --editable {machine.root}" in call


def test_cpu_build_is_tried_where_no_nvidia_card_is_found(machine: Machine) -> None:
    if Path("/proc/driver/nvidia/version").exists():
        pytest.skip("this machine has an NVIDIA card")
    log = _has_uv(machine, 'name = \\"nvidia-cublas\\"')
    (machine.root / ".venv/installed-base").unlink()
    result = machine.run()
    assert result.returncode == 0, result.stderr
    _, cpu, installed, _ = log.read_text().splitlines()
    assert "--torch-backend cpu" in cpu
    assert "pylock.cpu.toml" in installed
    assert not (machine.root / ".venv/uv").exists()


def test_no_fitting_python_is_one_sentence(machine: Machine) -> None:
    machine.has("python3", "exit 1")
    result = machine.run()
    assert result.returncode == 1
    assert result.stderr.startswith("Python 3.11, 3.12, 3.13 or 3.14 is needed")
    assert len(result.stderr.splitlines()) == 1


def test_missing_libraries_without_rights_is_one_line_to_type(machine: Machine) -> None:
    machine.has_libraries(*LINUX_LIBRARIES[2:])
    machine.has("id", "echo 1000")
    machine.has("apt-get", "exit 1")
    result = machine.run()
    assert result.returncode == 1
    assert result.stderr == "System packages are missing. Type: sudo apt-get install libegl1 libgl1\n"


def test_missing_libraries_are_installed_by_root(machine: Machine) -> None:
    machine.has_libraries(*LINUX_LIBRARIES[:-1])
    machine.has("id", "echo 0")
    machine.has("apt-get", 'echo "$@" >>"$0.log"')
    machine.has_installation()
    result = machine.run()
    assert result.stderr == "Installing system packages: libglib2.0-0\n"
    calls = (machine.bin / "apt-get.log").read_text().splitlines()
    assert calls == ["-qq update", "-qq -y --no-install-recommends install libglib2.0-0"]


def test_other_systems_are_told_which_libraries_to_install(machine: Machine) -> None:
    machine.has_libraries(*LINUX_LIBRARIES[1:])
    result = machine.run()
    assert result.returncode == 1
    assert result.stderr == "Some libraries are missing. Please install what is in these Debian packages: libegl1\n"
