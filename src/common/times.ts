export function earliest(a: Date | null, b: Date): Date {
  return a === null || b < a ? b : a;
}

export function latest(a: Date | null, b: Date): Date {
  return a === null || a < b ? b : a;
}
