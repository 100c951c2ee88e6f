// A link to join holds its secret after "#", which no server sees: put it into the form and go on.
export function openLink(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-link]");
  const field = form?.querySelector<HTMLInputElement>("#link");
  const secret = location.hash.slice(1);
  if (!form || !field || !/^[\w-]{20,}$/.test(secret)) return;
  // Neither the history nor a bookmark keeps it.
  history.replaceState(null, "", location.pathname);
  field.value = secret;
  // Who must sign in first does so in another tab, and then goes on from here.
  if (form.dataset.link !== "wait") form.requestSubmit();
}
