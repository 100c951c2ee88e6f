// On every page: search boxes become comboboxes. The map page takes the choice itself, others go to the profile.
import { showFault } from "./fault";
import { openLink } from "./link";
import { letPasswordsBeSeen } from "./password";
import { Combobox, type SearchResult } from "./search";
import { watchSession } from "./session";
import { labelSliders } from "./sliders";
import { tellStrength } from "./strength";
import { tellWaiting } from "./wait";

labelSliders();
letPasswordsBeSeen();
tellStrength();
openLink();
showFault();
watchSession();

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
tellWaiting();

for (const box of document.querySelectorAll<HTMLElement>("[data-search]")) {
  new Combobox(box, (result: SearchResult) => {
    const chosen = new CustomEvent<SearchResult>("place-chosen", {
      detail: result,
      bubbles: true,
      cancelable: true,
    });
    if (box.dispatchEvent(chosen)) location.assign(result.url);
  });
}
