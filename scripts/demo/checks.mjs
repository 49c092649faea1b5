/** Counts what was asserted, and says at once what does not hold. */
export class Checks {
  passed = 0;
  failed = 0;

  that(what, holds, seen) {
    if (holds) {
      this.passed += 1;
      return;
    }
    this.failed += 1;
    process.stdout.write(`✗ ${what}${seen === undefined ? '' : ` (seen: ${seen})`}\n`);
  }

  summary() {
    return this.failed === 0
      ? `✓ All ${this.passed} checks hold`
      : `✗ ${this.failed} of ${this.passed + this.failed} checks failed`;
  }
}
