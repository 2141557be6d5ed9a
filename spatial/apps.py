"""The one Django app of the project."""

from django.apps import AppConfig


class SpatialConfig(AppConfig):
    name = "spatial"
    label = "spatial"
    verbose_name = "净土"
