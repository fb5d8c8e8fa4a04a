"""Which column of a file is which canonical field."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wangge_engine.columns import load_schema, propose
from wangge_engine.frame.problems import refuse

FOLDER = Path(__file__).parent / "schemas"
BUILT_IN = sorted(path.stem for path in FOLDER.glob("*.toml"))
KINDS = ("zh", "western", "organisation", "encoded")


@dataclass(frozen=True)
class Schema:
    """Canonical fields in order, each with the headers that mean it; ``kind`` names the model used.

    ``contract`` names the platform's schema whose header matcher is asked about the columns left over.
    """

    name: str
    kind: str
    columns: dict[str, tuple[str, ...]]
    contract: str | None = None

    def mapping(self, headers: list[str], samples: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """Canonical field -> headers of this file (several are joined); each header serves one field."""
        by_key = {_key(header): header for header in reversed(headers)}
        found: dict[str, tuple[str, ...]] = {}
        taken: set[str] = set()
        for field, aliases in self.columns.items():
            header = next(
                (h for alias in (field, *aliases) if (h := by_key.get(_key(alias))) and h not in taken), None
            )
            if header is not None:
                found[field] = (header,)
                taken.add(header)
        if self.contract is None:
            return found
        left = [i for i, header in enumerate(headers) if header not in taken]
        proposals = propose(
            [headers[i] for i in left], [samples[i] for i in left], load_schema(self.contract)
        )
        told = frozenset(found)
        for proposal in proposals:
            if proposal.column in self.columns and proposal.column not in told:
                found[proposal.column] = (*found.get(proposal.column, ()), proposal.header)
        return found


def _key(header: str) -> str:
    return "".join(header.lower().split()).strip("*：:").replace("\ufeff", "")


def read_schema(name: str) -> Schema:
    """A built-in schema by name, or a TOML file with ``[columns]`` and ``base`` (a built-in name) or ``kind``."""
    path = FOLDER / f"{name}.toml" if name in BUILT_IN else Path(name)
    if path.suffix != ".toml" or not path.is_file():
        raise refuse(
            "unknown_schema",
            f"没有这个模式：{name}（内置：{'、'.join(BUILT_IN)}，或给一个 .toml 文件）",
            f"no schema {name} (built in: {', '.join(BUILT_IN)}; or give a .toml file)",
        )
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
        own = {
            field: (value,) if isinstance(value, str) else tuple(value)
            for field, value in body["columns"].items()
        }
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError) as error:
        raise refuse(
            "bad_schema", "模式文件读不出来", f"the schema file cannot be read: {error}", str(path)
        ) from error
    base = body.get("base")
    if base is not None:
        if base not in BUILT_IN:
            raise refuse("unknown_schema", f"没有内置模式 {base}", f"no built-in schema {base}", str(path))
        parent = read_schema(base)
        unknown = sorted(set(own) - set(parent.columns))
        if unknown:
            raise refuse(
                "unknown_field",
                f"没有这些字段：{unknown}",
                f"no such fields: {', '.join(unknown)}",
                str(path),
            )
        return Schema(path.stem, parent.kind, {**parent.columns, **own}, parent.contract)
    if body.get("kind") not in KINDS:
        raise refuse("bad_schema", f"kind 应为 {KINDS} 之一", f"kind must be one of {KINDS}", str(path))
    return Schema(path.stem, body["kind"], own, body.get("contract"))
