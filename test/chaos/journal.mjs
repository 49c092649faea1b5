// @ts-check

/** Written by triggers, so that no step is missed, however short it was and whichever process made it. */
export const JOURNAL_TABLE = 'chaos_journal';

const COLUMNS = 'message_id, old_status, new_status, attempts, at';

/**
 * Statements that keep a journal of every step of every send: table and triggers, repeatable.
 * @param {'sqlite' | 'mysql'} dialect
 * @returns {string[]}
 */
export function journalSql(dialect) {
  const lite = dialect === 'sqlite';
  const key = lite ? 'INTEGER PRIMARY KEY AUTOINCREMENT' : 'BIGINT PRIMARY KEY AUTO_INCREMENT';
  const now = lite ? "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)" : 'ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000)';
  const insert = `INSERT INTO ${JOURNAL_TABLE} (${COLUMNS})`;
  /**
   * @param {string} name
   * @param {string} event
   * @param {string} values
   * @param {string} [condition]
   */
  const trigger = (name, event, values, condition) => {
    const select = `${insert} SELECT ${values}, ${now}${lite ? '' : ' FROM DUAL'}${condition ? ` WHERE ${condition}` : ''}`;
    return `CREATE TRIGGER ${name} AFTER ${event} ON outbox_messages FOR EACH ROW ${lite ? `BEGIN ${select}; END` : select}`;
  };
  return [
    `CREATE TABLE ${JOURNAL_TABLE} (id ${key}, message_id VARCHAR(36) NOT NULL, old_status VARCHAR(20), new_status VARCHAR(20) NOT NULL,
     attempts INTEGER NOT NULL, at BIGINT NOT NULL)`,
    trigger('chaos_queued', 'INSERT', 'NEW.message_id, NULL, NEW.status, NEW.attempts'),
    trigger('chaos_moved', 'UPDATE', 'NEW.message_id, OLD.status, NEW.status, NEW.attempts', 'NEW.status <> OLD.status'),
    trigger('chaos_settled', 'DELETE', "OLD.message_id, OLD.status, 'settled', OLD.attempts"),
  ];
}
