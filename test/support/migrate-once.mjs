// @ts-check
// A process that opens and migrates the database of its environment, as the service does at its start.
// Prints the names of the migrations it ran, as JSON.
/** @param {string} file */
const built = async (file) => await import(new URL(`../../dist/src/${file}`, import.meta.url).href);
const { migrate, openDataSource } = await built('database/index.js');
const { loadSettings } = await built('config/index.js');
const { SCHEMA } = await built('schema.js');

const { dataSource, kind } = await openDataSource(loadSettings(), SCHEMA);
process.stdout.write(JSON.stringify(await migrate(dataSource, kind)));
await dataSource.destroy();
