"""Why a filter is refused, and where in it."""

import re

_UNUSABLE = re.compile(r"[\0\ud800-\udfff]")


class FilterRefused(ValueError):
    """`message` says why, in Chinese; `at`: the index of a character in the text, or a JSON pointer."""

    code = "filter_invalid"

    def __init__(self, message: str, at: int | str) -> None:
        super().__init__(message)
        self.message, self.at = message, at

    @property
    def place(self) -> str:
        """Characters are counted from 1."""
        return f"character {self.at + 1}" if isinstance(self.at, int) else self.at

    def told(self) -> str:
        """Place and reason in one sentence."""
        where = f"第 {self.at + 1} 个字符处" if isinstance(self.at, int) else f"{self.at} 处"
        return f"过滤条件{where}：{self.message}"


def shortened(text: object) -> str:
    """What was written, short enough to be told back."""
    told = str(text)
    return told if len(told) <= 40 else told[:40] + "…"


def require_storable(text: str, at: str | None = None) -> None:
    """Refuse the sign 0, which PostgreSQL's texts cannot hold, and half a sign, which is no text."""
    if found := _UNUSABLE.search(text):
        raise FilterRefused("有不能用的字符。", found.start() if at is None else at)
