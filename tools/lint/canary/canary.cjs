#!/usr/bin/env node
// Proves that the lint bites: every import that the table forbids is refused in every project, and every one it allows is not.
// The module boundary rule skips itself silently without Nx's cached project graph; then this fails, because nothing is refused.
const path = require('node:path');
const { ESLint } = require('eslint');
const { readCachedProjectGraph } = require('@nx/devkit');
const { mayImport, pureProjects } = require('./table.cjs');

const root = path.resolve(__dirname, '../../..');
const boundary = '@nx/enforce-module-boundaries';

/** What lint says by `rule` to each of `lines` in a file of the folder: Map of line to message. Text only: no file is written. */
async function refusals(eslint, folder, lines, rule, name = 'canary.ts') {
  const [{ messages }] = await eslint.lintText(lines.join('\n'), { filePath: path.join(root, folder, name) });
  const broken = messages.find((message) => message.fatal);
  if (broken) throw new Error(`${folder}: ${broken.message}`);
  return new Map(messages.filter(({ ruleId }) => ruleId === rule).map(({ line, message }) => [lines[line - 1], message]));
}

function* compare(project, refused, expectations) {
  for (const [line, forbidden] of expectations) {
    // A cycle is refused before the table is asked; which imports would close one depends on what the libs import at present.
    const message = refused.get(line);
    const wrong = forbidden ? !message : message && !/circular/i.test(message);
    if (wrong) yield `${project}: ${forbidden ? 'not refused' : 'refused, but the table allows it'}: ${line}`;
  }
}

async function imports(eslint, project, folder) {
  const libs = Object.keys(mayImport).filter((name) => name !== project && !folder(name).startsWith('apps/'));
  const lines = libs.map((name) => [`import '@millrace/${name}';`, !mayImport[project].includes(name)]);
  lines.push([`import '@millrace/testing';`, true]);
  if (pureProjects.includes(project)) lines.push([`import 'kysely';`, true], [`import 'zod';`, false]);
  const refused = await refusals(eslint, `${folder(project)}/src`, lines.map(([line]) => line), boundary);
  return [...compare(project, refused, lines)];
}

async function specials(eslint, project, folder) {
  const src = `${folder(project)}/src`;
  const found = [];
  const childProcess = `import 'node:child_process';`;
  found.push(...compare(project, await refusals(eslint, src, [childProcess], 'no-restricted-imports'), [[childProcess, project !== 'sandbox']]));
  const environment = 'export const value = process.env.NAME;';
  found.push(...compare(project, await refusals(eslint, src, [environment], 'no-restricted-properties'), [[environment, project !== 'config']]));
  const helpers = `import '@millrace/testing';`;
  found.push(...compare(`${project} (spec)`, await refusals(eslint, src, [helpers], boundary, 'canary.spec.ts'), [[helpers, false]]));
  return found;
}

async function main() {
  process.chdir(root);
  const { nodes } = readCachedProjectGraph();
  const unknown = Object.keys(nodes).filter((name) => !nodes[name].data.root.startsWith('tools') && !mayImport[name]);
  const problems = unknown.map((name) => `${name}: the canary's table does not name this project`);
  const eslint = new ESLint({ cwd: root, overrideConfigFile: path.join(root, 'tools/lint/eslint.config.cjs') });
  const folder = (name) => nodes[name].data.root;
  for (const project of Object.keys(mayImport)) {
    problems.push(...(await imports(eslint, project, folder)), ...(await specials(eslint, project, folder)));
  }
  if (problems.length > 0) throw new Error(`The lint does not keep the table:\n  ${problems.join('\n  ')}`);
  console.log(`canary: the table holds for ${Object.keys(mayImport).length} projects`);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
