"""What GDAL may do in this process; import this before anything that loads a GDAL (pyogrio, rasterio, GeoDjango).

Three GDALs live here (Debian's, pyogrio's, rasterio's) and all read these variables when they start. A virtual
format inside a harmless-looking file returns the rows of another file or calls an address, so every driver that
can point elsewhere is switched off; what is left reads one file and no more.
"""

from __future__ import annotations

import os

SWITCHED_OFF = (
    "AAIGrid", "ACE2", "ADBC", "ADRG", "AIG", "AIVector", "ARCGEN", "AVCBin", "AVCE00", "AeronavFAA", "AirSAR",
    "AmigoCloud", "Arrow", "BAG", "BIGGIF", "BLX", "BMP", "BNA", "BSB", "BT", "BYN", "CAD", "CALS", "CEOS", "COASP",
    "COSAR", "CPG", "CSV", "CSW", "CTG", "CTable2", "Carto", "Cloudant", "CouchDB", "DAAS", "DERIVED", "DGN",
    "DIMAP", "DIPEx", "DOQ1", "DOQ2", "DTED", "DWG", "DXF", "ECRGTOC", "ECW", "EDIGEO", "EEDA", "EEDAI", "EHdr",
    "EIR", "ELAS", "ENVI", "ERS", "ESAT", "ESRIC", "ESRIJSON", "Elastic", "Elasticsearch", "FAST", "FIT",
    "GDALG", "GFF", "GIF", "GML", "GMLAS", "GNMDatabase", "GNMFile", "GPSBabel", "GPSTrackMaker",
    "GPX", "GRASSASCIIGrid", "GRIB", "GS7BG", "GSAG", "GSBG", "GSC", "GTFS", "GTI", "GTX", "GXF", "GenBin",
    "GeoJSON", "GeoJSONSeq", "GeoRSS", "Geoconcept", "GeomediaMDB", "HANA", "HDF4", "HDF5", "HDF5Image", "HF2",
    "HFA", "HTF", "HTTP", "ILI", "ILWIS", "IRIS", "ISCE", "ISG", "ISIS2", "ISIS3", "Idrisi", "Interlis 1", "Interlis 2",
    "JAXAPALSAR", "JDEM", "JML", "JP2KAK", "JP2OpenJPEG", "JSONFG", "KML", "KMLSUPEROVERLAY", "KRO", "L1B",
    "LAN", "LCP", "LIBKML", "LOSLAS", "LVBAG", "Leveller", "MAP", "MBTiles", "MFF", "MFF2", "MRF", "MSGN",
    "MSSQLSpatial", "MVT", "MapInfo File", "MapML", "MiraMonVector", "MongoDBv3", "MySQL", "NAS", "NDF", "NGSGEOID",
    "NGW", "NITF", "NOAA_B", "NSIDCbin", "NTv2", "NWT_GRC", "NWT_GRD", "OAPIF", "OCI", "ODBC", "ODS", "OGCAPI",
    "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM", "OZI", "OpenAir", "OpenJPEG", "PAux", "PCIDSK",
    "PCRaster", "PDF", "PDS", "PDS4", "PGDUMP", "PGeo", "PLMOSAIC", "PLSCENES", "PMTiles", "PNM", "PRF", "Parquet",
    "PostGISRaster", "PostgreSQL", "R", "REC", "RIK", "RMF", "ROI_PAC", "RPFTOC", "RRASTER", "RS2", "RST",
    "Rasterlite", "Rasterlite2", "S102", "S104", "S111", "S57", "SAFE", "SAGA", "SAR_CEOS", "SDTS", "SEGY",
    "SENTINEL2", "SGI", "SIGDEM", "SNAP_TIFF", "SNODAS", "SOSI", "SQLite", "SRP", "SRTMHGT", "STACIT", "STACTA",
    "SUA", "SVG", "SXF", "Selafin", "TGA", "TIGER", "TIL", "TSX", "Terragen", "TopoJSON", "UK .NTF", "USGSDEM",
    "VDV", "VFK", "VICAR", "VRT", "WAsP", "WCS", "WFS", "WMS", "WMTS", "Walk", "XLS", "XLSX", "XPM", "XPlane",
    "XYZ", "ZMap", "Zarr", "netCDF",
)  # fmt: skip
"""Every driver that no reader of loaders/formats/ opens files with; a format that is read by GDAL takes its own off."""

SETTINGS = {
    "GDAL_SKIP": ",".join(SWITCHED_OFF),
    "CPL_LOG": os.devnull,  # no GDAL has all of these drivers, and each would complain about the others at every start
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "CPL_VSIL_CURL_USE_HEAD": "NO",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    "OGR_ARC_STEPSIZE": "0.5",  # degrees of an arc that become one chord: 1 mm off at a radius of 100 m
}


# They only work before the first GDAL starts, so importing this module is what sets them.
os.environ.update(SETTINGS)
