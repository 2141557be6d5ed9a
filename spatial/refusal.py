"""What cannot be done, and why: one exception for registers, cases, manifests, inspections and attachments."""

from __future__ import annotations


class Refusal(Exception):
    """Something that cannot be. The message says why and `hint` what to do, both in Chinese; `code` is for programs.

    `conflict`: what is on record stands against it; else it is wrong in itself.
    """

    def __init__(self, code: str, message: str, hint: str, *, conflict: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.conflict = conflict
