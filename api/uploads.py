"""A file that somebody hands in over HTTP: read in the bounded child, never in the server's own process."""

from __future__ import annotations

from django.conf import settings

from loaders import sandbox
from loaders.parcels import ParcelFile


def read_upload(content: bytes, name: str, crs: str | None = None) -> ParcelFile:
    """The parcels of a file and everything that is wrong with it, within JINGTU_READ_SECONDS of work."""
    seconds = max(1, settings.JINGTU_READ_SECONDS)
    bounds = sandbox.Limits(cpu_s=seconds, wall_s=2 * seconds)
    return sandbox.read_parcels(content, name, crs=crs, bounds=bounds)
