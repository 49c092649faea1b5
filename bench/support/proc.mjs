// @ts-check
// What Linux says about processes and the machine. On other systems the figures are missing, not wrong.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const TICKS_PER_SECOND = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/**
 * User and system time a process has used so far, all its threads.
 * @param {number | undefined} pid
 * @returns {number} seconds; NaN when it cannot be known
 */
export function cpuSeconds(pid) {
  try {
    // The name, in brackets, may hold anything; the fields behind it are numbers.
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').replace(/^.*\)/, '').trim().split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}

/**
 * @param {number | undefined} pid
 * @returns {number} resident memory in bytes; NaN when it cannot be known
 */
export function residentBytes(pid) {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
    return Number(kilobytes) * 1024;
  } catch {
    return NaN;
  }
}

/** Time all processors together have been busy so far, and have been taken away by the host, in seconds. */
export function machineSeconds() {
  try {
    const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
    return { busy: (user + nice + system + irq + softirq) / TICKS_PER_SECOND, stolen: steal / TICKS_PER_SECOND };
  } catch {
    return { busy: NaN, stolen: NaN };
  }
}

/**
 * The server program that listens where this address leads to.
 * @param {string} url
 * @param {readonly string[]} programs
 * @returns {number | undefined} its process id; undefined: not on this machine, or hidden in a container
 */
export function serverPid(url, programs) {
  const port = `--port=${new URL(url).port}`;
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).find((pid) => {
      const [command = '', ...args] = commandLine(pid);
      return programs.includes(basename(command)) && args.includes(port);
    });
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function commandLine(pid) {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // gone in the meantime
  }
}
