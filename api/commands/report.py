"""出具报告 / the stored answer of a check as a document, by suffix: .pdf .docx .xlsx .gpkg .geojson .json .zip

.zip holds the PDF and its detached signature (JINGTU_SIGNING_KEY). Nothing is computed again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from api.commands.check import usage_error
from api.errors import NotFound
from api.reports import FORMATS, own_address, paper
from spatial import audit
from spatial.models import CheckRun
from spatial.remarks import with_remarks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("check", metavar="CHECK", help="核查编号或标识，例如 JT-652301-20261126-000001")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="报告：" + " ".join(f".{one}" for one in FORMATS),
    )


def _named(check: str) -> Q:
    """By number, or by the id that the API tells."""
    try:
        return Q(pk=UUID(check))
    except ValueError:
        return Q(number=check)


def run(arguments: argparse.Namespace) -> int:
    out: Path = arguments.out
    format = out.suffix.lower().removeprefix(".")
    if format not in FORMATS or not out.absolute().parent.is_dir():
        suffixes = " ".join(f".{one}" for one in FORMATS)
        raise SystemExit(usage_error(f"--out 应为已有文件夹中的 {suffixes}：{out}"))
    found = CheckRun.objects.filter(_named(arguments.check)).select_related("asked_by").first()
    if found is None:
        raise NotFound(f"没有核查 {arguments.check}。", "请核对编号。", code="number_unknown")
    with transaction.atomic():
        made = paper(format, found, with_remarks(found), None, own_address())
        audit.record("report", None, found.number, counties=found.counties, format=format)
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(made)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    print(f"{found.number}：{out}")
    return 0
