/** A reason and what to do about it, as people read it. */
export function sentence(reason: string, cure = ''): string {
  return cure === '' ? `${reason}.` : `${reason}. ${cure}`;
}
