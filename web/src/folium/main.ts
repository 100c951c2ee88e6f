// What a saved folium map needs to work without a network: Leaflet, its heat layer, and areas that
// can be reached and read by keyboard. Python writes the map; this file is put into its page.
import "leaflet/dist/leaflet-src.js"; // Sets the global L, which the two others look for.
import "leaflet/dist/leaflet.css";
import "leaflet.heat";
import "./folium.css";

import { reachable } from "./keyboard";

declare global {
  interface Window {
    exclusionMap: { reachable: typeof reachable };
  }
}

window.exclusionMap = { reachable };
