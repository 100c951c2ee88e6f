// Passwords can be looked at while they are typed (OWASP ASVS 2.1.12). Without scripts they stay hidden, as ever.

function label(button: HTMLButtonElement, shown: boolean): void {
  const rest = document.createElement("span");
  rest.className = "nhsuk-u-visually-hidden";
  rest.textContent = " password";
  button.replaceChildren(shown ? "Hide" : "Show", rest);
}

export function letPasswordsBeSeen(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("input[type=password]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "em-linkbutton em-show-password";
    button.setAttribute("aria-controls", field.id);
    label(button, false);
    button.addEventListener("click", () => {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      label(button, shown);
    });
    // Browsers keep what was in a text field, and offer it again: it is sent as a password.
    field.form?.addEventListener("submit", () => {
      field.type = "password";
      label(button, false);
    });
    field.after(button);
  }
}
