"""The demo prefecture: real county outlines, invented features inside them, in the files that offices send.

Pure Python without Django, the same shapes to the last bit every time. `make` invents the features, `write` puts them
into delivery files by other programs' writers, `examples` are the questions with the answers planned for them. Every
invented name says 示例. Real enterprises of the published plan appear as entries without any geometry.
"""

from loaders.demo.deliveries import (
    FIRST,
    NEVER_LOADED,
    OUTDATED,
    Confirmation,
    Delivery,
    confirmations,
    write,
)
from loaders.demo.examples import Example, examples
from loaders.demo.prefecture import Prefecture, make
from loaders.demo.row import Row

__all__ = [
    "FIRST",
    "NEVER_LOADED",
    "OUTDATED",
    "Confirmation",
    "Delivery",
    "Example",
    "Prefecture",
    "Row",
    "confirmations",
    "examples",
    "make",
    "write",
]
