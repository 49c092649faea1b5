// Puts what the compiler has written, with the libraries, into few files. Of a start most of the time went into finding, opening and
// linking some two thousand modules one by one; of a command nearly all of it.
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const COMPILED = join(ROOT, 'dist');
const BUNDLE = join(COMPILED, 'bundle');
const LIBRARIES = `${sep}node_modules${sep}`;

/** What is started as a process of its own. The first two keep their place, and lead to the bundle. */
const ENTRIES = { main: 'src/main.js', cli: 'src/cli.js', 'hand-back': 'src/common/http/hand-back.js' };
const LEADS_TO_BUNDLE = ['main', 'cli'];

/** Stay libraries: they find files of their own beside themselves, which a bundle does not hold. */
const BESIDE_THEIR_FILES = ['better-sqlite3', 'swagger-ui-dist', 'thread-stream'];

/** Bundles what the compiler has just written to `dist`. Throws when something of ours leads nowhere. */
export async function bundle() {
  const lost = [];
  const input = Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(COMPILED, file)]));
  const made = await rolldown({
    input,
    cwd: ROOT,
    platform: 'node',
    external: BESIDE_THEIR_FILES.map((name) => new RegExp(`^${name}(/|$)`)),
    plugins: [sourcesAsWritten],
    // Libraries ask for others that nobody has to install (the drivers of other databases): that is theirs to handle at run time.
    onLog: (_level, log) => {
      if (log.code === 'UNRESOLVED_IMPORT' && !log.id?.includes(LIBRARIES)) lost.push(log.message);
    },
  });
  await made.write({
    dir: BUNDLE,
    format: 'esm',
    cleanDir: true,
    // Modules run in the order in which they would without a bundle: decorators need the metadata's library before them.
    strictExecutionOrder: true,
    // A class is called what it is called in its source: OpenAPI's schemas and errors in the log bear these names.
    keepNames: true,
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await made.close();
  if (lost.length > 0) throw new Error(lost.join('\n'));
  for (const name of LEADS_TO_BUNDLE) {
    const entry = join(COMPILED, ENTRIES[name]);
    await writeFile(entry, `import '${relative(join(entry, '..'), join(BUNDLE, `${name}.js`)).replaceAll(sep, '/')}';\n`);
  }
}

/**
 * Some of Nest's packages load others at run time, which a bundler does not see: there would be two of each, and with two of
 * class-transformer a class derived by `PartialType` would lose what its fields are turned into.
 */
const OWN_REQUIRE = 'const require = createRequire(import.meta.url);';

/** Stacks name our own TypeScript, line by line. Of the libraries they name the bundle: their maps would be nine tenths of it. */
const sourcesAsWritten = {
  name: 'sources-as-written',
  async load(id) {
    if (id.includes(LIBRARIES) || !id.startsWith(COMPILED)) return null;
    return { code: await readFile(id, 'utf8'), map: JSON.parse(await readFile(`${id}.map`, 'utf8')) };
  },
  transform: {
    filter: { id: /[\\/]node_modules[\\/]/ },
    handler: (code) => ({ code: code.replace(OWN_REQUIRE, ''), map: { mappings: '' } }),
  },
};
