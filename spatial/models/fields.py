"""Column types that PostgreSQL has and Django does not."""

from __future__ import annotations

from typing import Any

from django.db import models


class IntMultiRangeField(models.Field):
    """A PostgreSQL `int4multirange`, read and written as psycopg's `Multirange`.

    It holds the revisions in which a row is current: {[5,9),[12,)} was live from revision 5 to 8, was
    taken back, and is live again since revision 12. The empty multirange is a row that waits beside the live data.
    """

    def db_type(self, connection: Any) -> str:
        return "int4multirange"
