export { AuditEntity } from './audit.entity.js';
export { AuditModule } from './audit.module.js';
export { AuditTrail, type AuditedChange } from './audit-trail.js';
export { erasedTarget, type AuditedPerson } from './without-person.js';
