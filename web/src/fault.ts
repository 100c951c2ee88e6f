// What is wrong with a question takes the focus, and the field to mend is marked as the wrong one.

export function showFault(): void {
  const fault = document.querySelector<HTMLElement>(".em-fault");
  const link = fault?.querySelector<HTMLAnchorElement>('a[href^="#"]');
  if (!fault || !link) return;
  const field = document.getElementById(link.hash.slice(1));
  if (field?.matches("input, select, textarea")) {
    field.setAttribute("aria-invalid", "true");
    const told = field.getAttribute("aria-describedby");
    field.setAttribute("aria-describedby", told ? `${told} fault-words` : "fault-words");
    const folded = field.closest("details");
    if (folded) folded.open = true;
  }
  fault.focus();
}
