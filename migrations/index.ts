import { CreateSchema1764000000000 } from './1764000000000-create-schema.js';
import { ExtendConversations1764100000000 } from './1764100000000-extend-conversations.js';
import { AddSendingPause1764200000000 } from './1764200000000-add-sending-pause.js';
import { AddAccountCare1764300000000 } from './1764300000000-add-account-care.js';
import { AddOutboxSight1764400000000 } from './1764400000000-add-outbox-sight.js';
import { AddRuleResponses1764500000000 } from './1764500000000-add-rule-responses.js';
import { AddInstances1764600000000 } from './1764600000000-add-instances.js';
import { DropOutboxAttempted1764700000000 } from './1764700000000-drop-outbox-attempted.js';
import { AddActiveSince1764800000000 } from './1764800000000-add-active-since.js';

/** Every migration, oldest first. Listed, not globbed: a build that lost a file must not start. */
export const MIGRATIONS = [
  CreateSchema1764000000000,
  ExtendConversations1764100000000,
  AddSendingPause1764200000000,
  AddAccountCare1764300000000,
  AddOutboxSight1764400000000,
  AddRuleResponses1764500000000,
  AddInstances1764600000000,
  DropOutboxAttempted1764700000000,
  AddActiveSince1764800000000,
];
