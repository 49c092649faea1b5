// With `node --require`: at the process's end it says on stderr which packages of node_modules were loaded.
'use strict';
const { writeSync } = require('node:fs');

process.on('exit', () => {
  const packages = Object.keys(require.cache).map((file) => /node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/](?!.*node_modules)/.exec(file)?.[1]);
  writeSync(2, `loaded: ${JSON.stringify([...new Set(packages)].filter(Boolean).sort())}\n`);
});
