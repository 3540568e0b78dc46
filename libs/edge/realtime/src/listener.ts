import type { Links } from '@millrace/job-store';
import type { Occurrence } from './occurrences';

/** A socket, as far as telling needs it. */
export interface Listener {
  /** Of the host that it came by. */
  readonly links: Links;
  tell(event: string, channel: string, data: object): void;
}

/** Tells an occurrence in one of its channels. The data are made once for each host, however many listen. */
export class Announcement {
  readonly #data = new Map<string, object>();

  constructor(readonly occurrence: Occurrence) {}

  tell(channel: string, listeners: Iterable<Listener>): void {
    for (const listener of listeners) {
      const { links } = listener;
      const data = this.#data.get(links.publicUrl) ?? this.occurrence.data(links);
      this.#data.set(links.publicUrl, data);
      listener.tell(this.occurrence.event, channel, data);
    }
  }
}
