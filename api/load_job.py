"""Deliveries that come over HTTP: kept until their job ends, then loaded by the function that `jingtu load` calls.

Their files are opened and read in a bounded child; this process, which has the database, only hears what is in them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import UploadFile

from api.errors import Refused
from api.jobs import Progress, folder_of
from loaders import sandbox
from loaders.pipeline import load
from spatial.models import Job

LONGEST_NAME = 120
MOST_FILES = 100
MOST_ISSUES = 5000
"""Issues that a job's own result names; all of a committed load stand at /loads/{id}/issues."""
BESIDE = frozenset({".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".xml"})
"""What lies beside a .shp."""
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:]")


def keep(folder: Path, uploads: Sequence[UploadFile]) -> list[str]:
    """Write the files of a request into a folder, under names that no path can be made of; the names."""
    return [_keep(upload, folder) for upload in uploads]


def load_files(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a job of kind `load`; its result is the document of `jingtu load --json`."""
    given, folder = job.given, folder_of(job.pk)
    paths = [folder / name for name in given["files"]]
    last: tuple[str, int, int | None] = ("reading", 0, None)

    def tell(stage: str, done: int, total: int | None) -> None:
        nonlocal last
        last = stage, done, total
        progress(*last)

    # While the child is waited for the job can be cancelled all the same.
    with sandbox.opening(waiting=lambda: progress(*last)) as opening:
        result = load(
            _deliveries(paths),
            job.layer,
            county=given["county"],
            release=given["release"],
            crs=given["crs"],
            encoding=given["encoding"],
            commit=given["commit"],
            data_date=date.fromisoformat(given["data_date"]) if given["data_date"] else None,
            source_layer=given.get("source_layer"),  # a job from before an update has none
            by=job.by,
            progress=tell,
            opening=opening,
        )
    told = result.as_json()
    return {**told, "issues": told["issues"][:MOST_ISSUES], "issues_in_all": len(told["issues"])}


def _keep(upload: UploadFile, folder: Path) -> str:
    given = (upload.filename or "").replace("\\", "/").rpartition("/")[2]
    suffix = UNSAFE.sub("", Path(given).suffix)[:20]
    stem = UNSAFE.sub("", Path(given).stem).strip(". ").encode(errors="ignore")[:LONGEST_NAME]
    name = f"{stem.decode(errors='ignore') or 'upload'}{suffix}"
    try:
        target = (folder / name).open("xb")
    except FileExistsError:
        message = f"两个文件都叫 {name}。"
        raise Refused(message, "请改成不同的文件名。", code="file_twice") from None
    with target:
        shutil.copyfileobj(upload.file, target)
    return name


def _deliveries(paths: list[Path]) -> list[Path]:
    """The files to read: the parts of a Shapefile that were sent one by one belong to their .shp."""
    if not any(path.suffix.lower() == ".shp" for path in paths):
        return paths
    return [path for path in paths if path.suffix.lower() not in BESIDE]
