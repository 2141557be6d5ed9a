"""From files to a load, and from a file to parcels: the whole way in one place."""

from __future__ import annotations

from loaders.parcels import ParcelFile, ParcelIn, read_parcels

__all__ = ["ParcelFile", "ParcelIn", "read_parcels"]
