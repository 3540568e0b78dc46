import type { Sandbox } from '@millrace/sandbox';
import { programVersion } from '../program-version';

export const QPDF = '/usr/bin/qpdf';
/** Memory holds the objects of a document, not its streams. */
export const QPDF_LIMITS = { outputFiles: 100, openFiles: 256, processes: 16, memoryBytes: 1024 ** 3, cpuS: 600 };

/** Exit code for a document that qpdf repaired; what it wrote is whole. */
export const WITH_WARNINGS = 3;

/** @throws Failure ENGINE_UNAVAILABLE, in the name of `engine`. */
export const qpdfVersion = (sandbox: Sandbox, engine: string): Promise<string> => programVersion(sandbox, engine, [QPDF, '--version'], /qpdf version ([\d.]+)/);
