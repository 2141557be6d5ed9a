"""OGC API (/ogc/): Features parts 1 and 2, Tiles part 1, downloads; what its routes are made of."""
