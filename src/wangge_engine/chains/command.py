"""``wangge engine chains``: dated contacts and roots in; everybody reachable in time out, with steps and dates."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from wangge_engine.chains import intake, tracing
from wangge_engine.chains.reach import Chains, Ints
from wangge_engine.frame.instants import Clock
from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.plots import plot_argument, require_known_picture
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Rejects

COLUMNS = ("root", "node", "distance", "first_date", "last_date")
OUTPUTS = (".csv", ".parquet")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--contacts", type=Path, required=True, metavar="FILE", help="source, destination, date"
    )
    parser.add_argument("--roots", type=Path, required=True, metavar="FILE", help="root[, from, to]")
    parser.add_argument(
        "--direction", required=True, choices=("in", "out"),
        help="in: who could have infected the root; out: whom it could have infected",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="since", metavar="DATE", help="first day of the window, where a root has none"
    )
    parser.add_argument(
        "--to", dest="until", metavar="DATE", help="last day of the window, where a root has none"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the chains: .csv or .parquet"
    )
    parser.add_argument("--sizes", type=Path, metavar="FILE", help="root, direct, chain: .csv or .parquet")
    parser.add_argument("--tz", metavar="ZONE", help="of contacts with a clock (default: Asia/Shanghai)")
    plot_argument(parser, "chain diagram of the root with the longest chain (or the only one)")


def run(args: Namespace) -> dict[str, Any]:
    """Trace; the report says what was read, how many chains, how long and deep."""
    for path in (args.out, args.sizes):
        if path is not None and path.suffix.lower() not in OUTPUTS:
            raise refuse(
                "unknown_format", "只能写 .csv、.parquet", "the output is .csv or .parquet", str(path)
            )
    require_known_picture(args.plot)
    clock, window = Clock.of(args.tz), (_date(args.since, "--from"), _date(args.until, "--to"))
    if window[0] and window[1] and window[1] < window[0]:
        raise refuse("end_before_start", "--to 早于 --from", "--to is before --from", "--to")
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    aside = args.rejects or args.out.with_name(f"{args.out.stem}.rejects.csv")
    targets = [args.out, aside, *(path for path in (args.sizes, args.plot) if path)]
    with files_aside(*targets) as made:
        with stages.stage("read"):
            table = intake.read_roots(args.roots)
            network = intake.read_network(args.contacts, clock, rejects, table["root"])
            roots = intake.place_roots(table, network, window, clock, (args.roots.name, rejects))
        words = _Words(network, roots)
        if args.strict:
            rejects.require_none()
        size = np.zeros(len(roots.node), dtype=np.int64)
        deepest = 0
        follow = tracing.ingoing if args.direction == "in" else tracing.outgoing
        shown = _Shown()
        with stages.stage("trace and write"), _writer(made[0], words.plain) as write:
            for found in follow(network.contacts, roots):
                size += np.bincount(found.root, minlength=len(size))
                deepest = max(deepest, int(found.distance.max(initial=0)))
                for part in _parts(found):
                    write(words.rows(part))
                if args.plot:
                    shown.look(found, size)
        if args.sizes:
            direct = tracing.direct(network.contacts, roots, ingoing=args.direction == "in")
            with _writer(made[2], words.plain) as write:
                told = {"root": words.name(roots.node), "direct": ints(direct), "chain": ints(size)}
                write(pa.table(told))
        rejects.write(made[1])
        if args.plot:
            from wangge_engine.chains.plot import draw

            draw(made[-1], network, roots, shown.chains, ingoing=args.direction == "in")
    return {
        "analysis": "chains",
        "direction": args.direction,
        "contact_rows": network.rows,
        "with_oneself": network.with_oneself,
        "different_contacts": len(network.contacts.day),
        "nodes": len(network.names),
        "roots": len(roots.node),
        "rows": int(size.sum()),
        "longest_chain": int(size.max(initial=0)),
        "mean_chain": round(float(size.mean()), 4) if len(size) else 0.0,
        "roots_without_chain": int(np.count_nonzero(size == 0)),
        "most_steps": deepest,
        "rejects": rejects.counts(),
        "stages": stages.report(),
        "peak_memory_mb": peak_memory_mb(),
    }


def _date(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refuse("bad_date", "日期写作 2026-11-22", "write a date as 2026-11-22", option) from error


AT_ONCE = 500_000  # rows written at once


def _parts(found: Chains) -> Iterator[Chains]:
    for begin in range(0, len(found.root), AT_ONCE):
        own = slice(begin, begin + AT_ONCE)
        yield Chains(found.root[own], found.node[own], found.distance[own], found.first[own], found.last[own])


def ints(values: Ints) -> pa.Array:
    """Numbers as an arrow array, without a detour over pandas."""
    held = np.ascontiguousarray(values, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(held), [None, pa.py_buffer(held)])


def texts(values: Sequence[str]) -> pa.Array:
    """Texts as an arrow array, without a detour over pandas."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers).cast(pa.string())


class _Words:
    """Numbers back into names and dates."""

    def __init__(self, network: intake.Network, roots: intake.Roots) -> None:
        self.names, self.roots = texts(network.names), roots
        self.days = texts([one.isoformat() for one in network.dates])
        self.extra = {name: texts(values) for name, values in roots.extra.items()}
        told = [*network.names, *roots.extra, *(text for values in roots.extra.values() for text in values)]
        self.plain = not any(_ODD & set(text) for text in told)

    def name(self, node: Ints) -> pa.Array:
        return self.names.take(ints(node))

    def rows(self, found: Chains) -> pa.Table:
        told = {
            "root": self.name(self.roots.node[found.root]),
            "node": self.name(found.node),
            "distance": ints(found.distance),
            "first_date": self.days.take(ints(found.first)),
            "last_date": self.days.take(ints(found.last)),
        }
        for name, values in self.extra.items():
            told[name if name not in told else f"root_{name}"] = values.take(ints(found.root))
        return pa.table(told)


_ODD = set(',"\r\n')


@contextmanager
def _writer(path: Path, plain: bool) -> Iterator[Callable[[pa.Table], None]]:
    """Rows are written as they come; dates of a Parquet file are dates."""
    held: list[Any] = []
    sink: list[Any] = []

    def csv_head(table: pa.Table) -> None:
        sink.append(path.open("wb"))
        cells = [
            f'"{name.replace(chr(34), chr(34) * 2)}"' if _ODD & set(name) else name
            for name in table.column_names
        ]
        sink[0].write((",".join(cells) + "\n").encode())

    def csv(table: pa.Table) -> None:
        if not held:
            options = pacsv.WriteOptions(include_header=False, quoting_style="none" if plain else "needed")
            csv_head(table)
            held.append(pacsv.CSVWriter(sink[0], table.schema, write_options=options))
        held[0].write_table(table)

    def parquet(table: pa.Table) -> None:
        import pyarrow.parquet as pq  # only where it is asked for: a tenth of the start

        for name in ("first_date", "last_date"):
            if name in table.column_names:
                at = table.column_names.index(name)
                table = table.set_column(at, name, table[name].cast(pa.date32()))
        if not held:
            held.append(pq.ParquetWriter(path, table.schema, compression="zstd"))
        held[0].write_table(table)

    write = parquet if path.suffix.lower() == ".parquet" else csv
    try:
        yield write
        if not held:
            write(pa.table({name: texts([]) for name in COLUMNS}))
    finally:
        for one in (*held, *sink):
            one.close()


class _Shown:
    """The chain of the root with the longest one so far, for the picture."""

    def __init__(self) -> None:
        self.chains: Chains | None = None

    def look(self, found: Chains, size: Ints) -> None:
        many = np.bincount(found.root, minlength=len(size))
        best = int(many.argmax()) if len(many) else 0
        if self.chains is None or (len(many) and many[best] > len(self.chains.node)):
            own = found.root == best
            self.chains = Chains(
                found.root[own], found.node[own], found.distance[own], found.first[own], found.last[own]
            )
