import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Where the consumer stands, in a file that is replaced whole: `{ position, epoch }`. */
export class PositionFile {
  constructor(file) {
    this.file = file;
    const kept = read(file);
    this.position = kept.position;
    this.epoch = kept.epoch;
  }

  /** Keeps the place of what was just handled. */
  move(position, epoch) {
    this.position = position;
    this.epoch = epoch;
    const half = `${this.file}.half`;
    writeFileSync(half, JSON.stringify({ position, epoch }));
    renameSync(half, this.file);
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { position: 0, epoch: null };
  }
}
