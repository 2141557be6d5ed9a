"""What QGIS makes of the service, without a screen: run by the system's Python, which Debian's QGIS belongs to.

`python3 tests/flows/read_qgis.py` with a JSON object on standard input: `url`, `token`, `collections` (names),
`box` (west, south, east, north in degrees), `vector` (a layer, a field, and the values that are drawn one by one),
`image` (a layer and the box that is drawn). Prints JSON: `version`; `collections`: name → `counted` and rows of id,
name, county, WKB in hexadecimal; `vector`: value → how many pixels are drawn; `image`: how many, and the colours.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    NULL,
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFillSymbol,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsNetworkAccessManager,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WIDTH, HEIGHT = 400, 300
MERCATOR, DEGREES = QgsCoordinateReferenceSystem("EPSG:3857"), QgsCoordinateReferenceSystem("EPSG:4490")


def collection(url, name):
    layer = QgsVectorLayer(
        f"url='{url}/ogc' typename='{name}' pagingEnabled='true' pageSize='1000'", name, "OAPIF"
    )
    if not layer.isValid():
        raise SystemExit(f"{name}: {layer.error().message()}")
    there = set(layer.fields().names())
    rows = []
    for one in layer.getFeatures():
        told = {field: one[field] if field in there else None for field in ("id", "name", "county")}
        told = {field: None if value == NULL else value for field, value in told.items()}
        told["id"] = str(told["id"])
        shape = one.geometry()
        rows.append({**told, "shape": None if shape.isNull() else bytes(shape.asWkb()).hex()})
    return {"counted": layer.featureCount(), "rows": rows}


def drawn(layer, box):
    """Colours of the pixels that are not the background's."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(MERCATOR)
    to_map = QgsCoordinateTransform(DEGREES, MERCATOR, QgsProject.instance())
    settings.setExtent(to_map.transformBoundingBox(QgsRectangle(*box)))
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    pixels = [QColor(picture.pixel(x, y)).name() for x in range(WIDTH) for y in range(HEIGHT)]
    return [one for one in pixels if one != "#ffffff"]


def vector(url, name, field, value, box):
    """How many pixels the features with a value take, drawn from vector tiles by a rule of QGIS's own."""
    layer = QgsVectorTileLayer(
        f"type=xyz&url={url}/tiles/{name}/%7Bz%7D/%7Bx%7D/%7By%7D.mvt&zmin=0&zmax=16", name
    )
    style = QgsVectorTileBasicRendererStyle("one", name, QgsWkbTypes.PolygonGeometry)
    style.setSymbol(QgsFillSymbol.createSimple({"color": "red", "outline_style": "no"}))
    style.setFilterExpression(f"\"{field}\" = '{value}'")
    style.setEnabled(True)
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles([style])
    layer.setRenderer(renderer)
    if not layer.isValid():
        raise SystemExit(f"{name}: {layer.error().message()}")
    return sum(QColor(one).green() < 128 for one in drawn(layer, box))  # pixels taken by more than half


def image(url, name, box):
    capabilities = f"{url}/ogc/wmts?SERVICE%3DWMTS%26REQUEST%3DGetCapabilities"
    layer = QgsRasterLayer(
        f"crs=EPSG:3857&format=image/png&layers={name}&styles=default&tileMatrixSet=WebMercatorQuad&url={capabilities}",
        name,
        "wms",
    )
    if not layer.isValid():
        raise SystemExit(f"{name}: {layer.error().message()}")
    found = drawn(layer, box)
    return {"pixels": len(found), "colours": {one: found.count(one) for one in set(found)}}


def main(asked):
    application = QgsApplication([], False)
    application.initQgis()

    def signed(request):
        request.setRawHeader(b"Authorization", f"Bearer {asked['token']}".encode())

    QgsNetworkAccessManager.setRequestPreprocessor(signed)
    name, field, values = asked["vector"]
    told = {
        "version": Qgis.QGIS_VERSION,
        "collections": {one: collection(asked["url"], one) for one in asked["collections"]},
        "vector": {value: vector(asked["url"], name, field, value, asked["box"]) for value in values},
        "image": image(asked["url"], *asked["image"]),
    }
    print(json.dumps(told), flush=True)
    os._exit(0)  # QGIS's own threads outlive its application and end in a crash


if __name__ == "__main__":
    main(json.load(sys.stdin))
