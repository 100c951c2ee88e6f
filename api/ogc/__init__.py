"""OGC API Features and Tiles, at ``/ogc``: the doors that QGIS, ArcGIS, GDAL and R knock at."""
