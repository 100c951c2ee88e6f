// The list beside the map: the places in view, rendered by the server, so that words exist once.
import type { Bounds } from "./page";

const REST_MS = 250;

export class SupportList {
  private readonly box = document.querySelector<HTMLElement>("[data-support-list]");
  private request: AbortController | null = null;
  private timer = 0;

  constructor(open: (id: string) => void, mark: (id: string) => void) {
    const idOf = (target: EventTarget | null): string | undefined =>
      (target as HTMLElement | null)?.closest<HTMLElement>("[data-support-id]")?.dataset["supportId"];
    this.box?.addEventListener("click", (event) => {
      const id = idOf(event.target);
      if (!id || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(id);
    });
    for (const name of ["focusin", "mouseover"]) this.box?.addEventListener(name, ({ target }) => mark(idOf(target) ?? ""));
    for (const name of ["focusout", "mouseleave"]) this.box?.addEventListener(name, () => mark(""));
  }

  /** Show the places in view once the map rests; nothing where no kind of place is asked for. */
  follow(query: string, bounds: Bounds): void {
    window.clearTimeout(this.timer);
    this.request?.abort();
    if (!this.box) return;
    this.box.hidden = !query;
    if (query) this.timer = window.setTimeout(() => void this.load(query, bounds), REST_MS);
  }

  /** Mark the place that the map is pointed at; none for an empty id. */
  point(id: string): void {
    for (const link of this.box?.querySelectorAll<HTMLElement>("[data-support-id]") ?? []) {
      link.closest("li")?.toggleAttribute("data-pointed", link.dataset["supportId"] === id);
    }
  }

  private async load(query: string, bounds: Bounds): Promise<void> {
    const request = (this.request = new AbortController());
    const bbox = bounds.map((edge) => edge.toFixed(4)).join(",");
    try {
      const answer = await fetch(`/support-in-view?bbox=${bbox}&${query}`, { signal: request.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const html = await answer.text();
      if (this.box) this.box.innerHTML = html;
    } catch {
      if (!request.signal.aborted) this.box?.replaceChildren("The list of places did not arrive. Move the map to try again.");
    }
  }
}
