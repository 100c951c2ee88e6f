// Requests of which only the newest counts. An older one still on its way may show what it brings, until a newer one
// has; of those in between none is waited for, so that a slow line neither starves the map nor queues for it.

interface Pending {
  number: number;
  topic: string;
  request: AbortController;
}

export class Newest {
  private pending: Pending[] = [];
  private asked = 0;
  private shown = 0;

  /** Names this view of the page to the service, which drops what a newer request of it has overtaken. */
  readonly view = crypto.randomUUID?.() ?? `${Math.random()}`.slice(2);

  /**
   * Ask, and show what comes unless something newer is shown already. Says whether it was shown.
   * Requests on another topic are broken off: what they bring is no step towards what is wanted now.
   */
  async ask<T>(topic: string, fetch: (signal: AbortSignal) => Promise<T | null>, show: (found: T) => void): Promise<boolean> {
    for (const other of this.pending.filter((each, at) => each.topic !== topic || at > 0)) this.drop(other);
    const mine: Pending = { number: ++this.asked, topic, request: new AbortController() };
    this.pending.push(mine);
    try {
      const found = await fetch(mine.request.signal);
      if (found === null || mine.request.signal.aborted || mine.number < this.shown) return false;
      this.shown = mine.number;
      for (const older of this.pending.filter(({ number }) => number < mine.number)) this.drop(older);
      show(found);
      return true;
    } catch (error) {
      if (mine.request.signal.aborted) return false;
      throw error;
    } finally {
      this.pending = this.pending.filter((each) => each !== mine);
    }
  }

  /** Break off whatever is on its way. */
  stop(): void {
    for (const each of [...this.pending]) this.drop(each);
  }

  private drop(each: Pending): void {
    each.request.abort();
    this.pending = this.pending.filter((other) => other !== each);
  }
}
