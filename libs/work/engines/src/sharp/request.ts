/** Types the engine reads, with libvips' loader of each: every other loader stays blocked while a file of that type is open. */
export const LOADERS: Readonly<Record<string, string>> = {
  jpg: 'VipsForeignLoadJpegFile',
  png: 'VipsForeignLoadPngFile',
  webp: 'VipsForeignLoadWebpFile',
  svg: 'VipsForeignLoadSvgFile',
};

export type OutputFormat = 'jpg' | 'png' | 'webp';

/** What the runner inside the jail reads from its standard input, as JSON. */
export interface RunnerRequest {
  /** The folder of the package `sharp`. */
  readonly sharp: string;
  readonly loader: string;
  readonly vector: boolean;
  readonly input: string;
  readonly output: string;
  readonly format: OutputFormat;
  readonly width?: number;
  readonly height?: number;
  readonly fit: 'max' | 'crop' | 'scale';
  readonly quality?: number;
  readonly strip: boolean;
  readonly autoOrient: boolean;
  /** Pixels of the input, and of the output. */
  readonly pixelLimit: number;
  readonly timeoutS: number;
}

/** What the runner prints, as JSON. */
export type RunnerAnswer = { readonly ok: true } | { readonly ok: false; readonly error: string };

const ALIASES: Readonly<Record<string, string>> = { jpeg: 'jpg' };

/** The house name of a type: one for each, without a dot. */
export function typeName(type: string | undefined): string | undefined {
  const lower = type?.toLowerCase();
  return lower === undefined ? undefined : (ALIASES[lower] ?? lower);
}
