// The panel beside the map: the server renders what it says, so that words and figures exist once.

export interface Shown {
  code: string;
  name: string;
  bounds: [number, number, number, number] | null;
  support: boolean;
}

const NOT_ARRIVED = "The details of this place did not arrive. Check your connection and try again.";
const UNKNOWN = "There is no such place in these figures: the link may be of an older edition. Search for it by name.";

export class Panel {
  private opener: HTMLElement | null = null;
  private request: AbortController | null = null;

  constructor(
    private readonly box: HTMLElement,
    private readonly status: HTMLElement,
    private readonly onClose: () => void,
  ) {
    box.addEventListener("click", (event) => {
      if ((event.target as HTMLElement).closest("[data-close]")) this.close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !box.hidden && !event.defaultPrevented) this.close();
    });
  }

  /** Ask the server for a summary and show it; null when a later request overtook this one. */
  async open(query: Record<string, string>, focus: boolean, scroll = true): Promise<Shown | null> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    if (this.box.hidden) this.opener = document.activeElement as HTMLElement | null;
    this.box.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`/panel?${new URLSearchParams(query)}`, { signal: request.signal });
      if (answer.status === 404) return this.failed(UNKNOWN);
      if (!answer.ok) throw new Error(`${answer.status}`);
      this.box.innerHTML = await answer.text();
      return this.shown(focus, scroll);
    } catch (error) {
      if (request.signal.aborted) return null;
      return this.failed(NOT_ARRIVED);
    } finally {
      this.box.removeAttribute("aria-busy");
    }
  }

  /** Say why nothing can be told; it can be closed as any panel can. */
  private failed(words: string): null {
    const told = document.createElement("p");
    told.className = "em-panel__error";
    told.textContent = words;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "em-linklike";
    close.dataset["close"] = "";
    close.textContent = "Close this message";
    this.box.replaceChildren(told, close);
    this.box.hidden = false;
    this.status.textContent = words;
    return null;
  }

  close(): void {
    if (this.box.hidden) return;
    const inside = this.box.contains(document.activeElement);
    this.box.hidden = true;
    this.box.innerHTML = "";
    this.status.textContent = "Selection cleared.";
    if (inside || document.activeElement === document.body) this.opener?.focus();
    this.onClose();
  }

  /** Scroll no more than needed for the heading to show, so that a map above it stays in sight. */
  private bringIntoView(): void {
    const { top } = this.box.getBoundingClientRect();
    const lowest = window.innerHeight * 0.6;
    if (top < 0) window.scrollBy(0, top);
    else if (top > lowest) window.scrollBy(0, top - lowest);
  }

  private shown(focus: boolean, scroll: boolean): Shown | null {
    const data = this.box.querySelector<HTMLElement>("[data-panel]")?.dataset;
    if (!data) return null;
    this.box.hidden = false;
    this.status.textContent = data["announce"] ?? "";
    if (focus) this.box.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
    if (scroll) this.bringIntoView();
    const bounds = data["bounds"] ? (JSON.parse(data["bounds"]) as Shown["bounds"]) : null;
    return {
      code: data["code"] ?? "",
      name: data["name"] ?? "",
      bounds,
      support: data["panel"] === "support",
    };
  }
}
