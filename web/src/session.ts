// A session ends when nobody uses it. Whoever is writing uses it, though no page is asked for: it is kept alive
// while they write, and they are told in time when it is about to end all the same.
const TOLD_S = 120;
const LOOK_MS = 10_000;

/** Watches over the session of who is signed in, on pages with a form that people write in. */
export function watchSession(): void {
  const { idleSeconds, endsIn } = document.body.dataset;
  const written = document.querySelector("main form textarea, main form input:not([type=hidden])");
  if (!idleSeconds || !endsIn || !written) return;
  const idle = Number(idleSeconds) * 1000;
  const end = Date.now() + Number(endsIn) * 1000;
  let used = Date.now();
  let asked = used;
  let over = false;
  document.addEventListener("input", () => {
    used = Date.now();
  });
  const look = async (): Promise<void> => {
    const now = Date.now();
    // Twice in each stretch of idleness that the service allows.
    if (used > asked && now - asked > Math.min(idle / 3, 300_000)) {
      asked = now;
      over = await isOver();
    }
    tell(over ? 0 : (Math.min(asked + idle, end) - now) / 1000);
  };
  window.setInterval(() => void look(), LOOK_MS);
}

/** Asks for something that is of who is signed in, which notes that the session is used; says whether it is over. */
async function isOver(): Promise<boolean> {
  const answer = await fetch("/api/v1/me", { cache: "no-store" }).catch(() => null);
  return answer?.status === 401;
}

function tell(left: number): void {
  const soon = left > 0 ? "You will be signed out in two minutes or less." : "You are signed out by now.";
  const words = left > TOLD_S ? "" : `${soon} Send the form as always: if you have to sign in again, what you typed is kept.`;
  const shown = document.querySelector<HTMLElement>("[data-session-note]");
  if (!words || shown?.textContent === words) {
    if (!words) shown?.remove();
    return;
  }
  // Made when it is needed: an alert that comes into the page is read out.
  const place = shown ?? document.createElement("p");
  place.dataset.sessionNote = "";
  place.className = "em-session-note";
  place.role = "alert";
  place.textContent = words;
  if (!shown) document.body.append(place);
}
