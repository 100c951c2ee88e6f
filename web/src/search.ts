// A form field turned into a combobox (ARIA 1.2): suggestions as you type, whole by keyboard.
// Without this script the form still works and leads to the page of results.

export interface SearchResult {
  code: string;
  kind: string;
  kind_label: string;
  name: string;
  context: string;
  url: string;
  bbox: [number, number, number, number];
  point: [number, number];
  matched: "postcode" | "postcode_part" | "code" | "name";
  matched_text: string;
}

interface SearchAnswer {
  results: SearchResult[];
  note: string;
}

const PAUSE_MS = 180;
const SHORTEST = 2;

const element = (tag: string, className: string, text = ""): HTMLElement => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

export class Combobox {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly status: HTMLElement;
  private results: SearchResult[] = [];
  private active = -1;
  private timer = 0;
  private request: AbortController | null = null;

  constructor(
    box: HTMLElement,
    private readonly choose: (result: SearchResult) => void,
  ) {
    const input = box.querySelector("input");
    if (!input) throw new Error("A search box needs an input.");
    this.input = input;
    this.list = element("ul", "em-suggestions");
    this.list.id = `${input.id}-list`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    this.list.hidden = true;
    this.status = element("div", "nhsuk-u-visually-hidden");
    this.status.setAttribute("role", "status");
    box.append(this.list, this.status);
    this.setAttributes();
    this.listen(box);
  }

  private setAttributes(): void {
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    })) {
      this.input.setAttribute(name, value);
    }
  }

  private listen(box: HTMLElement): void {
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.results.length && this.open());
    box.addEventListener("focusout", (event) => {
      if (!box.contains(event.relatedTarget as Node | null)) this.close();
    });
    // mousedown would take the focus off the input before the click arrives.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>("[role=option]");
      if (option) this.take(Number(option.dataset["index"]));
    });
  }

  private ask(): void {
    window.clearTimeout(this.timer);
    this.request?.abort();
    const text = this.input.value.trim();
    if (text.length < SHORTEST) {
      this.results = [];
      this.close();
      return;
    }
    this.timer = window.setTimeout(() => void this.fetch(text), PAUSE_MS);
  }

  private async fetch(text: string): Promise<void> {
    const request = (this.request = new AbortController());
    try {
      const answer = await fetch(`/api/v1/search?q=${encodeURIComponent(text)}&limit=8`, {
        signal: request.signal,
      });
      if (answer.ok) this.show((await answer.json()) as SearchAnswer);
    } catch {
      // Overtaken by more typing, or no connection: the form itself still works.
    }
  }

  private show({ results, note }: SearchAnswer): void {
    this.results = results;
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...results.map((result, index) => this.option(result, index)));
    this.status.textContent =
      note || (results.length ? `${results.length} suggestions` : "No suggestions");
    if (results.length) this.open();
    else this.close();
  }

  private option(result: SearchResult, index: number): HTMLElement {
    const option = element("li", "em-suggestion");
    option.id = `${this.list.id}-${index}`;
    option.dataset["index"] = `${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const postcode = result.matched.startsWith("postcode");
    const name = postcode ? `${result.matched_text}: ${result.name}` : result.name;
    const kind = result.kind_label.charAt(0).toUpperCase() + result.kind_label.slice(1);
    const where = result.context ? `${kind} in ${result.context}` : kind;
    option.append(
      element("span", "em-suggestion__name", name),
      element("span", "em-suggestion__where", where),
    );
    return option;
  }

  private key(event: KeyboardEvent): void {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!this.results.length) return;
      event.preventDefault();
      this.open();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.take(this.active);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    }
  }

  private move(step: number): void {
    const count = this.results.length;
    const from = this.active < 0 && step < 0 ? 0 : this.active;
    this.active = (from + step + count) % count;
    [...this.list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", `${index === this.active}`);
    });
    const option = this.list.children[this.active];
    if (!option) return;
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  private take(index: number): void {
    const result = this.results[index];
    if (!result) return;
    this.input.value = result.matched.startsWith("postcode") ? result.matched_text : result.name;
    this.close();
    this.choose(result);
  }

  private open(): void {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  private close(): void {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
