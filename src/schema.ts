import { MIGRATIONS } from '../migrations/index.js';
import { AccountCareEntity, AccountEntity } from './accounts/index.js';
import { AuditEntity } from './audit/index.js';
import { ApiKeyEntity } from './auth/index.js';
import { ConversationEntity, EarlyChangeEntity, MessageEntity } from './conversations/index.js';
import type { Schema } from './database/index.js';
import { LOCAL_ENTITIES, MESSAGING_ENTITIES } from './messaging/index.js';
import { RULES_ENTITIES } from './rules/index.js';

/** Every table the service owns: the app, `ormconfig.ts` and the tests open the database with this. */
export const SCHEMA: Schema = {
  entities: [
    AccountEntity,
    AccountCareEntity,
    AuditEntity,
    ApiKeyEntity,
    ConversationEntity,
    MessageEntity,
    EarlyChangeEntity,
    ...RULES_ENTITIES,
    ...MESSAGING_ENTITIES,
  ],
  migrations: MIGRATIONS,
};

/** What goes along when the service moves to another database. */
export const MOVING_ENTITIES: Schema['entities'] = SCHEMA.entities.filter((entity) => LOCAL_ENTITIES.every((local) => local !== entity));
