"""Bytes to text: which encoding a file is in, and full-width signs made half-width."""

from __future__ import annotations

import codecs
import re

from loaders.record import refused

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    ord("【"): "[",
    ord("】"): "]",
    ord("。"): ".",
    ord("、"): ",",
}
SEPARATORS = {
    ord("，"): ",",
    ord("："): ":",
    ord("＝"): "=",
    ord("【"): "[",
    ord("】"): "]",
    ord("＠"): "@",
    0x3000: " ",
}
_HAN = re.compile(r"[\u3400-\u9fff]")
_FOUR_HAN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){4}")
"""Four Chinese characters in UTF-8. As GBK they are six that nobody writes, as 浣犲ソ is for 你好."""


NOT_FOR_TEXT = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
"""What Python calls encodings and nobody writes a file in; some fail on any text, some on a long one."""


def require_encoding(name: str) -> None:
    """Refuse an encoding that is none, or none of text. Raises FileRefused."""
    try:
        found = codecs.lookup(name)
        "".encode(name)
        is_fit = found.name not in NOT_FOR_TEXT
    except (LookupError, UnicodeError, ValueError):
        is_fit = False
    if not is_fit:
        said = f"没有名为“{name[:40]}”的文字编码。"
        raise refused("encoding_unknown", said, "常用编码：utf-8、gbk、gb18030，请用 --encoding 指明。")


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text and the name of its encoding: as asked, else byte order mark, strict UTF-8, GBK, GB18030.

    GB18030 holds GBK, so the narrower name is given when it is enough. A file in both is refused, for in the wrong
    one most Chinese text is other Chinese text and no error. Raises FileRefused.
    """
    if encoding:
        require_encoding(encoding)
        tried = [encoding]
    elif data.startswith(b"\xef\xbb\xbf"):
        tried = ["utf-8-sig"]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tried = ["utf-16"]
    else:
        tried = ["utf-8", "gbk", "gb18030"]
    for name in tried:
        try:
            text = data.decode(name)
        except UnicodeError:
            continue
        if not encoding and name in ("gbk", "gb18030"):
            _require_one(data)
        if "\0" in text:
            raise refused(
                "not_text", "文件里有空字符，不是文本文件。", "请核对文件是否损坏，或后缀名是否写错。"
            )
        return text, name
    raise refused(
        "encoding_unreadable",
        f"文件不是 {'、'.join(tried)} 编码的文本。",
        "请用 UTF-8 或 GB18030 另存，或用 --encoding 指明编码。",
    )


def _require_one(data: bytes) -> None:
    """Refuse a file that is not UTF-8 as a whole while a line of it is, or a run of Chinese characters."""
    found = _FOUR_HAN.search(data)
    row = data.count(b"\n", 0, found.start()) + 1 if found else _line_in_utf8(data)
    if row:
        raise refused(
            "encoding_mixed",
            f"文件里混有两种编码：第 {row} 行有 UTF-8，别处不是。",
            "请统一用一种编码另存后再提交；确认只是一种编码的，用 --encoding 指明。",
            row=row,
        )


def _line_in_utf8(data: bytes) -> int | None:
    """The first line with two Chinese characters or more that is UTF-8 by itself."""
    for row, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            if len(_HAN.findall(line.decode())) > 1:
                return row
        except UnicodeDecodeError:
            continue
    return None


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as half-width; for numbers and codes, not for names."""
    return text.translate(FULL_WIDTH)
