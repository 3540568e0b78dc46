import { documentSample } from './documents';
import { imageSample } from './images';
import { mediaSample } from './media';

export { CANARY } from './documents';

/** Makes a small file of `format` in `folder`. Undefined when no program here makes that format: then nothing can be said of it. */
export async function sampleOf(format: string, folder: string): Promise<string | undefined> {
  return (await imageSample(format, folder)) ?? (await mediaSample(format, folder)) ?? (await documentSample(format, folder));
}
