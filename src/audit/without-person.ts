/** Stands in the trail for the ids of a person whose data was erased. */
export const ERASED = 'erased';

export interface AuditText {
  readonly target: string;
  readonly changes: Readonly<Record<string, unknown>>;
}

/** A person as entries name them. */
export interface AuditedPerson {
  /** Targets that are the person's. */
  readonly target: string;
  /** Values of changes. */
  readonly id: string;
}

/** Pure: the entry without the person's ids, and without any other that leads to them; null where it does not name them. */
export function withoutPerson({ target, changes }: AuditText, person: AuditedPerson): AuditText | null {
  const isTarget = target === person.target;
  if (!isTarget && !Object.values(changes).includes(person.id)) return null;
  return {
    target: isTarget ? erasedTarget(person) : target,
    // A comment's id says who wrote it, to whoever asks Meta.
    changes: Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, name.endsWith('Id') ? ERASED : value])),
  };
}

/** `<account>:<person>` as `<account>:erased`. */
export function erasedTarget({ target, id }: AuditedPerson): string {
  return target.endsWith(id) ? `${target.slice(0, -id.length)}${ERASED}` : ERASED;
}
