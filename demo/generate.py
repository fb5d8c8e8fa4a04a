"""Command: python -m demo.generate --scale village --seed 1 --out DIR [--as-of DATE] [--json]."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from demo.district import generate, to_stderr
from demo.scales import AS_OF, SCALES


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and make the district; exit status 0."""
    parser = argparse.ArgumentParser(prog="python -m demo.generate", description=__doc__)
    parser.add_argument("--scale", choices=tuple(SCALES), default="town")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, metavar="YYYY-MM-DD")
    parser.add_argument("--harsh", action="store_true", help="records far less complete")
    parser.add_argument("--json", action="store_true", help="print the manifest on standard output")
    options = parser.parse_args(arguments)
    manifest = generate(
        options.scale, options.seed, options.out, to_stderr, options.as_of, harsh=options.harsh
    )
    if options.json:
        sys.stdout.write(json.dumps(manifest.as_dict(), ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
