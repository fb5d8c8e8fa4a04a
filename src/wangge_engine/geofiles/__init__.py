"""GeoJSON, GeoPackage and zipped Shapefile, read and written in memory; encodings held against the bytes."""
