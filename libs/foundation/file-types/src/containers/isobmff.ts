import { has, text, u32be } from '../bytes';

/** Brands of ISO/IEC 14496-12 `ftyp` boxes. Sources: mp4ra.org; AVIF 1.1 §8; ISO/IEC 23008-12 annex B. */
const BRANDS: Readonly<Record<string, string>> = {
  avif: 'avif', avis: 'avif',
  heic: 'heic', heix: 'heic', heim: 'heic', heis: 'heic', hevc: 'heic', hevx: 'heic',
  'qt  ': 'mov', 'M4A ': 'm4a', 'M4B ': 'm4b', 'M4P ': 'm4a', 'M4V ': 'm4v', 'crx ': 'cr3',
};
/** Say only that it is an image; which codec is said by the compatible brands. */
const GENERIC_IMAGES = ['mif1', 'msf1'];

/** The format of a file of boxes: AVIF, HEIC, MP4, MOV and kin. */
export function isobmff(head: Uint8Array): string | undefined {
  // A first byte other than 0 would be a box of 16 MB and more: text, rather.
  if (head[0] !== 0 || !has(head, 4, 'ftyp')) return undefined;
  const major = text(head, 8, 12);
  if (Object.hasOwn(BRANDS, major)) return BRANDS[major];
  if (GENERIC_IMAGES.includes(major)) return compatible(head).find((ext) => ext === 'avif' || ext === 'heic') ?? 'heif';
  if (major.startsWith('3gp')) return '3gp';
  if (major.startsWith('3g2')) return '3g2';
  return 'mp4';
}

function compatible(head: Uint8Array): (string | undefined)[] {
  const end = Math.min(u32be(head, 0), head.length);
  const found: (string | undefined)[] = [];
  for (let at = 16; at + 4 <= end; at += 4) {
    const brand = text(head, at, at + 4);
    if (Object.hasOwn(BRANDS, brand)) found.push(BRANDS[brand]);
  }
  return found;
}
