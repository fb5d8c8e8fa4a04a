"""Compiles the translations that changed; the compiling itself runs in the virtual environment, with Babel.

    python -m launcher.messages FOLDER     # every locale/*/LC_MESSAGES/*.po below it, to .mo beside it

A .mo newer than its .po is left alone. Exit 2, naming file and line, where a translation cannot be read.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from launcher.places import Places, locked
from launcher.progress import Stage, Stop


class BrokenTranslation(Exception):
    """A translation that cannot be used; says the file and the place."""


def stale(folder: Path) -> list[Path]:
    """The translations whose compiled form is missing or older."""
    found = []
    for source in sorted(folder.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns <= source.stat().st_mtime_ns:
            found.append(source)
    return found


def prepare(places: Places) -> None:
    """Have every translation compiled; starts the environment's Python only where one is not."""
    source = places.checkout / "src"
    if not stale(source):
        return
    with locked(places.home / "setup.lock"), Stage("编译译文", "compiling the translations"):
        done = subprocess.run(
            [str(places.python), "-m", "launcher.messages", str(source)],
            cwd=places.checkout,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise Stop(
            f"译文有误：{done.stderr[-300:]}", f"a translation cannot be read: {done.stderr[-300:]}", 1
        )


def compile_below(folder: Path) -> list[Path]:
    """Compile what is out of date; the files written."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    written = []
    for source in stale(folder):
        target = source.with_suffix(".mo")
        try:
            with source.open("rb") as file:
                catalogue = read_po(file, abort_invalid=True)
        except PoFileError as error:
            raise BrokenTranslation(f"{source}: {error}") from error
        for message, errors in catalogue.check():  # a lost %(name)s would fail only when the page is shown
            raise BrokenTranslation(f"{source}:{message.lineno}: {errors[0]}")
        aside = target.with_suffix(".mo.new")
        with aside.open("wb") as file:
            write_mo(file, catalogue)
        aside.replace(target)
        written.append(target)
    return written


def main(arguments: list[str]) -> int:
    """Entry."""
    try:
        compile_below(Path(arguments[0]))
    except BrokenTranslation as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
