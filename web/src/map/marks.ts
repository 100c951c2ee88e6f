// Marks on the browser's own timeline, from a slider's move to the frame that shows it: a person sees them in the
// developer tools, the benchmarks read them. They cost a microsecond.

export type Step = "input" | "request" | "answer" | "state" | "frame";

const PREFIX = "exclusion-map:";

export function mark(step: Step): void {
  performance.mark(PREFIX + step);
}
