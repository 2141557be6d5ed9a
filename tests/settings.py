"""Settings for the tests: the real ones, with a home of their own that goes when the session ends."""

import os
import tempfile
from pathlib import Path

# 0755: when root runs the tests, the database's own account must be able to enter.
TEST_HOME = Path(tempfile.mkdtemp(prefix=f"jingtu-test-{os.getpid()}-"))
TEST_HOME.chmod(0o755)
os.environ["JINGTU_HOME"] = str(TEST_HOME)

from spatial.settings import *  # noqa: E402, F403
