import { CreateSchema1764000000000 } from './1764000000000-create-schema.js';
import { AddAccountCare1764300000000 } from './1764300000000-add-account-care.js';

/** Every migration, oldest first. Listed, not globbed: a build that lost a file must not start. */
export const MIGRATIONS = [CreateSchema1764000000000, AddAccountCare1764300000000];
