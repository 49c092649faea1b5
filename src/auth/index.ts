export type { ApiKey, IssuedApiKey, NewApiKey } from './api-key.js';
export { ApiKeyEntity } from './api-key.entity.js';
export { ApiKeysService } from './api-keys.service.js';
export { AuthModule } from './auth.module.js';
