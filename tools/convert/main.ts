import { ApiError } from './api-error';
import { HELP, parseCommand, UsageError } from './arguments';
import { convert, describeOptions } from './convert';
import { platformFor } from './platform';

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (command.verb === 'help') return console.log(HELP);
  const platform = await platformFor(command);
  if (command.verb === 'options') console.log(await describeOptions(command.from, command.to, platform));
  else await convert(command, platform);
}

main().catch((error: unknown) => {
  const { message, stack, cause } = error as Error & { forPeople?: boolean };
  if (error instanceof UsageError) {
    console.error(`${message}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const known = error instanceof ApiError || (error as { forPeople?: boolean }).forPeople;
  console.error(known ? message : message === 'fetch failed' ? `The platform does not answer: ${(cause as Error).message}` : stack);
  process.exitCode = 1;
});
