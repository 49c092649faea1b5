import { pino, type DestinationStream } from 'pino';

export const STANDARD_OUTPUT = 1;
/** Bytes that are kept of a log that cannot be written (its file is on a full disk), to be written later. */
export const MOST_UNWRITTEN = 1024 * 1024;

/** A log that cannot be written must end nothing: with nobody to listen for it, the failure would be thrown at whoever logs. */
export function outputOf(fileDescriptor: number): DestinationStream {
  const output = pino.destination({ dest: fileDescriptor, sync: true });
  let failures = 0;
  let kept = 0;
  let lost = 0;
  output.on('error', () => {
    failures += 1; // there is nowhere to say it
  });
  /** Writes it, behind what is kept: all of it or, should that fail, later. */
  const write = (text: string): void => {
    const before = failures;
    output.write(text);
    kept = failures > before ? kept + Buffer.byteLength(text) : 0;
  };
  return {
    write(line) {
      if (kept > MOST_UNWRITTEN) write(''); // tries once more
      if (kept > MOST_UNWRITTEN) {
        lost += 1;
        return;
      }
      if (lost > 0) {
        const msg = `The log could not be written: ${String(lost)} lines are lost`;
        lost = 0;
        write(`${JSON.stringify({ level: 'error', time: new Date().toISOString(), context: 'Log', msg })}\n`);
      }
      write(line);
    },
  };
}
