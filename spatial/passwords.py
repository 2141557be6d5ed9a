"""What a password may not be made of: the words that everybody here would try first."""

from __future__ import annotations

from django.core.exceptions import ValidationError

WORDS = (
    "jingtu", "净土", "changji", "昌吉", "xinjiang", "新疆", "huanbao", "环保", "ziranziyuan", "guotu",
    "password", "admin",
)  # fmt: skip
"""Names of the system, the place and the offices, in characters and in pinyin."""
LEAST_BESIDE = 8
"""So many signs beside such a word make a password of their own."""


class LocalWords:
    """Refuses a password that is little more than one of WORDS (ASVS 5.0 6.2.11)."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        left = password.lower()
        for word in WORDS:
            left = left.replace(word, "")
        if len(left) < min(len(password), LEAST_BESIDE):
            raise ValidationError("密码主要由系统、地名或单位名称组成，请换一个。", code="local_word")

    def get_help_text(self) -> str:
        return "密码不能主要由系统、地名或单位名称组成。"
