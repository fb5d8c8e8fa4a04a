"""Whether every locked package has a wheel for a system we cannot try here. Run by hand; needs the network.

    ./wangge setup --dev && .wangge/venv/bin/python -m launcher.wheels

For each system and Python version, pip resolves each lock without installing: only wheels, only the locked
hashes. Exit 0 when all are found, 1 with the name of what is missing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import Marker

from launcher.environment import ORDER, SPARK
from launcher.places import CHECKOUT

# pip's name of the platform, and what the locks' markers mean there
SYSTEMS = {
    "macosx_14_0_arm64": {"sys_platform": "darwin", "platform_machine": "arm64", "platform_system": "Darwin"},
    "manylinux_2_28_x86_64": {
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "platform_system": "Linux",
    },
}
# pip widens macOS's name to older ones by itself, Linux's not
ALSO = {
    "manylinux_2_28_x86_64": ("manylinux_2_27_x86_64", "manylinux_2_24_x86_64", "manylinux_2_17_x86_64",
                              "manylinux_2_12_x86_64", "manylinux_2_5_x86_64", "manylinux2014_x86_64",
                              "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"),
}  # fmt: skip
PYTHONS = ("3.11", "3.12", "3.13")
# published as a source archive only; pure Python, built where it is installed
SOURCE_ONLY = {SPARK: {"pyspark"}}


def for_target(lock: str, system: str, python: str, without: set[str]) -> str:
    """The lock's pins that hold on the target, without their markers."""
    environment = {
        **SYSTEMS[system],
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    kept = []
    for pin in re.findall(r"^[A-Za-z0-9][^\n]*(?:\n +--hash[^\n]*)*", lock, re.MULTILINE):
        head, _, hashes = pin.partition("\\\n")
        name, _, marker = head.partition(" ; ")
        if name.split("==")[0] in without or (marker and not Marker(marker.strip()).evaluate(environment)):
            continue
        kept.append(f"{name.strip()} \\\n{hashes}")
    return "\n".join(kept) + "\n"


def missing(lock: str, system: str, python: str) -> str:
    """What pip says it cannot find, or ''."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "lock.txt"
        wanted.write_text(for_target(text, system, python, SOURCE_ONLY.get(lock, set())), encoding="utf-8")
        platforms = [word for name in (system, *ALSO.get(system, ())) for word in ("--platform", name)]
        tag = f"cp{python.replace('.', '')}"
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--ignore-installed",
             "--only-binary=:all:", "--require-hashes", "--ignore-requires-python", *platforms,
             "--python-version", python,
             "--implementation", "cp", "--abi", tag, "--abi", "abi3", "--abi", "none",
             "--target", f"{folder}/x", "-r", str(wanted)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return "" if done.returncode == 0 else "\n".join(errors) or done.stderr[-300:]


def main() -> int:
    """Try every system, Python and lock; one line each."""
    failed = 0
    for system in SYSTEMS:
        for python in PYTHONS:
            for lock in ORDER:
                problem = missing(lock, system, python)
                failed += bool(problem)
                sys.stdout.write(f"{system} {python} {lock}: {problem or 'ok'}\n")
                sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
