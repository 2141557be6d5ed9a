"""Zips that would fill the disk, leave their folder, or hold something else than one delivery."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.corpus import zip_bytes
from tests.corpus.entry import World, Write, control, refused, rubbish
from tests.corpus.geojson_file import collection, plot
from tests.loaders import files

GOOD = collection(plot(0), plot(1)).encode()
NAMES = ("示例地块0", "示例地块1")


def zipped(*names: str, content: bytes = GOOD) -> Write:
    return lambda path, world: files.zipped(path, dict.fromkeys(names, content))


def to_bait(path: Path, world: World) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a.geojson")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, str(world.bait))


def out_to_bait(path: Path, world: World) -> None:
    files.zipped(path, {f"../../bait/{world.bait.name}": GOOD})


def nested(path: Path, world: World) -> None:
    inner = files.zipped(path.with_name("inner.zip"), {"a.geojson": GOOD}).read_bytes()
    files.zipped(path, {"inner.zip": inner})


def cut(path: Path, world: World) -> None:
    files.zipped(path, {"a.geojson": GOOD})
    path.write_bytes(path.read_bytes()[:-40])


def bomb(path: Path, world: World) -> None:
    files.zipped(path, {"a.geojson": b" " * 40_000_000})


def stream_of_rubbish(path: Path, world: World) -> None:
    files.zipped(path, {"a.geojson": GOOD})
    content = path.read_bytes()
    path.write_bytes(content[:45] + b"\xff" * 30 + content[75:])


def by_lzma(path: Path, world: World) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.geojson", GOOD)


def crowd(path: Path, world: World) -> None:
    files.zipped(path, {"a.geojson": GOOD, **{f"{number}.txt": b"" for number in range(20_000)}})


ENTRIES = (
    control("folder_in_zip.zip", zipped("资料/地块.geojson"), *NAMES),
    control("names_in_gbk.zip", zip_bytes.of(("地块.geojson".encode("gbk"), GOOD)), *NAMES),
    control(
        "beside_a_picture.zip",
        lambda path, world: files.zipped(path, {"a.geojson": GOOD, "说明.pdf": b"%PDF-1.7"}),
        *NAMES,
    ),
    refused("bomb.zip", bomb, "zip_too_large"),
    refused("says_4_gb.zip", zip_bytes.of((b"a.geojson", GOOD), stated_size=0xFFFFFFFE), "zip_too_large"),
    refused(
        "says_less_than_it_holds.zip", zip_bytes.of((b"a.geojson", GOOD), stated_size=10), "zip_unreadable"
    ),
    refused("nested.zip", nested, "zip_empty"),
    refused("out_of_its_folder.zip", out_to_bait, "zip_path"),
    refused("out_from_inside.zip", zipped("资料/../../a.geojson"), "zip_path"),
    refused("out_by_backslash.zip", zipped("..\\..\\a.geojson"), "zip_path"),
    refused("absolute.zip", zipped("/etc/cron.d/a.geojson"), "zip_path"),
    refused("drive_letter.zip", zipped("C:\\a.geojson"), "zip_path"),
    refused("link.zip", to_bait, "zip_link"),
    refused("with_password.zip", zip_bytes.of((b"a.geojson", GOOD), flags=1), "zip_encrypted"),
    refused("entries_20000.zip", crowd, "zip_too_many"),
    refused("name_twice.zip", zip_bytes.of((b"a.geojson", GOOD), (b"A.geojson", GOOD)), "zip_name_twice"),
    refused("wrong_check_sum.zip", zip_bytes.of((b"a.geojson", GOOD), crc=0), "zip_unreadable"),
    refused("stream_of_rubbish.zip", stream_of_rubbish, "zip_unreadable"),
    refused("packed_by_lzma.zip", by_lzma, "zip_method"),
    refused("cut.zip", cut, "zip_unreadable"),
    refused("two_deliveries.zip", zipped("a.geojson", "b.geojson"), "zip_several"),
    refused("nothing_in_it.zip", zipped(), "zip_empty"),
    refused("only_a_drawing.zip", zipped("a.dwg"), "zip_empty"),
    refused("rubbish.zip", rubbish("zip", head=b"PK\x03\x04"), "zip_unreadable"),
)
