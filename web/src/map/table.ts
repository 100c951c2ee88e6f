// The tables beside the map: the areas in view, and those selected. The server renders the rows.
import type { Level } from "./config";
import type { Spot } from "./hover";
import { one, type Bounds } from "./page";
import type { ViewState } from "./state";

const REST_MS = 300;

interface Around {
  lens: () => string;
  remember: () => void;
  toggle: (code: string) => void;
  open: (code: string) => void;
  mark: (spot: Spot | null) => void;
}

export class AreaTables {
  private readonly button = one<HTMLButtonElement>("[data-tool=list]");
  private readonly section = one("[data-rows-box]");
  private readonly view = one("[data-rows-view]");
  private readonly picked = one("[data-rows-picked]");
  private sort = { sort: "rank", order: "asc" };
  private seen: { level: Level; bounds: Bounds } | null = null;
  private timer = 0;
  private viewRequest: AbortController | null = null;
  private pickedRequest: AbortController | null = null;

  constructor(
    private readonly state: ViewState,
    private readonly around: Around,
  ) {
    this.button.addEventListener("click", () => this.toggleList());
    this.section.addEventListener("click", (event) => this.clicked(event));
    this.section.addEventListener("change", (event) => {
      const code = (event.target as HTMLElement).dataset["pick"];
      if (code) this.around.toggle(code);
    });
    for (const kind of ["pointerover", "focusin"]) {
      this.section.addEventListener(kind, (event) => this.around.mark(spotOf(event.target)));
    }
    for (const kind of ["pointerleave", "focusout"]) {
      this.section.addEventListener(kind, () => this.around.mark(null));
    }
  }

  /** Have the list of what is in view follow the map, once it rests. */
  follow(level: Level, bounds: Bounds): void {
    this.seen = { level, bounds };
    window.clearTimeout(this.timer);
    if (this.state.list) this.timer = window.setTimeout(() => void this.fetchView(), REST_MS);
  }

  /** Have tables and boxes say what the state says. */
  restore(): void {
    this.button.setAttribute("aria-expanded", `${this.state.list}`);
    this.view.hidden = !this.state.list;
    if (this.state.list) void this.fetchView();
    this.selectionChanged();
  }

  selectionChanged(): void {
    for (const box of this.view.querySelectorAll<HTMLInputElement>("[data-pick]")) {
      box.checked = this.state.selected.includes(box.dataset["pick"] ?? "");
    }
    void this.fetchPicked();
    this.section.hidden = !this.state.list && !this.state.selected.length;
  }

  /** Mark the rows of an area, where there are any. */
  mark(code: string): void {
    for (const row of this.section.querySelectorAll("tr[data-code]")) {
      row.classList.toggle("em-row--marked", code !== "" && row.getAttribute("data-code") === code);
    }
  }

  private toggleList(): void {
    this.state.list = !this.state.list;
    this.around.remember();
    this.restore();
    if (this.state.list) this.section.scrollIntoView({ block: "nearest" });
  }

  private clicked(event: Event): void {
    const target = event.target as HTMLElement;
    const link = target.closest<HTMLElement>("[data-open]");
    const modified = event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey);
    if (link && !modified) {
      event.preventDefault();
      this.around.open(link.dataset["open"] ?? "");
    }
    const head = target.closest<HTMLElement>("[data-sort]");
    if (!head) return;
    this.sort = { sort: head.dataset["sort"] ?? "rank", order: head.dataset["order"] ?? "asc" };
    void this.fetchView();
  }

  private async fetchView(): Promise<void> {
    if (!this.seen) return;
    this.viewRequest?.abort();
    const request = (this.viewRequest = new AbortController());
    const { level, bounds } = this.seen;
    const query = new URLSearchParams({ kind: level.kind, ...this.sort });
    query.set("bbox", bounds.map((edge) => edge.toFixed(4)).join(","));
    if (this.state.selected.length) query.set("taken", this.state.selected.join(","));
    await this.fill(this.view, query, request.signal);
  }

  private async fetchPicked(): Promise<void> {
    this.pickedRequest?.abort();
    const request = (this.pickedRequest = new AbortController());
    if (!this.state.selected.length) {
      this.picked.replaceChildren();
      return;
    }
    await this.fill(this.picked, new URLSearchParams({ areas: this.state.selected.join(",") }), request.signal);
  }

  /** Put rows in place; what has the focus keeps it, or passes it on to the box that took its place. */
  private async fill(box: HTMLElement, query: URLSearchParams, signal: AbortSignal): Promise<void> {
    const lens = this.around.lens();
    try {
      const answer = await fetch(`/area-rows?${query}${lens && `&${lens}`}`, { signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const html = await answer.text();
      if (signal.aborted) return;
      const held = box.contains(document.activeElement) ? focusOf(box) : null;
      box.innerHTML = html;
      if (held) refocus(box, held);
    } catch {
      if (!signal.aborted) box.textContent = "The list did not arrive. Check your connection and move the map.";
    }
  }
}

interface Held {
  selector: string;
  place: number;
}

function focusOf(box: HTMLElement): Held | null {
  const active = document.activeElement as HTMLElement;
  const { pick, sort, open } = active.dataset;
  if (sort) return { selector: `[data-sort="${sort}"]`, place: 0 };
  const boxes = [...box.querySelectorAll<HTMLElement>("[data-pick]")];
  if (pick) return { selector: `[data-pick="${pick}"]`, place: boxes.indexOf(active) };
  return open ? { selector: `[data-open="${open}"]`, place: 0 } : null;
}

function refocus(box: HTMLElement, { selector, place }: Held): void {
  const boxes = box.querySelectorAll<HTMLElement>("[data-pick]");
  const found = box.querySelector<HTMLElement>(selector) ?? boxes[Math.min(place, boxes.length - 1)];
  (found ?? document.querySelector<HTMLElement>("[data-tool=list]"))?.focus({ preventScroll: true });
}

function spotOf(target: EventTarget | null): Spot | null {
  const row = (target as HTMLElement | null)?.closest<HTMLElement>("tr[data-feature]");
  return row ? { kind: row.dataset["kind"] ?? "", feature: Number(row.dataset["feature"]) } : null;
}
