// Small helpers for what is on the page around the map.

export type Bounds = [west: number, south: number, east: number, north: number];

export const calm = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

export function alertReader(text: string): void {
  const box = one("[data-map-alert]");
  box.textContent = text;
  box.hidden = !text;
}
