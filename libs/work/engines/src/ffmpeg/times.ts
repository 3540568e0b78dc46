const PATTERN = /^(?:(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d(?:\.\d{1,6})?)|(\d{1,7}(?:\.\d{1,6})?))$/;

/** Seconds of a time as customers write it: `90`, `1:30`, `00:01:30.5`; undefined for anything else. */
export function secondsOf(time: string): number | undefined {
  const found = PATTERN.exec(time.trim());
  if (!found) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0', plain] = found;
  return plain === undefined ? Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) : Number(plain);
}

/** A duration as a customer reads it, such as `12.5 seconds`. */
export const inWords = (seconds: number): string => `${Math.round(seconds * 100) / 100} seconds`;
