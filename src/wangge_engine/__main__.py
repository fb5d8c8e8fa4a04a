"""``python -m wangge_engine <analysis> ...``."""

import sys

from wangge_engine.frame.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
