// What a slider stands at, in a number beside it: on every page that has sliders, also without a map.

function label(slider: HTMLInputElement): void {
  const sliders = [...(slider.form ?? document).querySelectorAll<HTMLInputElement>("[data-lens-part]")];
  const sum = sliders.reduce((total, each) => total + Number(each.value), 0);
  for (const each of sliders) {
    const share = sum ? Math.round((100 * Number(each.value)) / sum) : 0;
    const quiet = document.createElement("span");
    quiet.className = "em-quiet";
    quiet.textContent = ` · ${share}%`;
    each.parentElement?.querySelector("[data-lens-output]")?.replaceChildren(each.value, quiet);
  }
}

export function labelSliders(): void {
  document.addEventListener("input", (event) => {
    const target = event.target as HTMLElement;
    if (target.matches("[data-lens-part]")) label(target as HTMLInputElement);
  });
}
