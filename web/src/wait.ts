// Answers that take some seconds say so: the link that was followed tells what is being worked out.

const STATUS = "data-waiting";

export function tellWaiting(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[data-wait]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.nextElementSibling?.hasAttribute(STATUS)) return;
    const status = document.createElement("span");
    status.setAttribute(STATUS, "");
    status.setAttribute("role", "status");
    status.className = "em-quiet";
    link.after(status);
    status.textContent = ` ${link.dataset["wait"] ?? ""}`;
  });
  // A page shown again by the Back button waits for nothing.
  window.addEventListener("pageshow", () => {
    for (const status of document.querySelectorAll(`[${STATUS}]`)) status.remove();
  });
}
