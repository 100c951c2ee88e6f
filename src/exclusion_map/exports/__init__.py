"""Files for download: tables, GIS formats, workbooks and documents."""
