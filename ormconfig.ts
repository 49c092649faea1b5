import { DataSource } from 'typeorm';
import { loadSettings } from './src/config/index.js';
import { dataSourceOptions, detectDatabaseKind } from './src/database/index.js';
import { SCHEMA } from './src/schema.js';

/** For TypeORM's commands (`npm run migration:show`, …): the same options, from the same environment, as the service. */
const settings = loadSettings();

export default new DataSource(dataSourceOptions(settings, await detectDatabaseKind(settings), SCHEMA));
