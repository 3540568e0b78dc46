// What the distribution provides, by the tier that needs it.
const fonts = '/usr/share/fonts/truetype';
const office = '/usr/lib/libreoffice/program';

/** Found when a program of this name is in a usual folder, or when a file is where its package puts it. */
const core = [
  { pkg: 'nats-server', program: 'nats-server' },
  { pkg: 'bubblewrap', program: 'bwrap' },
  { pkg: 'util-linux', program: 'prlimit' },
  { pkg: 'openssl', program: 'openssl' },
  { pkg: 'ffmpeg', program: 'ffmpeg' },
  { pkg: 'libreoffice-writer-nogui', file: `${office}/libswlo.so` },
  { pkg: 'libreoffice-calc-nogui', file: `${office}/libsclo.so` },
  { pkg: 'libreoffice-impress-nogui', file: `${office}/libslideshowlo.so` },
  { pkg: 'libreoffice-draw-nogui', file: `${office}/libsdlo.so` },
  { pkg: 'python3-uno', file: '/usr/lib/python3/dist-packages/uno.py' },
  { pkg: 'poppler-utils', program: 'pdftoppm' },
  { pkg: 'qpdf', program: 'qpdf' },
  { pkg: 'libimage-exiftool-perl', program: 'exiftool' },
  // exiftool reads office documents, which are zip files, by its help.
  { pkg: 'libarchive-zip-perl', file: '/usr/share/perl5/Archive/Zip.pm' },
  { pkg: 'libarchive-tools', program: 'bsdtar' },
  // Documents name fonts that this machine has not: Liberation, Carlito and Caladea have the widths of Arial, Times, Courier, Calibri and Cambria,
  // so that lines and pages break where their author saw them break; Noto has the scripts that those lack.
  { pkg: 'fonts-liberation2', file: `${fonts}/liberation2/LiberationSans-Regular.ttf` },
  { pkg: 'fonts-crosextra-carlito', file: `${fonts}/crosextra/Carlito-Regular.ttf` },
  { pkg: 'fonts-crosextra-caladea', file: `${fonts}/crosextra/Caladea-Regular.ttf` },
  { pkg: 'fonts-dejavu-core', file: `${fonts}/dejavu/DejaVuSans.ttf` },
  { pkg: 'fonts-noto-core', file: `${fonts}/noto/NotoSansArabic-Regular.ttf` },
  { pkg: 'fonts-noto-cjk', file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' },
];

const optional = [{ pkg: 'libheif-examples', program: 'heif-convert' }];

/** An S3 server to test against. */
const swift = ['proxy', 'account', 'container', 'object'].map((part) => ({ pkg: `swift-${part}`, program: `swift-${part}-server` }));

/** `core`: what the default needs. `all`: the programs of optional engines as well. */
const tiers = { core, all: [...core, ...optional] };

/** What `npm test` needs beside `all`. */
const test = [...tiers.all, ...swift];

module.exports = { tiers, test };
