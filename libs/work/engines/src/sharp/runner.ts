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

  const { width, height, vector } = request;
  // With one side given there is only one size that keeps the ratio, whatever the fit.
  const fit = width && height ? { max: 'inside', crop: 'cover', scale: 'fill' }[request.fit] : 'inside';
  let image = sharp(request.input, { limitInputPixels: request.pixelLimit, failOn: 'error', unlimited: false });
  if (request.autoOrient) image = image.autoOrient();
  if (width || height) image = image.resize({ width, height, fit, withoutEnlargement: request.fit === 'max' && !vector });
  if (!request.strip) image = image.keepMetadata();
  if (request.format === 'jpg') image = image.flatten({ background: '#ffffff' });
  const { quality } = request;
  image = image.toFormat(request.format === 'jpg' ? 'jpeg' : request.format, request.format === 'png' ? {} : { quality });
  image = image.timeout({ seconds: request.timeoutS });
  try {
    await image.toFile(request.output);
    answer({ ok: true });
  } catch (error) {
    answer({ ok: false, error: (error as Error).message });
  }
}

/** The program for `node -e`. */
export const RUNNER = `(${runner.toString()})(require)`;

/** A program for `node -e` that prints the version of the sharp in the folder it finds in its standard input. */
export const VERSION_PROBE = `console.log(require(require('node:fs').readFileSync(0, 'utf8')).versions.sharp)`;
