"""The pairs of `overlay_pairs` worked out by PostGIS alone, set by set: the independent second opinion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from django.db import connection, transaction

from spatial.batch.pairs import LEAST_DEG2, Pairs

_SQL = (Path(__file__).parents[1] / "sql" / "pairs.sql").read_text()


def overlay_postgis(parcels: np.ndarray, zones: np.ndarray) -> Pairs:
    """The overlapping pairs and their areas in square degrees, from temporary tables that go with the transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name, shapes in (("batch_parcel", parcels), ("batch_zone", zones)):
            cursor.execute(f"CREATE TEMPORARY TABLE {name} (at integer, geom geometry) ON COMMIT DROP")
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in enumerate(shapely.to_wkb(shapes, hex=True)):
                    copy.write_row(row)
            cursor.execute(f"CREATE INDEX ON {name} USING gist (geom)")
            cursor.execute(f"ANALYZE {name}")
        cursor.execute(_SQL, [LEAST_DEG2])
        rows = cursor.fetchall()
    found = np.array(rows, dtype=float).reshape(-1, 3)
    return Pairs(found[:, 0].astype(int), found[:, 1].astype(int), found[:, 2])
