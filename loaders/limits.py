"""How much of a file is read at most; a file beyond one of these is refused and says which."""

from __future__ import annotations

import errno

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where a disk is full, or a file may not grow: no fault of what is read."""
FILE_BYTES = 200 * 1024 * 1024
UNPACKED_BYTES = 2 * 1024**3
UNPACKED_RATIO = 100
ARCHIVE_ENTRIES = 100
GEODATABASE_ENTRIES = 2_000
ROWS = 5_000_000
COLUMNS = 256
FIELD_BYTES = 64 * 1024
CELL_BYTES = 8 * 1024 * 1024
"""Of a CSV: a shape in WKT is longer than any text may be."""
FEATURE_VERTICES = 200_000
FILE_VERTICES = 20_000_000
SHEET_ROWS = 1_048_576
SHEET_CELLS = 10_000_000
SHEET_GAP = 1_000
"""Empty rows between two that say something."""
RASTER_PIXELS = 400_000_000
"""Columns times rows of an image."""
