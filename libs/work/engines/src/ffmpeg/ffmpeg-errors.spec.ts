import type { RunResult } from '@millrace/sandbox';
import { assertReadable } from './caps';
import { assertComplete, assertWhole, failureOfRun } from './ffmpeg-errors';
import { ProgressReader } from './progress';

const ended = (stderr: string): RunResult => ({ exitCode: 1, signal: null, timedOut: false, stdout: '', stderr, wallMs: 1, maxRssBytes: 0 });

describe('failureOfRun', () => {
  it.each([
    ['[mp4 @ 0x1] Could not find tag for codec vp8 in stream #0, codec not currently supported in container', 'INVALID_INPUT', 'cannot hold vp8'],
    ['[libopus @ 0x1] Specified sample rate 44100 is not supported', 'INVALID_INPUT', '44100 Hz'],
    ['Error initializing output stream 0:0 -- Error while opening encoder', 'INVALID_INPUT', 'with these options'],
    ['[mov @ 0x1] moov atom not found\nfile:/data/x: Invalid data found when processing input', 'INVALID_INPUT', 'damaged'],
    ['Cannot allocate memory', 'LIMIT_EXCEEDED', 'memory'],
    ['av_interleaved_write_frame(): No space left on device', 'ENGINE_CRASHED', ''],
    ['Assertion failed', 'ENGINE_CRASHED', 'exit code 1'],
  ])('%s', (stderr, code, message) => {
    const failure = failureOfRun(ended(stderr), 'film.mkv', 'mp4');
    expect([failure.code, failure.publicMessage]).toEqual([code, expect.stringContaining(message)]);
    expect(failure.publicMessage).not.toMatch(/\/data|0x1/);
  });
});

describe('assertWhole', () => {
  const cut = { demuxer: 'mov', written: 5, expected: 10, hasPicture: true, stderr: 'partial file' };
  it('refuses what ends early with a complaint', () => {
    expect(() => assertWhole('a.mp4', cut)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('only 5 seconds of 10 seconds') }));
    expect(() => assertWhole('a.flv', { ...cut, demuxer: 'flv', stderr: '' })).toThrow('INVALID_INPUT');
  });
  it.each([
    ['without a complaint', { stderr: '\n' }],
    ['nearly whole', { written: 9.1 }],
    ['short, and nearly whole', { written: 0.2, expected: 1 }],
    ['of unknown length', { expected: undefined }],
    ['of guessed length', { demuxer: 'mp3' }],
    ['the sound of a Flash film', { demuxer: 'flv', hasPicture: false, stderr: '' }],
  ])('takes a file %s', (_, change) => expect(() => assertWhole('a', { ...cut, ...change })).not.toThrow());
});

test('a file may miss a little of what it says, not more', () => {
  for (const promised of [undefined, 100, 50, 111]) expect(() => assertComplete('a.wav', 100, promised)).not.toThrow();
  expect(() => assertComplete('a.wav', 100, 112)).toThrow(expect.objectContaining({ publicMessage: 'The file a.wav is incomplete: it has 100 of 112 bytes' }));
});

describe('assertReadable', () => {
  const film = { demuxer: 'mov', duration: 60, streams: 1, sounds: [] };
  const picture = { index: 0, codec: 'h264', width: 1920, height: 1080, square: true, fps: 30, baseFps: 30 };
  it.each([
    ['32,767', { picture: { ...picture, width: 32_767, height: 32_767 } }],
    ['frames a second', { picture: { ...picture, fps: 1e6 } }],
    ['lasts', { duration: 1e9 }],
    ['too much work', { picture: { ...picture, width: 7680, height: 4320 }, duration: 86_400 }],
  ])('refuses: %s', (message, change) => {
    expect(() => assertReadable('a', { ...film, ...change })).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED', publicMessage: expect.stringContaining(message) }));
  });
  it('takes three hours of 4K, and a week of sound', () => {
    expect(() => assertReadable('a', { ...film, picture: { ...picture, width: 3840, height: 2160, fps: 60 }, duration: 3 * 3600 })).not.toThrow();
    expect(() => assertReadable('a', { ...film, duration: 7 * 86_400 })).not.toThrow();
  });
});

test('progress is a share of what is expected, and never whole', () => {
  const told: number[] = [];
  const reader = new ProgressReader(10, (share) => told.push(share));
  for (const line of ['frame=3', 'out_time_us=N/A', 'out_time_us=2500000', 'out_time=00:00:09', 'out_time_us=99000000', 'progress=end']) reader.line(line);
  expect([told, reader.written, reader.frames]).toEqual([[0.25, 0.99], 99, 3]);
  const blind = new ProgressReader(undefined, () => { throw new Error('told'); });
  blind.line('out_time_us=2500000');
  expect(blind.written).toBe(2.5);
});
