import { spawnSync } from 'node:child_process';
import path from 'node:path';

interface Tool {
  readonly pkg: string;
  readonly program?: string;
  readonly file?: string;
}
const { tiers, test } = require('./tools.cjs') as { tiers: Record<'core' | 'all', Tool[]>; test: Tool[] };

describe('native tools', () => {
  it('each is one package that is known by one program or one file, and each set holds the smaller one', () => {
    expect(tiers.all.slice(0, tiers.core.length)).toEqual(tiers.core);
    expect(test.slice(0, tiers.all.length)).toEqual(tiers.all);
    expect(new Set(test.map(({ pkg }) => pkg)).size).toBe(test.length);
    for (const { program, file } of test) expect([program, file].filter(Boolean)).toHaveLength(1);
  });

  it('the packages are the ones that bring what they are known by', () => {
    // On a desktop, LibreOffice with its windows takes the place of some of them.
    const listed = test.flatMap((tool) => {
      const { status, stdout } = spawnSync('dpkg', ['-L', tool.pkg], { encoding: 'utf8' });
      return status === 0 ? [{ ...tool, files: stdout }] : [];
    });
    expect(listed.length).toBeGreaterThan(10);
    for (const { files, program, file } of listed) expect(files).toMatch(new RegExp(program ? `bin/${program}$` : `^${file}$`, 'm'));
  });

  it('a tier that does not exist is refused with those that do', () => {
    const { status, stderr } = spawnSync(process.execPath, [path.join(__dirname, '../up/up.cjs'), 'up', '--engines=most'], { encoding: 'utf8' });
    expect([status, stderr.split('\n')[0]]).toEqual([2, '--engines=most: one of core, all.']);
  });
});
