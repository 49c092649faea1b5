/** Fields that hold any JSON: `rules/test` takes an event as Meta delivers it, whose fields are not ours. */
export const FREE_FORM: ReadonlySet<string> = new Set(['event']);
