"""Zip files that are the same for the same content: fixed dates, fixed order, nothing about the machine."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

DATE = (2000, 1, 1, 0, 0, 0)


def packed(members: Mapping[str, bytes], stored: tuple[str, ...] = ()) -> bytes:
    """Members in the order given; `stored` ones are not compressed (the mimetype of an OpenDocument file must not
    be)."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name, body in members.items():
            member = ZipInfo(name, DATE)
            member.compress_type = ZIP_STORED if name in stored else ZIP_DEFLATED
            member.create_system = 0
            member.external_attr = 0
            archive.writestr(member, body, compresslevel=9)
    return file.getvalue()


def repacked(zipped: bytes) -> bytes:
    """Another library's zip file with its dates fixed."""
    with ZipFile(BytesIO(zipped)) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()})
