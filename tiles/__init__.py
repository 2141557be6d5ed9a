"""Tiles, style and legend from the catalog: SQL and bytes, no Django."""
