import { PAGE_LIMIT, PIXEL_LIMIT } from './limits';
import type { SharpOptions } from './options';
import type { RunnerRequest } from './request';
import { failureOfSharp } from './sharp-errors';

type Asked = Pick<RunnerRequest, 'format' | 'count' | 'width' | 'height' | 'fit' | 'quality' | 'strip' | 'density' | 'pixelLimit' | 'pageLimit'>;

/**
 * What the options ask of the runner, whatever the input.
 * @throws Failure LIMIT_EXCEEDED for a size beyond the limit of pixels.
 */
export function askedOf(options: SharpOptions): Asked {
  const { width, height } = options;
  if ((width ?? 1) * (height ?? 1) > PIXEL_LIMIT) throw failureOfSharp('exceeds pixel limit');
  return {
    format: options.output_format,
    count: options.count ?? undefined,
    width: width ?? undefined,
    height: height ?? undefined,
    fit: options.fit ?? 'max',
    quality: options.quality ?? undefined,
    strip: options.strip ?? false,
    density: options.pixel_density ?? undefined,
    pixelLimit: PIXEL_LIMIT,
    pageLimit: PAGE_LIMIT,
  };
}
