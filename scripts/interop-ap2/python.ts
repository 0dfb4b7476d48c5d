import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Installs the locked packages into a separate environment, and returns its interpreter. */
export async function preparePython(requirements: string, folder: string): Promise<string> {
  const isWindows = process.platform === 'win32';
  const interpreter = join(folder, isWindows ? 'Scripts' : 'bin', isWindows ? 'python.exe' : 'python');
  try {
    // AP2's SDK needs 3.11.
    await run('python3', [
      '-c',
      'import ensurepip, sys, venv; assert sys.version_info >= (3, 11), sys.version',
    ]);
    if (!existsSync(interpreter)) await run('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(interpreter, [...pip, '--requirement', requirements]);
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr || String(cause);
    throw new Error(`Python 3.11 or later, with venv and pip, is needed\n${said}`, { cause });
  }
  return interpreter;
}
