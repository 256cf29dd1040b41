"""Run Mergeline as `python -m mergeline`."""

import sys

from mergeline.cli import main

sys.exit(main())
