import { uploadTargets } from './upload-targets';

const URL_ = 'https://files.test/in';

it('leaves the address of one file as it is', () => {
  for (const url of [`${URL_}?sig=a%2Fb%d0%0D`, URL_, `${URL_}/%D0%dA`]) expect(uploadTargets(url, ['a.pdf'])).toEqual([url]);
});

it('puts number and name in', () => {
  expect(uploadTargets(`${URL_}/%d.pdf`, ['a.pdf', 'b.pdf'])).toEqual([`${URL_}/1.pdf`, `${URL_}/2.pdf`]);
  expect(uploadTargets(`${URL_}/%d-%s?n=%d`, ['ü &?#%.pdf'])).toEqual([`${URL_}/1-${encodeURIComponent('ü &?#%.pdf')}?n=1`]);
  expect(uploadTargets(`${URL_}/%d`, ['only.pdf'])).toEqual([`${URL_}/1`]);
});

it('sends files of one name to addresses of their own', () => {
  const targets = uploadTargets(`${URL_}/%s`, ['a.pdf', 'a.pdf', 'A.PDF']);
  expect(new Set(targets).size).toBe(3);
  expect(targets[0]).toBe(`${URL_}/a.pdf`);
});

it('refuses one address for several files, and says what is missing', () => {
  expect(() => uploadTargets(`${URL_}/%d0`, ['a', 'b'])).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('%d (number of the file) or %s') }));
});
