// Has a security key or passkey sign what the service asks, then sends the form as any other: what goes wrong
// there, the page that comes back says. Without this script the words in its place say what works instead.

type Json = Record<string, unknown>;

interface AskedKey {
  id: string;
  type: "public-key";
  transports?: AuthenticatorTransport[];
}

interface Asked extends Json {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  allowCredentials?: AskedKey[];
  excludeCredentials?: AskedKey[];
}

const STOPPED = "You stopped, or it took too long. Try again, or use another way.";
const FAILED = "That did not work. Try again, or use another way.";

function fromText(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function toText(buffer: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function keys(asked: AskedKey[] | undefined): PublicKeyCredentialDescriptor[] {
  return (asked ?? []).map((key) => ({ ...key, id: fromText(key.id) }));
}

async function create(asked: Asked): Promise<Json> {
  const { challenge, user, excludeCredentials } = asked;
  const publicKey = {
    ...asked,
    challenge: fromText(challenge),
    user: { ...user, id: fromText(user?.id ?? "") },
    excludeCredentials: keys(excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return written(made, {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    transports: response.getTransports(),
  });
}

async function get(asked: Asked): Promise<Json> {
  const publicKey = {
    ...asked,
    challenge: fromText(asked.challenge),
    allowCredentials: keys(asked.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = found.response as AuthenticatorAssertionResponse;
  return written(found, {
    clientDataJSON: toText(response.clientDataJSON),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle && toText(response.userHandle),
  });
}

function written(key: PublicKeyCredential, response: Json): Json {
  return { id: key.id, rawId: toText(key.rawId), type: key.type, response };
}

/** What the service wants signed; nothing where the page has to be loaded anew, which then says why. */
async function asked(address: string, csrf: string): Promise<Asked | null> {
  const headers = { accept: "application/json", "x-csrf-token": csrf };
  const answer = await fetch(address, { method: "POST", headers });
  if (answer.ok) return (await answer.json()) as Asked;
  if (answer.status === 401 || answer.status === 403) {
    location.reload();
    return null;
  }
  const problem = (await answer.json()) as { detail?: string };
  throw new Error(problem.detail ?? FAILED);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof DOMException)) return error instanceof Error && error.message ? error.message : FAILED;
  if (error.name === "InvalidStateError") return "This key is registered already.";
  return error.name === "NotAllowedError" || error.name === "AbortError" ? STOPPED : FAILED;
}

class KeyButton {
  readonly #box: HTMLElement;
  readonly #form: HTMLFormElement;
  readonly #fault: HTMLElement;
  readonly #told: HTMLElement;
  readonly #button: HTMLButtonElement;
  #busy = false;

  constructor(box: HTMLElement, form: HTMLFormElement) {
    this.#box = box;
    this.#form = form;
    this.#fault = box.querySelector<HTMLElement>("[data-fault]")!;
    this.#told = box.querySelector<HTMLElement>("[data-told]")!;
    const template = box.querySelector("template")!;
    this.#button = template.content.firstElementChild as HTMLButtonElement;
    template.replaceWith(this.#button);
    this.#told.textContent = "";
    form.addEventListener("submit", (event) => {
      // A code that was typed goes as it is, also when Enter chose this button.
      if (event.submitter !== this.#button || form.querySelector<HTMLInputElement>("#code")?.value) return;
      event.preventDefault();
      void this.#sign();
    });
  }

  async #sign(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#say("");
    this.#told.textContent = "Waiting for your key…";
    try {
      const csrf = this.#form.querySelector<HTMLInputElement>("[name=csrf]")!.value;
      const wanted = await asked(this.#box.dataset["options"]!, csrf);
      if (!wanted) return;
      const answer = await (this.#box.dataset["passkey"] === "create" ? create(wanted) : get(wanted));
      this.#box.querySelector<HTMLInputElement>("[name=credential]")!.value = JSON.stringify(answer);
      this.#form.submit();
    } catch (error) {
      this.#told.textContent = "";
      this.#say(wordsOf(error));
      this.#busy = false;
    }
  }

  #say(fault: string): void {
    this.#fault.textContent = fault;
    this.#box.classList.toggle("nhsuk-form-group--error", fault !== "");
  }
}

for (const box of document.querySelectorAll<HTMLElement>("[data-passkey]")) {
  const form = box.closest("form");
  const told = box.querySelector<HTMLElement>("[data-told]");
  const origin = box.dataset["origin"] ?? "";
  if (!form || !told) continue;
  if (location.origin !== origin) told.textContent = `Keys work only at ${origin}. Open this page there.`;
  else if (!window.PublicKeyCredential) told.textContent = "This browser cannot use keys. Use another way.";
  else new KeyButton(box, form);
}
addEventListener("pageshow", (event) => {
  // Back from the next page: what was signed is used up.
  if (event.persisted) location.reload();
});
