#!/usr/bin/env node
// Compiles every TypeScript file of apps, libs and tools to dist/, one to one, and rewrites @millrace/* to relative paths.
const { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const swc = require('@swc/core');

const root = path.resolve(__dirname, '../..');
const dist = path.join(root, 'dist');
const { paths } = JSON.parse(readFileSync(path.join(root, 'tsconfig.base.json'), 'utf8')).compilerOptions;

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* sources(file);
    else if (/(?<!\.spec|\.d)\.ts$/.test(entry.name)) yield file;
  }
}

/** What libs load beside their code, as it is. */
function* data(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* data(file);
    else if (/\.(json|py)$/.test(entry.name) && file.includes(`${path.sep}src${path.sep}`)) yield file;
  }
}

/** Replaces each `require("@millrace/x")` by the relative path of that lib's index. */
function relink(code, file) {
  return code.replace(/require\("(@millrace\/[a-z0-9-]+)"\)/g, (_, name) => {
    const target = paths[name];
    if (!target) throw new Error(`${file} imports ${name}, which tsconfig.base.json does not name`);
    const relative = path.relative(path.dirname(file), path.join(root, target[0].replace(/\.ts$/, '.js')));
    return `require("${relative.startsWith('.') ? relative : `./${relative}`}")`;
  });
}

function build() {
  const started = Date.now();
  rmSync(dist, { recursive: true, force: true });
  let count = 0;
  for (const top of ['apps', 'libs', 'tools']) {
    for (const file of sources(path.join(root, top))) {
      const { code, map } = swc.transformFileSync(file, {
        swcrc: false,
        sourceMaps: true,
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      });
      const out = path.join(dist, path.relative(root, file)).replace(/\.ts$/, '.js');
      mkdirSync(path.dirname(out), { recursive: true });
      writeFileSync(out, `${relink(code, file)}\n//# sourceMappingURL=${path.basename(out)}.map\n`);
      writeFileSync(`${out}.map`, map);
      count += 1;
    }
  }
  for (const file of data(path.join(root, 'libs'))) cpSync(file, path.join(dist, path.relative(root, file)));
  return { count, ms: Date.now() - started };
}

module.exports = { build };
if (require.main === module) {
  const { count, ms } = build();
  console.log(`built ${count} files in ${ms} ms`);
}
