"""Remark and Withdrawal: what people put beside an answer; the database refuses to change or delete them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from spatial.models.check import CheckRun


class Remark(models.Model):
    """An override by written decision (决定) or a dispute (异议) of one finding of an answer.

    `finding` names it: rule, layer, feature, county, gap. An override without `new_verdict` closes the finding.
    """

    class Kind(models.TextChoices):
        OVERRIDE = "override", "书面决定"
        DISPUTE = "dispute", "异议"

    check_run = models.ForeignKey(CheckRun, models.PROTECT, related_name="remarks", verbose_name="核查")
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    finding = models.JSONField("针对的结论")
    document_number = models.CharField("文号", max_length=120, blank=True)
    document_date = models.DateField("文件日期", null=True, blank=True)
    person = models.CharField("决定人", max_length=120, blank=True)
    reason = models.CharField("理由", max_length=2000)
    new_verdict = models.CharField("决定后的结论", max_length=24, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人")
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "决定与异议"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.document_number}".strip()


class Withdrawal(models.Model):
    """That a remark no longer stands (撤销), by whom and why; the remark itself stays."""

    remark = models.OneToOneField(
        Remark, models.PROTECT, related_name="withdrawal", verbose_name="决定或异议"
    )
    reason = models.CharField("理由", max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人")
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "撤销"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.remark}"
