// What the pointer is on: its outline, its name and its people; a row of the table can ask for the same.
import type { Outlines } from "./outlines";
import { HOVERED } from "./outlines";

const REST_MS = 60;

export interface Spot {
  kind: string;
  feature: number;
}

export class Hover {
  private shown = "";
  private timer = 0;
  private readonly tip: HTMLElement;

  constructor(
    frame: HTMLElement,
    private readonly outlines: Outlines,
    /** Told of the code of what the pointer is on, empty for nothing. */
    private readonly onHover: (code: string) => void,
  ) {
    this.tip = document.createElement("p");
    this.tip.className = "em-map-tip";
    this.tip.setAttribute("aria-hidden", "true");
    this.tip.hidden = true;
    frame.append(this.tip);
    frame.querySelector("[data-map-canvas]")?.addEventListener("mouseleave", () => this.show(null));
  }

  /** Mark an area; with a point, say its name there, and aloud where asked to. */
  show(spot: Spot | null, point?: { x: number; y: number }, aloud?: HTMLElement): void {
    // A finger has no place to rest: a tap would leave the name behind.
    if (point && !aloud && !window.matchMedia("(hover: hover)").matches) return;
    const key = spot ? `${spot.kind} ${spot.feature}` : "";
    if (point) this.place(point);
    if (key === this.shown) return;
    this.shown = key;
    window.clearTimeout(this.timer);
    if (spot) this.timer = window.setTimeout(() => void this.mark(spot, key, point !== undefined, aloud), REST_MS);
    else this.wipe();
  }

  private async mark({ kind, feature }: Spot, key: string, named: boolean, aloud?: HTMLElement): Promise<void> {
    try {
      const [area] = await this.outlines.get(kind, [feature]);
      if (this.shown !== key || !area) return;
      this.outlines.draw(HOVERED, [area]);
      this.tip.textContent = `${area.properties.name}: ${area.properties.people} people`;
      this.tip.hidden = !named;
      if (aloud) aloud.textContent = this.tip.textContent;
      this.onHover(area.properties.code);
    } catch {
      // No connection: the map itself says so.
    }
  }

  private wipe(): void {
    this.tip.hidden = true;
    this.outlines.draw(HOVERED, []);
    this.onHover("");
  }

  private place({ x, y }: { x: number; y: number }): void {
    const right = x > (this.tip.parentElement?.clientWidth ?? 0) / 2;
    this.tip.style.transform = `translate(${right ? x - 14 : x + 14}px, ${y + 14}px)${right ? " translateX(-100%)" : ""}`;
  }
}
