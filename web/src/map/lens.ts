// "Change what counts": sliders, presets and the base. The server says what they are and what they do.
import { lensQuery, type Lens } from "./state";

const PAUSE_MS = 80;
const REST_MS = 500;

export class LensPanel {
  private timer = 0;
  private rest = 0;
  private controls: AbortController | null = null;
  private changes: AbortController | null = null;

  constructor(
    private readonly box: HTMLElement,
    private readonly defaultIndex: string,
    private readonly onChange: (lens: Lens) => void,
  ) {
    const form = this.one("[data-lens-form]");
    form.addEventListener("input", (event) => this.input(event.target as HTMLElement));
    form.addEventListener("change", (event) => {
      if ((event.target as HTMLElement).matches("[data-lens-index]")) void this.load({ ...this.read(), weights: "" });
    });
    this.one("[data-lens-reset]").addEventListener("click", (event) => {
      event.preventDefault();
      void this.load({ index: "", weights: "", base: "" });
    });
  }

  /** Say what changed in the ranking, once the sliders rest. */
  tell(lens: Lens): void {
    window.clearTimeout(this.rest);
    this.rest = window.setTimeout(() => void this.fetchChanges(lens), REST_MS);
  }

  private one(selector: string): HTMLElement {
    const found = this.box.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`The panel has no ${selector}.`);
    return found;
  }

  private sliders(): HTMLInputElement[] {
    return [...this.box.querySelectorAll<HTMLInputElement>("[data-lens-part]")];
  }

  private read(): Lens {
    const index = this.one("[data-lens-index]") as HTMLSelectElement;
    const base = this.one("[data-lens-base]") as HTMLSelectElement;
    const sliders = this.sliders();
    const moved = sliders.some((slider) => slider.value !== slider.dataset["published"]);
    return {
      index: index.value === this.defaultIndex ? "" : index.value,
      weights: moved ? sliders.map((each) => `${each.dataset["lensPart"]}:${each.value}`).join(",") : "",
      base: base.value === "all" ? "" : base.value,
    };
  }

  private input(target: HTMLElement): void {
    if (target.matches("[data-lens-index]")) return;
    const sum = this.sliders().reduce((total, slider) => total + Number(slider.value), 0);
    this.one("[data-lens-refused]").hidden = sum > 0;
    window.clearTimeout(this.timer);
    if (sum > 0) this.timer = window.setTimeout(() => this.onChange(this.read()), PAUSE_MS);
  }

  /** Have the server draw the controls of another index, or of none but the published one. */
  private async load(lens: Lens): Promise<void> {
    window.clearTimeout(this.timer);
    this.controls?.abort();
    const request = (this.controls = new AbortController());
    const held = document.activeElement?.id ?? "";
    try {
      const answer = await fetch(`/lens?${lensQuery(lens)}`, { signal: request.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      this.one("[data-lens-controls]").outerHTML = await answer.text();
      if (held) document.getElementById(held)?.focus({ preventScroll: true });
      this.onChange(lens);
    } catch (error) {
      if (!request.signal.aborted) this.say("The choice did not arrive. Check your connection and try again.");
    }
  }

  private say(text: string): void {
    this.one("[data-lens-status]").textContent = text;
  }

  /** Have the table beneath the map follow. */
  private async table(query: string, signal: AbortSignal): Promise<void> {
    try {
      const answer = await fetch(`/top-areas?${query}`, { signal });
      const box = document.querySelector("[data-top-table]");
      if (answer.ok && box) box.innerHTML = await answer.text();
    } catch {
      // A later wish, or no connection.
    }
  }

  private async fetchChanges(lens: Lens): Promise<void> {
    this.changes?.abort();
    const request = (this.changes = new AbortController());
    const box = this.one("[data-lens-changes]");
    const query = lensQuery(lens);
    void this.table(query, request.signal);
    if (!query) {
      box.hidden = true;
      box.replaceChildren();
      this.say("The map shows the published score.");
      return;
    }
    try {
      const answer = await fetch(`/ranking-changes?${query}&part=true`, { signal: request.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      box.innerHTML = await answer.text();
      const link = document.createElement("a");
      link.href = `/ranking-changes?${query}`;
      link.textContent = "More about what changes";
      const line = document.createElement("p");
      line.append(link);
      box.append(line);
      box.hidden = false;
      this.say(box.querySelector("p")?.textContent?.trim() ?? "");
    } catch {
      // A later wish, or no connection: what was said last stays.
    }
  }
}
