"""How far a load is, for the person at the terminal: a bar with rate and time left, or plain lines in a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

STAGES = {
    "reading": "打开文件",
    "images": "存影像",
    "rows": "读取",
    "comparing": "比较",
    "writing": "写入",
    "checking": "核查",
    "tiles": "瓦片",
}
UNITS = {"tiles": "片"}
WIDTH = 30
BAR_S, LINE_S = 0.2, 10.0


class ProgressBar:
    """A progress callback that draws on standard error, so that standard output keeps the result alone."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._is_terminal = self._out.isatty()
        self._started = time.monotonic()
        self._next = self._started + (0 if self._is_terminal else LINE_S)
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now < self._next and (stage == self._stage or not self._is_terminal):
            return
        self._stage, self._next = stage, now + (BAR_S if self._is_terminal else LINE_S)
        line = told(stage, done, total, now - self._started)
        self._out.write(f"\r\x1b[K{line}" if self._is_terminal else f"{line}\n")
        self._out.flush()

    def close(self) -> None:
        """Leave the line clean for what follows."""
        if self._is_terminal and self._stage:
            self._out.write("\r\x1b[K")
            self._out.flush()


def told(stage: str, done: int, total: int | None, seconds: float) -> str:
    """One line: stage, bar, rows, rows a second, time left where the number of rows is known."""
    rate = done / seconds if seconds > 0 else 0.0
    unit = UNITS.get(stage, "行")
    parts = [STAGES.get(stage, stage)]
    if total:
        share = min(done / total, 1.0)
        filled = int(share * WIDTH)
        parts.append(f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {done}/{total} {unit}")
    elif done:
        parts.append(f"{done} {unit}")
    if done:
        parts.append(f"{rate:.0f} {unit}/秒")
    if total and rate and done < total:
        left = round((total - done) / rate)
        parts.append(f"还需 {left // 60} 分 {left % 60:02d} 秒" if left >= 60 else f"还需 {left} 秒")
    return " ".join(parts)
