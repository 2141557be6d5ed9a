"""The models of the one Django app."""

from spatial.models.account import Account, ApiToken, LoginFailure
from spatial.models.area_overlay import AreaOverlay, OverlayShape
from spatial.models.audit import AuditEntry, AuditHead
from spatial.models.batch import Batch, BatchParcel
from spatial.models.case import Case, Delivery, Message, Receipt, Step
from spatial.models.check import CheckRun
from spatial.models.drawing import Drawing, LayerVersion
from spatial.models.feature import Feature, Site
from spatial.models.field_work import Draw, Inspection, Manifest
from spatial.models.job import Job
from spatial.models.recheck import Recheck, VerdictChange
from spatial.models.register import Attachment, Handled, Notice, SiteCode, SiteEvent
from spatial.models.release import (
    STORAGE_SRID,
    Coverage,
    KeptRow,
    LeftOut,
    Load,
    LoadIssue,
    QuarantinedRow,
    Release,
    Revision,
)
from spatial.models.remark import Remark, Withdrawal

__all__ = [
    "STORAGE_SRID",
    "Account",
    "ApiToken",
    "AreaOverlay",
    "Attachment",
    "AuditEntry",
    "AuditHead",
    "Batch",
    "BatchParcel",
    "Case",
    "CheckRun",
    "Coverage",
    "Delivery",
    "Draw",
    "Drawing",
    "Feature",
    "Handled",
    "Inspection",
    "Job",
    "KeptRow",
    "LayerVersion",
    "LeftOut",
    "Load",
    "LoadIssue",
    "LoginFailure",
    "Manifest",
    "Message",
    "Notice",
    "OverlayShape",
    "QuarantinedRow",
    "Receipt",
    "Recheck",
    "Release",
    "Remark",
    "Revision",
    "Site",
    "SiteCode",
    "SiteEvent",
    "Step",
    "VerdictChange",
    "Withdrawal",
]
