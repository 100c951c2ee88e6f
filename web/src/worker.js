import "maplibre-source/source/worker.ts";
