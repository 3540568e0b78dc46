/** Types the engine reads, with libvips' loader of each: every other loader stays blocked while a file of that type is open. */
export const LOADERS: Readonly<Record<string, string>> = {
  jpg: 'VipsForeignLoadJpegFile',
  png: 'VipsForeignLoadPngFile',
  webp: 'VipsForeignLoadWebpFile',
  avif: 'VipsForeignLoadHeifFile',
  tiff: 'VipsForeignLoadTiffFile',
  gif: 'VipsForeignLoadNsgifFile',
  svg: 'VipsForeignLoadSvgFile',
};

export const OUTPUT_FORMATS = ['jpg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/**
 * What becomes of the pages or frames of an input.
 * - `first`: the image that its format calls the main one.
 * - `joined`: all of them, in one file; where they cannot be, an animation is refused and a tiff becomes `each`.
 * - `each`: one file per page.
 */
export type Pages = 'first' | 'joined' | 'each';

/** What the runner inside the jail reads from its standard input, as JSON. */
export interface RunnerRequest {
  /** The folder of the package `sharp`. */
  readonly sharp: string;
  readonly loader: string;
  readonly vector: boolean;
  readonly input: string;
  /** Paths of the outputs in what stands before and after the number of the page, which counts from 0. */
  readonly output: readonly [before: string, after: string];
  readonly format: OutputFormat;
  readonly pages: Pages;
  /** Of `each`: so many pages from the first on; more in the file are an error where this is undefined. */
  readonly count?: number;
  readonly width?: number;
  readonly height?: number;
  readonly fit: 'max' | 'crop' | 'scale';
  readonly quality?: number;
  readonly strip: boolean;
  /** What becomes of the orientation that the metadata tell: it is applied, it stays, or (`done`) it has been applied and must not be told again. */
  readonly orientation: 'apply' | 'keep' | 'done';
  /** Dots per inch. */
  readonly density?: number;
  /** Pixels of the input, and of the output; all frames of an animation together. */
  readonly pixelLimit: number;
  /** Frames of an animation, pages of a file. */
  readonly pageLimit: number;
  readonly timeoutS: number;
}

/** What the runner prints, as JSON: how many files it made, or why none. */
export type RunnerAnswer = { readonly ok: true; readonly files: number } | { readonly ok: false; readonly error: string };

const ALIASES: Readonly<Record<string, string>> = { jpeg: 'jpg', tif: 'tiff' };

/** The house name of a type: one for each, without a dot. */
export function typeName(type: string | undefined): string | undefined {
  const lower = type?.toLowerCase();
  return lower === undefined ? undefined : (ALIASES[lower] ?? lower);
}
