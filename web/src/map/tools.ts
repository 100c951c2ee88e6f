// The tools on the map: select several, draw a shape. The keyboard's way around drawing is the page /select.
import type { Map } from "maplibre-gl";

import type { Drawing, ShapeMode } from "./drawing";
import { one } from "./page";
import type { Several, Shape } from "./several";

const HINTS: Record<ShapeMode, string> = {
  polygon: "Click each corner. To finish, click the last corner again or press Enter. Escape stops.",
  rectangle: "Click one corner, then the one opposite. Escape stops.",
  circle: "Click the middle, then where the edge should be. Escape stops.",
};

export class Tools {
  /** Whether clicks on the map belong to a shape that is being drawn. */
  drawing = false;
  private drawer: Drawing | null = null;
  private readonly toggle = one<HTMLButtonElement>("[data-tool=several]");
  private readonly opener = one<HTMLButtonElement>("[data-tool=draw]");
  private readonly shapes = one("[data-shapes]");
  private readonly hint = one("[data-shape-hint]");

  constructor(
    private readonly map: Map,
    private readonly several: Several,
    private readonly kind: () => string,
  ) {
    this.toggle.addEventListener("click", () => this.collect(!several.collecting));
    this.opener.addEventListener("click", () => this.open(this.shapes.hidden === true));
    this.shapes.addEventListener("click", (event) => {
      const mode = (event.target as HTMLElement).closest<HTMLElement>("[data-shape]")?.dataset["shape"];
      if (mode) void this.start(mode as ShapeMode);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.shapes.hidden) return;
      event.preventDefault();
      this.open(false);
      this.opener.focus();
    }, true);
  }

  private collect(on: boolean): void {
    this.several.collecting = on;
    this.toggle.setAttribute("aria-pressed", `${on}`);
    if (on) this.open(false);
  }

  private open(on: boolean): void {
    this.shapes.hidden = !on;
    this.opener.setAttribute("aria-expanded", `${on}`);
    if (!on) this.stop();
    else this.hint.textContent = "Choose a shape.";
  }

  private async start(mode: ShapeMode): Promise<void> {
    this.hint.textContent = "Getting the pen…";
    try {
      const { Drawing } = await import("./drawing");
      this.drawer ??= new Drawing(this.map, (shape) => this.finished(shape));
    } catch {
      this.hint.textContent = "The drawing tool did not arrive. Check your connection and try again.";
      return;
    }
    this.drawer.start(mode);
    this.drawing = true;
    // Enter, which ends an outline, is heard on the map alone.
    this.map.getCanvas().focus({ preventScroll: true });
    this.hint.textContent = HINTS[mode];
    // Out of the way of what is drawn beneath it.
    this.shapes.classList.add("em-shapes--drawing");
  }

  private finished(shape: Shape): void {
    // After the click that ended the shape: it must not choose a place as well.
    window.setTimeout(() => {
      this.open(false);
      void this.several.inside(shape, this.kind());
    }, 0);
  }

  private stop(): void {
    this.drawer?.stop();
    this.drawing = false;
    this.shapes.classList.remove("em-shapes--drawing");
  }
}
