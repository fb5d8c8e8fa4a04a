"""What some tests need of the machine, and how to get it."""

from __future__ import annotations

import os
import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def shared_data_folder() -> Path:
    return Path(os.environ.get("WANGGE_TEST_DATA", ROOT.parent / "shared" / "data"))


def chromium() -> str | None:
    return os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@cache
def missing(what: str) -> str:
    """Why a test marked `what` cannot run here, with the remedy; empty when it can."""
    if what == "browser" and chromium() is None:
        return "needs Chromium: apt install chromium fonts-noto-cjk (or set WANGGE_CHROMIUM)"
    if what == "shared_data" and not shared_data_folder().is_dir():
        return f"needs the shared data in {shared_data_folder()}: set WANGGE_TEST_DATA to its folder"
    if what == "spark":
        if shutil.which("java") is None:
            return "needs Java 17: apt install openjdk-17-jre-headless"
        spark_home = Path(os.environ.get("WANGGE_HOME", ROOT / ".wangge")) / "venv-spark"
        if find_spec("pyspark") is None and not spark_home.exists():
            return "needs Spark: pip install --require-hashes -r requirements-spark.lock"
    return ""
