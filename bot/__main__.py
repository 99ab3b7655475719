"""`python -m bot` is `vakhta`."""

import sys

from bot.cli import main

sys.exit(main())
