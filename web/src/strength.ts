// Tells how strong a new password is while it is typed (OWASP ASVS 2.1.8), by the rules of the service itself.
// Without scripts a link leads to a page that tells the same.
const WAIT_MS = 600;

interface Strength {
  level: number;
  most: number;
  words: string;
}

export function tellStrength(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-strength]")) {
    const field = document.querySelector<HTMLInputElement>(`#${place.dataset.strength ?? ""}`);
    if (field?.form) new Meter(place, field, field.form);
  }
}

class Meter {
  private readonly bar = document.createElement("meter");
  private readonly words = document.createElement("span");
  private timer = 0;
  private asking = new AbortController();

  constructor(
    place: HTMLElement,
    private readonly field: HTMLInputElement,
    private readonly form: HTMLFormElement,
  ) {
    this.words.role = "status";
    // The words say the same; a bar alone would not be told to everybody.
    this.bar.ariaHidden = "true";
    this.bar.hidden = true;
    place.replaceChildren(this.bar, " ", this.words);
    field.addEventListener("input", () => {
      this.asking.abort();
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask(), WAIT_MS);
    });
  }

  private async ask(): Promise<void> {
    if (!this.field.value) {
      this.show(null);
      return;
    }
    const sent = new FormData(this.form);
    const body = new URLSearchParams({ password: this.field.value });
    for (const name of ["csrf", "link"]) {
      const value = sent.get(name);
      if (typeof value === "string") body.set(name, value);
    }
    this.asking = new AbortController();
    try {
      const headers = { Accept: "application/json" };
      const asked = { method: "POST", headers, body, signal: this.asking.signal };
      const answer = await fetch("/password-strength", asked);
      this.show(answer.ok ? ((await answer.json()) as Strength) : null);
    } catch {
      // Typed on, or nobody answers: the form itself still says what is wrong.
    }
  }

  private show(found: Strength | null): void {
    this.bar.hidden = !found;
    this.words.textContent = found?.words ?? "";
    if (!found) return;
    this.bar.max = found.most;
    this.bar.low = 2;
    this.bar.high = 3;
    this.bar.optimum = found.most;
    this.bar.value = found.level;
  }
}
