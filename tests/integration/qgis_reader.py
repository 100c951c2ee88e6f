"""Run by the Python that QGIS is installed for: what QGIS sees of a service, printed as JSON.

Usage: qgis_reader.py ADDRESS FOLDER; pictures are put into the folder.
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WHITE = QColor(255, 255, 255)


def features(base: str, collection: str, sql: str = "") -> QgsVectorLayer:
    uri = QgsDataSourceUri()
    uri.setParam("url", f"{base}/ogc")
    uri.setParam("typename", collection)
    uri.setParam("srsname", "OGC:CRS84")
    layer = QgsVectorLayer(uri.uri(False), collection, "OAPIF")
    layer.setSubsetString(sql)
    return layer


def painted(layer, extent: QgsRectangle, path: str) -> float:
    """Draw a layer and return the share of pixels that are not white."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setBackgroundColor(WHITE)
    settings.setOutputSize(QSize(200, 200))
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(extent)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(path)
    dots = [(x, y) for x in range(0, 200, 5) for y in range(0, 200, 5)]
    return sum(image.pixelColor(x, y) != WHITE for x, y in dots) / len(dots)


def seen(base: str, folder: str) -> dict:
    councils = features(base, "local_authority")
    first = next(councils.getFeatures())
    box = QgsRectangle(first.geometry().boundingBox())
    inside = councils.getFeatures(QgsFeatureRequest().setFilterRect(box))
    degrees = QgsCoordinateReferenceSystem("OGC:CRS84")
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    turn = QgsCoordinateTransform(degrees, mercator, QgsProject.instance())
    places = features(base, "support")
    template = f"{base}/ogc/collections/local_authority/tiles/WebMercatorQuad"
    tiles = QgsVectorTileLayer(f"type=xyz&url={template}/{{z}}/{{y}}/{{x}}&zmin=4&zmax=12", "tiles")
    whole = turn.transformBoundingBox(councils.extent())
    return {
        "valid": [councils.isValid(), places.isValid(), tiles.isValid()],
        "counted": [councils.featureCount(), places.featureCount()],
        "read": [sum(1 for _ in councils.getFeatures()), sum(1 for _ in places.getFeatures())],
        "types": [QgsWkbTypes.displayString(one.wkbType()) for one in (councils, places)],
        "fields": [field.name() for field in councils.fields()],
        "first": {"code": first["code"], "score": first["score"], "rank": first["rank"]},
        "touching": sorted(feature["code"] for feature in inside),
        "box": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
        "drawn": painted(councils, whole, f"{folder}/features.png"),
        "tiled": painted(tiles, whole, f"{folder}/tiles.png"),
    }


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    print("SEEN " + json.dumps(seen(sys.argv[1], sys.argv[2])))
    # Not exitQgis: providers' threads that end late have crashed it in Debian 12.
    sys.stdout.flush()
    os._exit(0)
