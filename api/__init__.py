"""The outside face: HTTP interface, console command, and what starts them."""

import loaders.gdal_settings  # noqa: F401  what GDAL may do is fixed before the first one starts
