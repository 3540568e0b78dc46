import { createLogger } from '@millrace/telemetry';
import { installedVersions } from '@millrace/work-runtime';

/** Prints the versions of the installed engines as JSON. Argument: the mode of the sandbox, bwrap or off. */
async function main(): Promise<void> {
  const mode = process.argv[2] === 'off' ? 'off' : 'bwrap';
  console.log(JSON.stringify(await installedVersions(mode, createLogger({ service: 'engine-versions', level: 'fatal' }))));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
