// Stands in for an app in the supervisor's tests: ready at once, shows its environment, ends on demand.
const { createServer } = require('node:http');
const { spawn } = require('node:child_process');

const server = createServer((request, response) => {
  if (request.url === '/environment') response.end(JSON.stringify(process.env));
  else if (request.url === '/child') response.end(String(spawn('sleep', ['1000'], { stdio: 'ignore' }).pid));
  else response.writeHead(request.url.startsWith('/health/') ? 200 : 404).end();
});

if (process.env.FAULT_AT === `start-of-${process.env.SERVICE_NAME}`) {
  console.error('fake: I never start');
  process.exit(3);
}
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log(`fake: ${process.env.SERVICE_NAME} is listening`));
process.on('SIGTERM', () => process.exit(0));
