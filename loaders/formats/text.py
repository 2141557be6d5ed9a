"""Bytes to text: which encoding a file is in, and full-width signs made half-width."""

from __future__ import annotations

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


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text and the name of its encoding: as asked, else byte order mark, strict UTF-8, GBK, GB18030.

    GB18030 holds GBK, so the narrower name is given when it is enough. Raises FileRefused.
    """
    if encoding:
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
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise refused(
                "encoding_unknown", f"没有名为 {name} 的编码。", "常用编码：utf-8、gbk、gb18030。"
            ) from error
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


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as half-width; for numbers and codes, not for names."""
    return text.translate(FULL_WIDTH)
