import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { buildProgram, runCli } from './program.js';

describe('the command line', () => {
  let stdout: string;
  let stderr: string;

  beforeEach(() => {
    stdout = stderr = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('has the commands of the contract', () => {
    const names = buildProgram().commands.flatMap((command) =>
      command.commands.length > 0 ? command.commands.map((sub) => `${command.name()} ${sub.name()}`) : [command.name()],
    );
    expect(names.sort()).toEqual(['accounts import-env', 'api-keys create', 'database copy-from', 'keys rotate', 'send', 'simulate']);
  });

  it.each([['send'], ['accounts import-env'], ['api-keys create'], ['keys rotate'], ['database copy-from'], ['simulate'], ['accounts'], ['']])(
    'helps with "%s"',
    async (command) => {
      expect(await runCli([...command.split(' ').filter(Boolean), '--help'])).toBe(0);
      expect(stdout).toContain(`Usage: cli ${command}`.trim());
      expect(stderr).toBe('');
    },
  );

  it.each([
    ['an unknown command', ['sned']],
    ['an unknown option', ['send', '--acount', 'x']],
    ['a missing option', ['send', '--account', 'x', '--to', 'y']],
    ['a bad number', ['simulate', '--account', 'x', '--messages', 'many']],
    ['a bad id', ['accounts', 'import-env', '--id', '12a', '--username', 'shop']],
    ['a role that does not exist', ['api-keys', 'create', '--name', 'x', '--role', 'root']],
    ['an extra argument', ['keys', 'rotate', 'now']],
    ['a missing argument', ['database', 'copy-from']],
    ['a missing file', ['accounts', 'import-env', '--id', '1', '--username', 'shop', '--from-file', '/nowhere/.env']],
  ])('says one line about %s', async (_, args) => {
    expect(await runCli(args)).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });

  it('takes no name for a key that the API would refuse: it stands in the audit trail', async () => {
    for (const name of ['', ' ', 'back\noffice', 'x'.repeat(101)]) {
      expect(await runCli(['api-keys', 'create', '--name', name, '--role', 'viewer'])).toBe(1);
      expect(stderr).toContain('It must be one line of 1 to 100 characters.');
      stderr = '';
    }
  });

  it.each([[[], 'send, accounts, api-keys, keys, database, simulate'], [['accounts'], 'import-env'], [['api-keys'], 'create'], [['keys'], 'rotate'], [['database'], 'copy-from']])(
    'names the commands there are when none is given: %j',
    async (args, names) => {
      expect(await runCli(args)).toBe(1);
      expect(stderr).toMatch(/^error: [^\n]+\n$/);
      expect(stderr).toContain(names);
    },
  );
});
