"""Migrations of the one app; they import neither the catalog nor the rules, which are living files."""
