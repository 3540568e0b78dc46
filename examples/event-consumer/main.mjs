// Prints every fact as a line of JSON. See README.md.
import { connect } from '@nats-io/transport-node';
import { EventReader } from './event-reader.mjs';
import { PositionFile } from './position-file.mjs';

const { NATS_URL, NATS_PASSWORD, NATS_USER = 'consumer', POSITION_FILE = 'position.json', FILTER = 'events.>', DURABLE = 'consumer' } = process.env;
if (!NATS_URL || !NATS_PASSWORD) {
  console.error('NATS_URL (nats://127.0.0.1:8089) and NATS_PASSWORD (natsPasswords.consumer of .millrace/state.json) have to be set');
  process.exit(2);
}

const stop = new AbortController();
const place = new PositionFile(POSITION_FILE);
const tell = (text) => console.error(text);
const handle = (fact) => console.log(JSON.stringify(fact));
const pause = () => new Promise((resolve) => {
  const timer = setTimeout(resolve, 1_000);
  stop.signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});

const connection = await connect({
  servers: NATS_URL,
  user: NATS_USER,
  pass: NATS_PASSWORD,
  inboxPrefix: '_INBOX_consumer',
  maxReconnectAttempts: -1,
  waitOnFirstConnect: true,
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    stop.abort();
    void connection.close();
  });
}

while (!stop.signal.aborted) {
  try {
    await new EventReader(connection, { durable: DURABLE, filter: FILTER, place, handle, tell }).read(stop.signal);
  } catch (error) {
    // NATS is away, or its store was lost with the stream and our durable: both come back.
    if (stop.signal.aborted) break;
    if (connection.isClosed()) throw error;
    tell(`${error.message}; again in a second`);
    await pause();
  }
}
