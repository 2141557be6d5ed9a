"""AuditEntry, AuditHead: who did what and when, in a chain that shows what was altered (`spatial.audit`)."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """One entry. `said` is all of it, JSON as it was hashed; the other columns are read out of it by the database."""

    number = models.BigIntegerField(primary_key=True)
    said = models.TextField()
    digest = models.BinaryField()
    at = models.TextField()
    action = models.TextField()
    username = models.TextField(null=True)
    object = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "spatial_auditentry"
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"


class AuditHead(models.Model):
    """Where the chain ends: one row, raised with each entry by the database, which refuses all else."""

    one = models.BooleanField(primary_key=True)
    chain = models.UUIDField()
    number = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        managed = False
        db_table = "spatial_audithead"
        verbose_name = verbose_name_plural = "审计记录末端"

    def __str__(self) -> str:
        return str(self.number)
