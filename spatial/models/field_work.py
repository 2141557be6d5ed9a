"""Manifest, Draw and Inspection: soil on its way between two points, and who looks at which site."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from spatial.models.feature import Site


class Manifest(models.Model):
    """Contaminated soil from a plot to a receiving site (污染土壤转运联单). Quantities in tonnes.

    `departed_t`, `received_t`: what was weighed at either end; none before. Every change of them is a Step.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "已报备"
        UNDERWAY = "underway", "运输中"
        RECEIVED = "received", "已接收"
        DIFFERS = "differs", "数量不符"
        CLOSED = "closed", "已办结"
        CANCELLED = "cancelled", "已取消"

    number = models.CharField("联单编号", max_length=40, unique=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="manifests", verbose_name="产生地块")
    receiver = models.CharField("接收单位", max_length=200)
    receiver_county = models.CharField("接收地县市", max_length=6, blank=True)
    soil = models.CharField("土壤类别", max_length=200)
    carrier = models.CharField("运输单位", max_length=200)
    vehicle = models.CharField("车辆", max_length=40)
    route = models.CharField("路线", max_length=1000)
    plan_document = models.CharField("转运计划备案文号", max_length=120)
    planned_t = models.DecimalField("计划数量 t", max_digits=12, decimal_places=3)
    departed_t = models.DecimalField("出场数量 t", max_digits=12, decimal_places=3, null=True, blank=True)
    received_t = models.DecimalField("接收数量 t", max_digits=12, decimal_places=3, null=True, blank=True)
    due = models.DateTimeField("应到时间")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.PLANNED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人")
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "转运联单"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number


class Draw(models.Model):
    """A draw of sites and inspectors (双随机). With `seed` and the lists anybody can draw the same again.

    `sites`, `inspectors`: all that could be drawn; `drawn`: site code → user names.
    """

    number = models.CharField("编号", max_length=40, unique=True)
    seed = models.CharField("种子", max_length=64)
    sites = ArrayField(models.CharField(max_length=80), verbose_name="候选地块")
    inspectors = ArrayField(models.CharField(max_length=150), verbose_name="候选人员")
    drawn = models.JSONField("抽取结果")
    counties = ArrayField(models.CharField(max_length=6), verbose_name="县市")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="抽取人")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "随机抽取"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number


class Inspection(models.Model):
    """One site that was drawn, until what was found there is mended (抽查)."""

    class State(models.TextChoices):
        DRAWN = "drawn", "待检查"
        FOLLOW_UP = "follow_up", "待整改"
        CLOSED = "closed", "已办结"

    number = models.CharField("编号", max_length=40, unique=True)
    draw = models.ForeignKey(Draw, models.PROTECT, related_name="inspections", verbose_name="抽取")
    site = models.ForeignKey(Site, models.PROTECT, related_name="inspections", verbose_name="地块")
    inspectors = ArrayField(models.CharField(max_length=150), verbose_name="检查人员")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAWN)

    class Meta:
        verbose_name = verbose_name_plural = "抽查"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number
