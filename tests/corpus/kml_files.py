"""KML and KMZ that lead elsewhere, that grow while they are read, or that came from a web map."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.entry import World, Write, control, data, held, loaded, refused, square
from tests.loaders import files

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def ring(number: int) -> str:
    return " ".join(f"{x},{y},0" for x, y in square(number))


def placemark(number: int, coordinates: str = "", name: str = "") -> str:
    shape = coordinates or ring(number)
    return (
        f"<Placemark><name>{name or f'示例地块{number}'}</name><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{shape}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )


def kml(body: str, head: str = HEAD) -> bytes:
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'.encode()


def with_dtd(declarations: str) -> Write:
    def write(path: Path, world: World) -> None:
        said = declarations.format(bait=world.bait.as_uri(), url=world.url)
        path.write_bytes(kml(placemark(0, name="&a;"), f"{HEAD}<!DOCTYPE kml [{said}]>"))

    return write


def linked(path: Path, world: World) -> None:
    link = f"<NetworkLink><Link><href>{world.url}/a.kml</href></Link></NetworkLink>"
    overlay = f"<GroundOverlay><Icon><href>{world.bait.as_uri()}</href></Icon></GroundOverlay>"
    path.write_bytes(kml(placemark(0) + link + overlay))


def included(path: Path, world: World) -> None:
    body = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{world.bait.as_uri()}" parse="text"/>'
    )
    path.write_bytes(kml(placemark(0) + body))


def kmz(**members: bytes) -> Write:
    return lambda path, world: files.zipped(path, {f"{name}.kml": part for name, part in members.items()})


PLAIN = kml(placemark(0) + placemark(1))
LAUGHS = (
    "<!ENTITY b0 'ha'>"
    + "".join(f"<!ENTITY b{n} '{f'&b{n - 1};' * 10}'>" for n in range(1, 10))
    + "<!ENTITY a '&b9;'>"
)

ENTRIES = (
    control("plain.kml", data(PLAIN), "示例地块0", "示例地块1"),
    control("plain.kmz", kmz(doc=PLAIN), "示例地块0", "示例地块1"),
    loaded("linked.kml", linked, 1, told=["links_ignored"]),
    loaded("included.kml", included, 1, told=["origin_unknown"]),
    loaded(
        "gcj02.kml",
        data(kml("<description>高德地图导出</description>" + placemark(0))),
        1,
        told=["origin_suspected"],
    ),
    held(
        "coordinates_of_words.kml",
        data(kml(placemark(0) + placemark(1, "东经87 北纬44"))),
        "coordinate_unreadable",
    ),
    held(
        "nan.kml",
        data(kml(placemark(0) + placemark(1, "87.30,44.01 nan,44.01 87.31,44.02 87.30,44.01"))),
        "not_finite",
    ),
    held(
        "not_closed.kml",
        data(kml(placemark(0) + placemark(1, "87.30,44.01 87.31,44.01 87.31,44.02"))),
        "not_closed",
    ),
    loaded(
        "blanks_500000.kml",
        data(kml(placemark(0, ring(0).replace(" ", " " * 125_000)))),
        1,
        told=["origin_unknown"],
    ),
    loaded(
        "blanks_before_the_head.kml",
        data(kml(placemark(0)).replace(HEAD.encode(), b" " * 200_000)),
        1,
        told=["origin_unknown"],
    ),
    refused("file_by_entity.kml", with_dtd('<!ENTITY a SYSTEM "{bait}">'), "xml_dtd"),
    refused("address_by_entity.kml", with_dtd('<!ENTITY a SYSTEM "{url}/a.dtd">'), "xml_dtd"),
    refused("billion_laughs.kml", with_dtd(LAUGHS), "xml_dtd"),
    refused("folders_100000.kml", data(kml("<Folder>" * 100_000)), "xml_too_deep"),
    refused(
        "encoding_of_escapes.kml",
        data(kml(placemark(0), '<?xml version="1.0" encoding="unicode_escape"?>')),
        "encoding_unknown",
    ),
    refused("cut.kml", data(PLAIN[:-40]), "kml_unreadable"),
    refused("two_documents.kmz", kmz(a=PLAIN, b=PLAIN), "zip_several"),
    refused("bomb.kmz", kmz(doc=b" " * 50_000_000), "zip_too_large"),
    refused(
        "out_of_its_folder.kmz", lambda path, world: files.zipped(path, {"../doc.kml": PLAIN}), "zip_path"
    ),
)
