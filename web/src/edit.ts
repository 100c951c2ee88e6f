// On the forms of the directory: the summary of what is wrong takes the focus, and a link to a field opens what
// it is folded into. All of it works without this; fields that only some answers need open by style alone.

document.querySelector<HTMLElement>(".nhsuk-error-summary")?.focus();

function openAround(target: Element | null): void {
  for (let at = target; at; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true;
  }
}

function showTarget(): void {
  const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  openAround(target);
  // A part of the form that was just added: the keyboard goes on from there.
  if (target?.matches("[tabindex='-1']")) target.focus();
}

addEventListener("hashchange", showTarget);
showTarget();

// Leaving a form that was changed asks first; sending it does not.
const form = document.querySelector<HTMLFormElement>("form[data-guard]");
let changed = false;
form?.addEventListener("input", () => {
  changed = true;
});
form?.addEventListener("submit", () => {
  changed = false;
});
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
