import { inspect } from 'node:util';
import { z } from 'zod';
import { ConfigError, loadConfig } from './load-config';
import { bytes, duration } from './units';
import { boolean, integer, list, port, secret } from './values';

const schema = z.object({
  PORT: port(3000),
  LEASE: duration('20s'),
  MAX_BODY: bytes('1MB'),
  SANDBOX: boolean('on'),
  ENGINES: list('ffmpeg,sharp', ['ffmpeg', 'sharp', 'fault']),
  LEVEL: z.enum(['info', 'debug']).default('info'),
  PUBLIC_URL: z.url().optional(),
  MASTER_KEY: secret({ minLength: 8 }),
});

const problemsOf = (env: Record<string, string>): ConfigError => {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
};

describe('loadConfig', () => {
  it('fills in defaults, typed', () => {
    const { MASTER_KEY, ...config } = loadConfig(schema, { MASTER_KEY: 'correct horse', PORT: '' });
    expect(config).toEqual({ PORT: 3000, LEASE: 20_000, MAX_BODY: 1_048_576, SANDBOX: true, ENGINES: ['ffmpeg', 'sharp'], LEVEL: 'info' });
    expect(MASTER_KEY.reveal()).toBe('correct horse');
  });

  it('reports every problem at once, with the variable and a valid value', () => {
    const error = problemsOf({ PORT: '70000', LEASE: 'soon', MAX_BODY: '-1MB', SANDBOX: 'maybe', ENGINES: 'ffmpeg,word', LEVEL: 'loud', PUBLIC_URL: 'nowhere' });
    expect(error.problems.map(({ variable, example }) => [variable, example])).toEqual([
      ['PORT', '3000'], ['LEASE', '20s'], ['MAX_BODY', '1MB'], ['SANDBOX', 'on'], ['ENGINES', 'ffmpeg,sharp'], ['LEVEL', 'info'],
      ['PUBLIC_URL', 'http://127.0.0.1:3000'], ['MASTER_KEY', 'the output of: openssl rand -hex 32'],
    ]);
    expect(error.message).toContain('LEASE is not a duration: a number and one of ms, s, m, h, d. For example: LEASE=20s');
    expect(error.message).toContain('MASTER_KEY is not set');
    expect(error.message).toContain('LEVEL is not one of info, debug');
    expect(error.message).toContain('ENGINES names "word", but only ffmpeg, sharp, fault exist');
  });

  it('takes its own examples', () => {
    const { problems } = problemsOf({ PORT: 'x', LEASE: 'x', MAX_BODY: 'x', SANDBOX: 'x', ENGINES: 'x', LEVEL: 'x', PUBLIC_URL: 'x', MASTER_KEY: 'x' });
    const env = Object.fromEntries(problems.map(({ variable, example }) => [variable, example]));
    expect(loadConfig(schema, env).PORT).toBe(3000);
  });

  it('never prints a secret, right or wrong', () => {
    expect(problemsOf({ MASTER_KEY: 'hunter2' }).message).not.toContain('hunter2');
    const config = loadConfig(schema, { MASTER_KEY: 'hunter2-hunter2' });
    const prints = [inspect(config), JSON.stringify(config), `${config.MASTER_KEY}`, inspect(config, { showHidden: true })];
    expect(prints.join()).not.toContain('hunter2');
  });

  it('freezes the result, lists included', () => {
    const config = loadConfig(schema, { MASTER_KEY: 'correct horse' });
    expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError);
    expect(() => (config.ENGINES as string[]).push('x')).toThrow(TypeError);
  });

  it('sees checks over several variables', () => {
    const pair = z.object({ A: integer(1), B: integer(2) }).refine(({ A, B }) => A < B, { path: ['A'], message: 'must be below B' });
    expect(() => loadConfig(pair, { A: '5' })).toThrow(/A must be below B/);
  });
});

describe('units', () => {
  it.each([['250ms', 250], ['20s', 20_000], ['1.5m', 90_000], ['5h', 18_000_000], ['24 H', 86_400_000], ['7d', 604_800_000], ['0s', 0]])('%s is %d ms', (text, expected) => {
    expect(duration().parse(text)).toBe(expected);
  });

  it.each(['', '20', 's', '-1s', '1e3s', '20 sec', '99999999999999999999d', '1.5.5s'])('%j is no duration', (text) => {
    expect(duration().safeParse(text).success).toBe(false);
  });

  it.each([['1B', 1], ['64kb', 65_536], ['1.5MB', 1_572_864], ['2 GB', 2_147_483_648]])('%s is %d bytes', (text, expected) => {
    expect(bytes().parse(text)).toBe(expected);
  });

  it.each([['ON', true], ['yes', true], ['1', true], ['off', false], ['False', false], ['no', false], ['0', false]])('%s is %p', (text, expected) => {
    expect(boolean().parse(text)).toBe(expected);
  });

  it.each(['70000', '-1', '3.5', '0x10', '', 'abc'])('%j is no port', (text) => {
    expect(port().safeParse(text).success).toBe(false);
  });
});
