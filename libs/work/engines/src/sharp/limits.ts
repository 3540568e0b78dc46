/** sharp's own default, 0x3FFF squared; four bytes a pixel of it fit into the memory limit. Frames of an animation count together. */
export const PIXEL_LIMIT = 268_402_689;

/** Frames of an animation, pages of a tiff. */
export const PAGE_LIMIT = 3000;

/** What one file may use up; processor time is that of the slowest encoder, avif, at a good part of the pixel limit. */
export const LIMITS = { cpuS: 900, outputBytes: 1024 ** 3, outputFiles: PAGE_LIMIT + 100, openFiles: 256, processes: 64, memoryBytes: 1.5 * 1024 ** 3 };
