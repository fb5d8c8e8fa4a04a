"""Outputs are written aside and renamed, so that a failed run leaves nothing behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from wangge_engine.frame.problems import refuse


class Outputs:
    """A set of files that appears as a whole when the block ends well, and not at all otherwise.

    The files are made in a hidden folder beside the target (same file system, so the rename is atomic
    for each file) and readable only by the owner, because they may hold personal data.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._aside: Path | None = None
        self._extra: list[tuple[Path, Path]] = []

    def __enter__(self) -> Self:
        if self.directory.exists() and not self.directory.is_dir():
            raise refuse(
                "out_not_a_folder", "输出位置不是文件夹", "the output is not a folder", str(self.directory)
            )
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        self._aside = Path(tempfile.mkdtemp(prefix=f".{self.directory.name}-", dir=self.directory.parent))
        return self

    @property
    def aside(self) -> Path:
        """The folder to write into."""
        assert self._aside is not None, "only inside the block"
        return self._aside

    def path(self, name: str) -> Path:
        """Where to write the file that will be ``directory/name``."""
        return self.aside / name

    def elsewhere(self, target: Path) -> Path:
        """Where to write a file that will be renamed to ``target``, outside the folder."""
        made = self.aside / f"_elsewhere{len(self._extra)}{target.suffix}"
        self._extra.append((made, target))
        return made

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for made, target in self._extra:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.move(made, target)
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                for made in sorted(self.aside.iterdir()):
                    if made.is_file():  # a database's spill folder is not an output
                        made.chmod(0o600)
                        made.replace(self.directory / made.name)
        finally:
            shutil.rmtree(self.aside, ignore_errors=True)


@contextmanager
def files_aside(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Where to write some files that appear under their names when the block ends well, and not at all otherwise.

    Readable only by the owner, because they may hold personal data. Refuses a target that is a folder.
    """
    for target in targets:
        if target.is_dir():
            raise refuse("out_is_a_folder", "输出位置是文件夹", "the output is a folder", str(target))
        target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{targets[0].name}-", dir=targets[0].parent) as folder:
        made = tuple(Path(folder) / f"{number}{target.suffix}" for number, target in enumerate(targets))
        yield made
        for path, target in zip(made, targets, strict=True):
            path.chmod(0o600)
            shutil.move(path, target)
