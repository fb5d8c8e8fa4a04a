"""`./wangge lock`: the locks anew from pyproject.toml, with pins and hashes and no addresses.

Needs uv, which nothing else here does (`pip install uv`). Its own uv.lock names the registry of whoever made
it, so it is not committed; the exported requirements files name none.
"""

from __future__ import annotations

import shutil
import subprocess

from launcher.environment import BASE, DEV, NODE, PEERS, SPARK
from launcher.places import Places
from launcher.progress import Stage, Stop

EXPORTS = {
    BASE: ["--no-dev"],
    DEV: ["--only-group", "dev"],
    SPARK: ["--only-group", "spark"],
    NODE: ["--only-group", "node"],
    PEERS: ["--only-group", "peers"],
}


def relock(places: Places, upgrade: bool = False) -> None:
    """Resolve and export every lock; Stop where uv is missing or finds no solution."""
    uv = shutil.which("uv")
    if uv is None:
        raise Stop("需要 uv：pip install uv", "needs uv: pip install uv")
    steps = [["lock", *(["--upgrade"] if upgrade else [])]]
    steps += [
        ["export", "--no-header", "--no-emit-project", *chosen, "-o", lock]
        for lock, chosen in EXPORTS.items()
    ]
    with Stage("更新锁定文件", "making the locks"):
        for step in steps:
            done = subprocess.run(
                [uv, "--quiet", *step], cwd=places.checkout, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise Stop(f"uv {step[0]} 失败：{done.stderr[-400:]}", f"uv {step[0]} failed", 1)
