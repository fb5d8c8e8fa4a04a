"""`python -m launcher`, the same as `./wangge`."""

import sys

from launcher.cli import main

sys.exit(main(sys.argv[1:]))
