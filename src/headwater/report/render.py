"""From a released document to a file, in any of the five formats."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from headwater.domain.errors import Failed, one_of
from headwater.report.content import paper
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.domain.release import Document, Released
    from headwater.report.content import Paper

FORMATS = ("html", "pdf", "docx", "xlsx", "ods")


def render(released: Released[Document], format: str, file: Path) -> Path:
    """Write a released document. The same document gives the same bytes; the file is swapped in whole.

    Raises Usage for a format there is not, DisclosureBlock for content that was not released.
    """
    if format not in FORMATS:
        raise one_of("There is no such report format.", format, FORMATS)
    write_atomically(file, _writer(format)(paper(released)))
    return file


def _writer(format: str) -> Callable[[Paper], bytes]:
    try:
        writer: Callable[[Paper], bytes] = import_module(f"headwater.report.{format}").write
    except ModuleNotFoundError as gap:
        raise Failed(
            f"The {format} format needs a library that is not installed.",
            given=gap.name or format,
            next_step="install Headwater with its report extra: headwater[report]",
        ) from None
    return writer
