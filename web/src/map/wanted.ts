// What the areas are to be coloured by, and where the service answers that.
import type { MapConfig } from "./config";
import { INDEX, lensQuery, ROBUSTNESS, SELECTION, type Lens } from "./state";

export interface Wanted {
  show: string;
  lens: Lens;
}

/** Return where classes are; of all areas of a kind two to a byte, or one each, for those of a tile. */
export function addressOf(config: MapConfig, kind: string, { show, lens }: Wanted, halved = true): string {
  const start = `/api/v1/editions/${config.edition}`;
  if (show !== INDEX && show in config.layers) {
    // How sure we are is worked out for a reader's own settings too; other layers know none.
    const own = show === ROBUSTNESS ? lensQuery(lens) : "";
    return `${start}/layers/${kind}/${show}.bin${own && `?${own}`}`;
  }
  const changes = new URLSearchParams(halved ? { bits: "4" } : {});
  if (lens.weights) changes.set("weights", lens.weights);
  if (lens.base) changes.set("base", lens.base);
  if (lens.base === SELECTION) changes.set("where", lens.where);
  return `${start}/values/${kind}/${encodeURIComponent(lens.index || config.index)}.bin${changes.size ? `?${changes}` : ""}`;
}
