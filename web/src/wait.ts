// Answers that take some seconds say so: the link or button that was used tells what is being worked out. What is
// sent twice in a moment, as by a double click, goes out once.

const STATUS = "data-waiting";
const ONCE_MS = 2000;

function tell(after: HTMLElement): void {
  if (after.nextElementSibling?.hasAttribute(STATUS)) return;
  const status = document.createElement("span");
  status.setAttribute(STATUS, "");
  status.setAttribute("role", "status");
  status.className = "em-quiet";
  after.after(status);
  status.textContent = ` ${after.dataset["wait"] ?? ""}`;
}

export function tellWaiting(): void {
  const sent = new WeakMap<HTMLFormElement, { at: number; by: HTMLElement | null }>();
  document.addEventListener("click", (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[data-wait]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    tell(link);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented) return;
    const before = sent.get(form);
    const by = event.submitter;
    const again = before && before.by === by && event.timeStamp - before.at < ONCE_MS;
    if (again && form.method === "post") {
      event.preventDefault();
      return;
    }
    sent.set(form, { at: event.timeStamp, by });
    if (by?.hasAttribute("data-wait")) tell(by);
  });
  // A page shown again by the Back button waits for nothing.
  window.addEventListener("pageshow", () => {
    for (const status of document.querySelectorAll(`[${STATUS}]`)) status.remove();
  });
}
