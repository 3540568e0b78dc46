import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { copyTree } from './copy-tree';

/** Made anew by a start; the folders themselves have to be there. */
const CONTENTS_ANEW = ['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans'];
const skipped = (relative: string): boolean =>
  /^postmaster\.(pid|opts)$/.test(relative) || /(^|\/)pgsql_tmp/.test(relative) || CONTENTS_ANEW.includes(path.dirname(relative));

const SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Copies the data folder of a running Postgres, by the protocol of its online backups: what it is worth is the state at the end of the copy.
 * A slot keeps the write-ahead log of that time. Answers the position of the last event that is surely in it.
 */
export async function copyPostgres(url: string, dataDir: string, target: string): Promise<number> {
  const client = new Client({ connectionString: url, application_name: 'millrace-backup' });
  await client.connect();
  try {
    // The slot and the backup end with this session, however it ends.
    await client.query('select pg_create_physical_replication_slot($1, true, true)', [`backup_${process.pid}`]);
    const first = (await client.query<{ name: string }>(`select pg_walfile_name(pg_backup_start('millrace', true)) as name`)).rows[0]!.name;
    await copyTree(dataDir, target, { skip: skipped });
    const position = (await client.query<{ position: string }>('select coalesce(max(position), 0) as position from job_events')).rows[0]!.position;
    const { last, labelfile } = (await client.query<{ last: string; labelfile: string }>('select pg_walfile_name(lsn) as last, labelfile from pg_backup_stop(false)')).rows[0]!;
    await writeFile(path.join(target, 'backup_label'), labelfile, { mode: 0o600 });
    await copyLog(path.join(dataDir, 'pg_wal'), path.join(target, 'pg_wal'), first, last);
    return Number(position);
  } finally {
    await client.end();
  }
}

/** The segments from the first to the last; their names sort as they were written. */
async function copyLog(from: string, to: string, first: string, last: string): Promise<void> {
  await mkdir(path.join(to, 'archive_status'), { recursive: true, mode: 0o700 });
  const names = (await readdir(from)).filter((name) => SEGMENT.test(name) && name >= first && name <= last);
  if (!names.includes(first) || !names.includes(last)) throw new Error(`the write-ahead log from ${first} to ${last} is not in ${from}: the backup is of no use`);
  for (const name of names) await copyTree(path.join(from, name), path.join(to, name));
}
