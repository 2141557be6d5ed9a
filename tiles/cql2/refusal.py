"""Why a filter is refused, and where in it."""

import re

_UNUSABLE = re.compile(r"[\0\ud800-\udfff]")


class FilterRefused(ValueError):
    """`message` in Chinese, `english` the same; `at`: the index of a character in the text, or a JSON pointer."""

    code = "filter_invalid"

    def __init__(self, message: str, english: str, at: int | str) -> None:
        super().__init__(message)
        self.message, self.english, self.at = message, english, at

    @property
    def place(self) -> str:
        """Characters are counted from 1."""
        return f"character {self.at + 1}" if isinstance(self.at, int) else self.at

    def told(self) -> tuple[str, str]:
        """Place and reason in one sentence, in Chinese and in English."""
        if isinstance(self.at, int):
            where, there = f"第 {self.at + 1} 个字符处", f"at character {self.at + 1}"
        else:
            where, there = f"{self.at} 处", f"at {self.at}"
        return f"过滤条件{where}：{self.message}", f"The filter is wrong {there}: {self.english}"


def shortened(text: object) -> str:
    """What was written, short enough to be told back."""
    told = str(text)
    return told if len(told) <= 40 else told[:40] + "…"


def require_storable(text: str, at: str | None = None) -> None:
    """Refuse the sign 0, which PostgreSQL's texts cannot hold, and half a sign, which is no text."""
    if found := _UNUSABLE.search(text):
        raise FilterRefused(
            "有不能用的字符。", "a character cannot be used.", found.start() if at is None else at
        )
