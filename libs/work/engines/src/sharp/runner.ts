import type { RunnerAnswer, RunnerRequest } from './request';

/**
 * Converts one image; runs inside the jail. Its text is handed to `node -e`, so it may use nothing from outside its own body:
 * the package is loaded by absolute path, types are erased.
 */
async function runner(load: (path: string) => any): Promise<void> {
  const answer = (value: RunnerAnswer) => process.stdout.write(`${JSON.stringify(value)}\n`);
  const request: RunnerRequest = JSON.parse(load('node:fs').readFileSync(0, 'utf8'));
  const sharp = load(request.sharp);
  sharp.concurrency(2);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: [request.loader] });

  const { width, height, vector, quality, density, format, strip, pixelLimit, pageLimit } = request;
  const open = (pages: object = {}) => sharp(request.input, { limitInputPixels: pixelLimit, failOn: 'error', unlimited: false, ...(vector && density && { density }), ...pages });

  /** Pixels of one page of the output, at most. */
  const pixelsOf = (facts: any): number => {
    const lies = request.orientation === 'apply' && facts.orientation >= 5;
    const sides = [facts.width, facts.pageHeight ?? facts.height];
    const [w, h] = lies ? sides.reverse() : sides;
    const [wide, high] = width || height ? [width ?? Math.ceil((w * height!) / h), height ?? Math.ceil((h * width!) / w)] : [w, h];
    return request.fit === 'max' && !vector ? Math.min(w * h, wide * high) : wide * high;
  };
  const check = (pixels: number) => {
    if (pixels > pixelLimit) throw new Error('Output image exceeds pixel limit');
  };

  const encoder = (facts: any): object => {
    // For the best coding tables libjpeg keeps all coefficients of an image: more than the memory allowed, for the largest.
    if (format === 'jpg') return { quality, optimizeCoding: pixelsOf(facts) < 100_000_000 };
    if (format === 'tiff') return quality ? { compression: 'jpeg', quality } : { compression: 'lzw' };
    if (format === 'png') return quality && quality < 100 ? { palette: true, quality } : {};
    return format === 'gif' ? {} : { quality };
  };

  const write = async (pages: object, facts: any, joined: boolean, index: number) => {
    let image = open(pages);
    // Frames cannot be turned together.
    if (request.orientation === 'apply' && !joined) image = image.autoOrient();
    // With one side given there is only one size that keeps the ratio, whatever the fit.
    const fit = width && height ? { max: 'inside', crop: 'cover', scale: 'fill' }[request.fit] : 'inside';
    if (width || height) image = image.resize({ width, height, fit, withoutEnlargement: request.fit === 'max' && !vector });
    // A gif has no place for a profile, and keeping it would keep the colours unconverted.
    if (!strip && format !== 'gif') image = image.keepMetadata();
    // The public way to write this, withMetadata, would also convert the colours.
    if (request.orientation === 'done') image.options.withMetadataOrientation = 1;
    // The density is kept with EXIF only: one that is otherwise empty, where it is to be stripped.
    if (density) image = (strip ? image.withExif({}) : image).withDensity(density);
    if (format === 'jpg' || (format === 'tiff' && quality)) image = image.flatten({ background: '#ffffff' });
    // sharp makes 8 bits of 16 unless told otherwise.
    if (facts.depth === 'ushort' && !quality && (format === 'png' || format === 'tiff')) image = image.toColourspace(facts.space === 'grey16' ? 'grey16' : 'rgb16');
    await image
      .toFormat(format === 'jpg' ? 'jpeg' : format, encoder(facts))
      .timeout({ seconds: request.timeoutS })
      .toFile(request.output.join(String(index)));
  };

  /** What a file says of all its pages as one image; undefined when they differ in size or lie on their side. */
  const together = async () => {
    try {
      const facts = await open({ pages: -1 }).metadata();
      return format === 'tiff' && request.orientation === 'apply' && facts.orientation > 1 ? undefined : facts;
    } catch (error) {
      if (format === 'tiff' && /differs? from page/.test((error as Error).message)) return undefined;
      throw error;
    }
  };

  const convert = async (): Promise<number> => {
    const first = await open().metadata();
    const pages: number = first.pages ?? 1;
    if (request.pages !== 'first' && request.count === undefined && pages > pageLimit) throw new Error('exceeds page limit');
    const joined = request.pages === 'joined' && pages > 1 ? await together() : undefined;
    check(pixelsOf(first) * (joined ? pages : 1));
    if (joined) await write({ pages: -1 }, joined, true, 0);
    else if (request.pages === 'first' || pages === 1) await write({}, first, false, 0);
    else {
      const files = Math.min(pages, request.count ?? pages, pageLimit);
      for (let page = 0; page < files; page += 1) {
        const facts = page === 0 ? first : await open({ page }).metadata();
        check(pixelsOf(facts));
        await write({ page }, facts, false, page);
      }
      return files;
    }
    return 1;
  };

  try {
    answer({ ok: true, files: await convert() });
  } catch (error) {
    answer({ ok: false, error: (error as Error).message });
  }
}

/** The program for `node -e`. */
export const RUNNER = `(${runner.toString()})(require)`;

/** A program for `node -e` that prints the version of the sharp in the folder it finds in its standard input. */
export const VERSION_PROBE = `console.log(require(require('node:fs').readFileSync(0, 'utf8')).versions.sharp)`;
