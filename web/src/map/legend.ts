// The legend counts what is in view: areas and people in each class, asked of the server when the view rests.
import type { Level, MapConfig } from "./config";

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

  update(level: Level, bounds: [number, number, number, number], delay = 350): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(level, bounds), delay);
  }

  private async fetch(level: Level, bounds: number[]): Promise<void> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    const { edition, index } = this.config;
    const bbox = bounds.map((each) => each.toFixed(3)).join(",");
    const address = `/api/v1/editions/${edition}/legend/${level.kind}/${index}?bbox=${bbox}`;
    try {
      const answer = await fetch(address, { signal: request.signal });
      if (answer.ok) this.show((await answer.json()) as Counts, level);
    } catch {
      // A view that moved on, or no connection: the last counts stay.
    }
  }

  private show(counts: Counts, level: Level): void {
    const most = Math.max(1, ...counts.areas.slice(1));
    this.box.querySelectorAll<HTMLElement>("[data-decile]").forEach((row) => {
      const decile = Number(row.dataset["decile"]);
      const share = (100 * (counts.areas[decile] ?? 0)) / most;
      row.querySelector("[data-bar]")?.setAttribute("width", `${share}`);
      const words = row.querySelector("[data-words]");
      if (words) words.textContent = counts.words[decile] ?? "";
      if (decile === 0) row.hidden = !counts.areas[0];
    });
    const title = this.box.querySelector("[data-scope]");
    if (title) title.textContent = `${level.plural} in view`;
  }
}
