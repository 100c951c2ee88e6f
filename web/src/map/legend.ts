// The legend counts what is in view: areas and people in each class, asked of the server when the view rests.
import type { Level, MapConfig } from "./config";
import { INDEX, ROBUSTNESS, SELECTION } from "./state";
import type { Wanted } from "./wanted";

interface Counts {
  areas: number[];
  people: number[];
  words: string[];
}

export class Legend {
  private timer = 0;
  private request: AbortController | null = null;

  constructor(
    private readonly box: HTMLElement,
    private readonly config: MapConfig,
  ) {}

  /** Show the legend of a layer and hide the others. */
  choose(show: string): void {
    for (const section of this.box.querySelectorAll<HTMLElement>("[data-legend-layer]")) {
      section.hidden = section.dataset["legendLayer"] !== show;
    }
  }

  update(level: Level, bounds: [number, number, number, number], wanted: Wanted, delay = 350): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(level, bounds, wanted), delay);
  }

  private async fetch(level: Level, bounds: number[], { show, lens }: Wanted): Promise<void> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    const query = new URLSearchParams({ bbox: bounds.map((each) => each.toFixed(3)).join(",") });
    if (show !== INDEX) query.set("layer", show);
    if (show === INDEX || show === ROBUSTNESS) {
      if (lens.weights) query.set("weights", lens.weights);
      if (lens.base) query.set("base", lens.base);
      if (lens.base === SELECTION) query.set("where", lens.where);
    }
    const index = encodeURIComponent(lens.index || this.config.index);
    const address = `/api/v1/editions/${this.config.edition}/legend/${level.kind}/${index}?${query}`;
    try {
      const answer = await fetch(address, { signal: request.signal });
      if (answer.ok) this.show((await answer.json()) as Counts, level, show);
    } catch {
      // A view that moved on, or no connection: the last counts stay.
    }
  }

  private show(counts: Counts, level: Level, show: string): void {
    const section = this.box.querySelector(`[data-legend-layer="${show}"]`);
    if (!section) return;
    const most = Math.max(1, ...counts.areas.slice(1));
    section.querySelectorAll<HTMLElement>("[data-class]").forEach((row) => {
      const number = Number(row.dataset["class"]);
      const share = (100 * (counts.areas[number] ?? 0)) / most;
      row.querySelector("[data-bar]")?.setAttribute("width", `${share}`);
      const words = row.querySelector("[data-words]");
      if (words) words.textContent = counts.words[number] ?? "";
      if (number === 0) row.hidden = !counts.areas[0];
    });
    const title = section.querySelector("[data-scope]");
    if (title) title.textContent = `${level.plural} in view`;
  }
}
