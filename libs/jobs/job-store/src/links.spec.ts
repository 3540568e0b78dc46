import { verifySignedUrl, verifyTicket } from '@millrace/signing';
import { createLinks } from './links';

const links = createLinks({ publicUrl: 'https://m.test/', secret: 'secret' });
const ended = '2026-01-02T03:04:05.678Z';

it('signs downloads for 24 h from the end of the task, always alike', () => {
  const url = links.download('t', { blob: 't/r/x', name: "it's (1) é.png" }, false, ended);
  expect(links.download('t', { blob: 't/r/x', name: "it's (1) é.png" }, false, ended)).toBe(url);
  expect(url).toMatch(/^https:\/\/m\.test\/storage\/t\/[0-9a-f]{24}\/it%27s%20%281%29%20%C3%A9\.png\?/);
  const target = url.slice('https://m.test'.length);
  expect(verifySignedUrl('secret', 'GET', target, new Date('2026-01-03T03:04:04Z'))).toEqual({ disposition: 'attachment' });
  expect(() => verifySignedUrl('secret', 'GET', target, new Date('2026-01-03T03:04:06Z'))).toThrow(expect.objectContaining({ code: 'GONE' }));
});

it('makes forms that prove their task until they end', () => {
  const { url, parameters } = links.uploadForm('t', '2026-01-02T09:00:00Z', { redirect: 'https://app.test/x' });
  expect(url).toBe('https://m.test/storage/tasks');
  expect(parameters).toMatchObject({ key: 't/${filename}', 'X-Amz-Date': '20260102T030000Z', success_action_redirect: 'https://app.test/x' });
  expect(JSON.parse(Buffer.from(parameters['Policy']!, 'base64').toString())).toMatchObject({ expiration: '2026-01-02T09:00:00.000Z' });
  expect(verifyTicket('secret', parameters['X-Amz-Signature']!, new Date('2026-01-02T08:59:59Z'))).toEqual({ task: 't', redirect: 'https://app.test/x' });
  expect(() => verifyTicket('secret', parameters['X-Amz-Signature']!, new Date('2026-01-02T09:00:00Z'))).toThrow(expect.objectContaining({ code: 'GONE' }));
  expect(links.uploadForm('t', ended, { redirect: 'javascript:alert(1)' }).parameters).not.toHaveProperty('success_action_redirect');
});
