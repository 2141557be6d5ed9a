"""An issue list on the terminal: where, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable

from loaders.record import Issue

SEVERITIES = {"error": "错误", "warning": "提醒", "notice": "说明"}


def print_issues(issues: Iterable[Issue]) -> None:
    """One line an issue, in the order of the file."""
    for issue in issues:
        where = "、".join(
            part
            for part in (
                f"第 {issue.row} 行" if issue.row else "",
                f"第 {issue.ring} 圈" if issue.ring else "",
                issue.field or "",
            )
            if part
        )
        place = f"（{issue.place[0]:.6f}, {issue.place[1]:.6f}）" if issue.place else ""
        told = f"{where}：{issue.message}" if where else issue.message
        print(f"  [{SEVERITIES[issue.severity]}] {told}{place} {issue.hint}".rstrip())
