"""``python -m wangge_credential <command> ...``."""

import sys

from wangge_credential.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
