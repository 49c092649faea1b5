/** Answers go to stdout, so that they can be piped. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A mistake is one line on stderr. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Progress and remarks: to stderr, away from the answer. */
export function remark(line: string): void {
  process.stderr.write(`${line}\n`);
}
