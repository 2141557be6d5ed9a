"""What a test and the process that it leads both know; nothing is imported here that would start a Django."""

from __future__ import annotations

from typing import Any

BEFORE_COMMIT, AFTER_COMMIT = "before commit", "after commit"
NAME = "jingtu under test"
"""How the database knows the processes that are led."""


def run(*given: Any) -> None:
    from tests.faults import child  # in the new process alone: it has settings of its own

    child.run(*given)
