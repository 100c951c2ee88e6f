// "Change what counts": sliders, presets and the base. The server says what they are and what they do.
import { mark } from "./marks";
import { SELECTION, lensQuery, type Lens } from "./state";

const REST_MS = 500;

export class LensPanel {
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
      const target = event.target as HTMLElement;
      if (target.matches("[data-lens-index]")) void this.load({ ...this.read(), weights: "" });
      // The server knows which places are meant, and says so.
      if (target.matches("[data-lens-where], [data-lens-base]")) this.choosePlaces();
    });
    this.one("[data-lens-reset]").addEventListener("click", (event) => {
      event.preventDefault();
      void this.load({ index: "", weights: "", base: "", where: "" });
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
      where: base.value === SELECTION ? (this.one("[data-lens-controls]").dataset["where"] ?? "") : "",
    };
  }

  /** Compare within the places named, or ask for their names. */
  private choosePlaces(): void {
    const lens = this.read();
    if (lens.base !== SELECTION) return;
    const field = this.one("[data-lens-where]") as HTMLInputElement;
    if (field.value.trim()) void this.load({ ...lens, where: field.value.trim() });
    else field.focus();
  }

  private input(target: HTMLElement): void {
    mark("input");
    if (target.matches("[data-lens-index], [data-lens-where]")) return;
    const sum = this.sliders().reduce((total, slider) => total + Number(slider.value), 0);
    this.one("[data-lens-refused]").hidden = sum > 0;
    const lens = this.read();
    const named = lens.base !== SELECTION || (lens.where !== "" && !target.matches("[data-lens-base]"));
    if (sum > 0 && named) this.onChange(this.read());
  }

  /** Have the server draw the controls of another index, or of none but the published one. */
  private async load(lens: Lens): Promise<void> {
    this.controls?.abort();
    const request = (this.controls = new AbortController());
    const held = document.activeElement?.id ?? "";
    try {
      const answer = await fetch(`/lens?${lensQuery(lens)}`, { signal: request.signal });
      if (answer.status === 404) return this.refuse("No place is called that. Check the names.");
      if (!answer.ok) throw new Error(`${answer.status}`);
      this.one("[data-lens-controls]").outerHTML = await answer.text();
      if (held) document.getElementById(held)?.focus({ preventScroll: true });
      this.onChange({ ...lens, where: this.one("[data-lens-controls]").dataset["where"] ?? "" });
    } catch (error) {
      if (!request.signal.aborted) this.say("The choice did not arrive. Check your connection and try again.");
    }
  }

  /** Say what is wrong with the places, beside them and aloud. */
  private refuse(text: string): void {
    const hint = this.box.querySelector("#lens-where-hint");
    if (hint) hint.textContent = text;
    this.say(text);
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
