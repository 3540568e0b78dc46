/** True when a subscription to `pattern` (`*` is one token, a final `>` one or more) hears `subject`. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const given = subject.split('.');
  if (wanted.at(-1) === '>') return given.length >= wanted.length && wanted.slice(0, -1).every((token, at) => token === '*' || token === given[at]);
  return given.length === wanted.length && wanted.every((token, at) => token === '*' || token === given[at]);
}
