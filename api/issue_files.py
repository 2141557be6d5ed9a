"""An issue list as a file to be sent on to the office that made the data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from fastapi import Response

from api.errors import Refused
from loaders.record import Issue
from loaders.report import write_issues

CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLES = {"csv": CSV, "xlsx": XLSX}


def issue_file(issues: Iterable[Issue], format: str, name: str, *, also: str = "") -> Response:
    """A list as csv or xlsx, kept as `name`; `also`: other formats of the route. Raises Refused (`format_unknown`)."""
    if format not in TABLES:
        raise Refused(f"没有 {format} 格式。", f"可用：{also}{'、'.join(TABLES)}。", code="format_unknown")
    with tempfile.TemporaryDirectory(prefix="jingtu-issues-") as folder:
        path = Path(folder, f"issues.{format}")
        write_issues(issues, path)
        headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
        return Response(path.read_bytes(), media_type=TABLES[format], headers=headers)
