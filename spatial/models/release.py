"""What goes live together, and where every row came from: Release, Revision, Load, LoadIssue, Coverage."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField

from spatial.models.fields import IntMultiRangeField

STORAGE_SRID = 4490


class Release(models.Model):
    """A named batch of loads that is switched on as one (批次)."""

    class State(models.TextChoices):
        DRAFT = "draft", "待发布"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"

    name = models.CharField("批次", max_length=80, unique=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    note = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "数据批次"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Revision(models.Model):
    """A moment at which the published data changed; the number rises by one and is never reused."""

    class Kind(models.TextChoices):
        PUBLISH = "publish", "发布"
        UNPUBLISH = "unpublish", "撤回"
        CONFIRM = "confirm", "确认为空"
        EVENT = "event", "名录变动"

    number = models.IntegerField("版本号", primary_key=True)
    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="revisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "数据版本"
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class Load(models.Model):
    """One delivery of one layer, as one or several files said it.

    `counties`: those that it speaks for, "" for entries of no county. `whole`: it is all that they have in that layer;
    else live rows that it does not hold stay.
    """

    class State(models.TextChoices):
        RUNNING = "running", "装入中"
        STAGED = "staged", "待发布"
        LIVE = "live", "已发布"
        REPLACED = "replaced", "被同批次后一次装入替换"
        WITHDRAWN = "withdrawn", "已撤回"

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "原样装入"
        REPAIRED = "repaired", "修复后装入"
        QUARANTINED = "quarantined", "部分待处理"

    release = models.ForeignKey(Release, models.PROTECT, related_name="loads", verbose_name="批次")
    layer = models.CharField("图层", max_length=80)
    counties = ArrayField(models.CharField(max_length=6), verbose_name="县市")
    whole = models.BooleanField("全交", default=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.RUNNING)
    outcome = models.CharField("结果", max_length=12, choices=Outcome.choices, blank=True)
    file_name = models.CharField("文件", max_length=500)
    file_sha256 = models.CharField("文件指纹", max_length=64)
    crs = models.CharField("坐标系", max_length=40, blank=True)
    encoding = models.CharField("编码", max_length=40, blank=True)
    mapping_hash = models.CharField("字段对照指纹", max_length=64, blank=True)
    code_version = models.CharField("程序版本", max_length=40, blank=True)
    data_date = models.DateField("数据日期")
    base_revision = models.IntegerField("比较时的版本")
    rows_read = models.IntegerField("读取", default=0)
    rows_loaded = models.IntegerField("装入", default=0)
    rows_repaired = models.IntegerField("其中修复", default=0)
    rows_quarantined = models.IntegerField("待处理", default=0)
    rows_refused = models.IntegerField("拒收", default=0)
    rows_unchanged = models.IntegerField("与现有相同", default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "装入记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.layer} {self.file_name}"


class LoadIssue(models.Model):
    """What is wrong with a delivered row, where, and whose it is to mend."""

    load = models.ForeignKey(Load, models.CASCADE, related_name="issues")
    code = models.CharField("代码", max_length=60)
    severity = models.CharField("程度", max_length=12)
    row = models.IntegerField("行", null=True, blank=True)
    ring = models.IntegerField("圈号", null=True, blank=True)
    field = models.CharField("字段", max_length=80, blank=True)
    value = models.TextField("值", blank=True)
    message = models.TextField("问题")
    hint = models.TextField("怎么改", blank=True)
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    owner = models.CharField("由谁改", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "装入问题"
        ordering = ["load", "row", "id"]


class QuarantinedRow(models.Model):
    """A row that waits for a person, kept as it came."""

    load = models.ForeignKey(Load, models.CASCADE, related_name="quarantine")
    row = models.IntegerField("行")
    original = models.JSONField("原样")
    reason = models.TextField("原因")

    class Meta:
        verbose_name = verbose_name_plural = "待处理行"
        ordering = ["load", "row"]


class KeptRow(models.Model):
    """That a live row stays when a load goes live: the delivery holds it unchanged, or has no right to end it.

    Rows that differ from the live ones are features of the load itself.
    """

    pk = models.CompositePrimaryKey("load_id", "content")
    load = models.ForeignKey(Load, models.PROTECT, related_name="kept", db_index=False, db_constraint=False)
    content = models.BinaryField()


class LeftOut(models.Model):
    """That rows of a delivery wait which may lie in a county: nobody knows what they would have said there.

    Live (in `revisions`) from the delivery's publication to the next whole delivery of that layer and county.
    """

    layer = models.CharField("图层", max_length=80)
    county = models.CharField("县市", max_length=6)
    load = models.ForeignKey(Load, models.PROTECT, related_name="left_out", verbose_name="装入")
    rows = models.IntegerField("行数")
    revisions = IntMultiRangeField()

    class Meta:
        verbose_name = verbose_name_plural = "缺行"
        indexes = [models.Index(fields=["layer", "county"])]
        constraints = [
            models.UniqueConstraint(name="left_out_once_a_load_and_county", fields=["load", "county"])
        ]


class Coverage(models.Model):
    """That a layer is known for a county: loaded, or confirmed empty by a named person.

    No live row means the layer never came. `area` narrows the statement to a part of the county.
    """

    class State(models.TextChoices):
        LOADED = "loaded", "已入库"
        CONFIRMED_EMPTY = "confirmed_empty", "确认为空"

    layer = models.CharField("图层", max_length=80)
    county = models.CharField("县市", max_length=6)
    state = models.CharField("状态", max_length=16, choices=State.choices)
    data_date = models.DateField("数据日期")
    area = models.MultiPolygonField("覆盖范围", srid=STORAGE_SRID, null=True, blank=True)
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, verbose_name="批次")
    load = models.ForeignKey(Load, models.PROTECT, null=True, blank=True, verbose_name="装入")
    confirmed_by = models.CharField("确认人", max_length=120, blank=True)
    revisions = IntMultiRangeField()

    class Meta:
        verbose_name = verbose_name_plural = "图层覆盖"
        indexes = [models.Index(fields=["layer", "county"])]
        constraints = [
            models.CheckConstraint(
                name="coverage_empty_needs_a_person",
                condition=~models.Q(state="confirmed_empty") | ~models.Q(confirmed_by=""),
            )
        ]
