"""Overlays as people ask for them and take them away."""
