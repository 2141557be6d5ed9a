"""The one Django app of the project."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class SpatialConfig(AppConfig):
    name = "spatial"
    label = "spatial"
    verbose_name = "净土"

    def ready(self) -> None:
        post_save.connect(_record, sender="admin.LogEntry", dispatch_uid="audit")


def _record(instance: Any, **_: Any) -> None:
    """What is changed in the admin: accounts, passwords, tokens."""
    from spatial import audit

    audit.record("account", instance.user_id, instance.object_repr, change=instance.get_change_message())
