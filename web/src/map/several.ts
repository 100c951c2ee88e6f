// Several areas at once: which ones, how many people, and where they can be taken.
import { one, type Bounds } from "./page";
import { PICKED, type Outline, type Outlines } from "./outlines";
import { MOST_PICKED, type ViewState } from "./state";

export interface Picked {
  areas: { code: string; kind: string; name: string; feature: number }[];
  words: string;
  bounds: Bounds;
  unknown: string[];
}

export interface Shape {
  type: "Polygon";
  coordinates: number[][][];
}

interface Around {
  /** Index, weights and base, as an address needs them. */
  lens: () => string;
  remember: () => void;
  /** What follows the selection: the table. */
  changed: () => void;
}

const MOST_COMPARED = 10;
const LONGEST = 3900;

export class Several {
  /** Whether a plain click adds to the selection. */
  collecting = false;
  private readonly box = one("[data-several]");
  private readonly announce = one("[data-map-announce]");
  private request: AbortController | null = null;

  constructor(
    private readonly state: ViewState,
    private readonly outlines: Outlines,
    private readonly around: Around,
  ) {
    this.box.querySelector("[data-several-clear]")?.addEventListener("click", () => this.clear());
  }

  /** Add an area to the selection, or take it out. */
  async toggle(code: string): Promise<void> {
    const { selected } = this.state;
    if (!selected.includes(code) && selected.length >= MOST_PICKED) {
      this.say(`No more than ${MOST_PICKED} areas can be selected.`);
      return;
    }
    const added = !selected.includes(code);
    this.state.selected = added ? [...selected, code] : selected.filter((each) => each !== code);
    await this.changed(added ? "added" : "removed");
  }

  /** The same for an area that is known by its id in the tiles. */
  async toggleFeature(kind: string, feature: number): Promise<void> {
    const [area] = await this.outlines.get(kind, [feature]);
    if (area) await this.toggle(area.properties.code);
  }

  clear(): void {
    if (!this.state.selected.length && this.box.hidden) return;
    const inside = this.box.contains(document.activeElement);
    this.state.selected = [];
    void this.changed("cleared");
    if (inside) document.querySelector<HTMLElement>("[data-tool=several]")?.focus();
  }

  /** Select what lies in a shape that was drawn, beside what is selected already. */
  async inside(shape: Shape, kind: string): Promise<void> {
    this.words("Looking for the areas inside…");
    const form = one<HTMLFormElement>("[data-several-shape]");
    one<HTMLInputElement>("[data-several-polygon]").value = JSON.stringify(shape);
    try {
      const answer = await fetch("/api/v1/selection", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ kind, polygon: shape }),
      });
      if (!answer.ok) {
        const { found, mend } = (await answer.json()) as { found: string; mend: string };
        this.words(`Found ${found}. ${mend}`);
        form.hidden = answer.status !== 422;
        return;
      }
      const { areas } = (await answer.json()) as Picked;
      this.state.selected = [...new Set([...this.state.selected, ...areas.map(({ code }) => code)])].slice(0, MOST_PICKED);
      await this.changed("added");
      form.hidden = false;
    } catch {
      this.words("The areas inside did not arrive. Check your connection and draw again.");
    }
  }

  /** Have outlines, words and links follow what is selected. */
  async show(): Promise<Picked | null> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    if (!this.state.selected.length) {
      this.box.hidden = true;
      this.outlines.draw(PICKED, []);
      return null;
    }
    try {
      const query = new URLSearchParams({ areas: this.state.selected.join(",") });
      const answer = await fetch(`/api/v1/selection?${query}`, { signal: request.signal });
      if (answer.status === 404) return this.forget(this.state.selected);
      if (!answer.ok) throw new Error(`${answer.status}`);
      const found = (await answer.json()) as Picked;
      if (found.unknown.length) this.forget(found.unknown);
      this.words(found.words);
      this.link(found);
      await this.outline(found, request.signal);
      return found;
    } catch {
      if (!request.signal.aborted) this.words("The selection did not arrive. Check your connection.");
      return null;
    }
  }

  private async changed(what: "added" | "removed" | "cleared"): Promise<void> {
    one("[data-several-shape]").hidden = true;
    this.around.remember();
    this.around.changed();
    if (what === "cleared") this.say("Selection cleared.");
    const found = await this.show();
    if (!found) {
      if (what === "removed" && !this.state.selected.length) this.say("Nothing is selected.");
      return;
    }
    this.say(`Selected: ${found.words}.`);
  }

  /** Drop codes that this edition does not have: the address may come from an older one. */
  private forget(codes: string[]): null {
    this.state.selected = this.state.selected.filter((code) => !codes.includes(code));
    this.around.remember();
    this.say(`Not in this edition: ${codes.slice(0, 3).join(", ")}.`);
    if (!this.state.selected.length) this.box.hidden = true;
    return null;
  }

  private async outline(found: Picked, signal: AbortSignal): Promise<void> {
    const drawn: Outline[] = [];
    for (const kind of new Set(found.areas.map((area) => area.kind))) {
      const ids = found.areas.filter((area) => area.kind === kind).map(({ feature }) => feature);
      drawn.push(...(await this.outlines.get(kind, ids)));
    }
    if (!signal.aborted) this.outlines.draw(PICKED, drawn);
  }

  private words(text: string): void {
    this.box.hidden = false;
    one("[data-several-words]").textContent = text;
  }

  private say(text: string): void {
    this.announce.textContent = text;
  }

  private link({ areas }: Picked): void {
    const codes = areas.map(({ code }) => code).join(",");
    const lens = this.around.lens();
    const more = lens && `&${lens}`;
    const kinds = new Set(areas.map(({ kind }) => kind));
    const scored = new URLSearchParams(lens);
    for (const name of ["base", "where"]) scored.delete(name);
    const plain = scored.size ? `&${scored}` : "";
    this.address("compare", areas.length <= MOST_COMPARED ? `/compare?areas=${codes}${more}` : "");
    this.address("summary", codes.length <= LONGEST ? `/rollup?where=${codes}${plain}` : "");
    const kind = [...kinds][0] ?? "";
    const file = kinds.size === 1 && codes.length <= LONGEST;
    this.address("download", file ? `/api/v1/download/areas.csv?where=${codes}&kind=${kind}${plain}` : "");
    one("[data-several-mixed]").hidden = kinds.size === 1;
  }

  private address(name: string, href: string): void {
    const link = one<HTMLAnchorElement>(`[data-several-link=${name}]`);
    link.href = href || "#";
    link.parentElement?.toggleAttribute("hidden", !href);
  }
}
