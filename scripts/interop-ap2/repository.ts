import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** AP2's repository as it was compared with: v0.2 and what followed, up to 29 April 2026. The hash vouches for the content. */
export const COMMIT = 'e1ea56db72a6385bce3e5c1112b3a56ce60acb43';

/** A folder with the SDK and the documents of {@link COMMIT}, fetched from `source` with git if it is missing. */
export async function fetchRepository(source: string, folder: string): Promise<string> {
  const checkout = join(folder, COMMIT);
  if (existsSync(join(checkout, 'code', 'sdk', 'python'))) return checkout;
  await rm(checkout, { recursive: true, force: true });
  await mkdir(checkout, { recursive: true });
  const git = (...args: string[]): Promise<unknown> => run('git', args, { cwd: checkout });
  try {
    await git('init', '--quiet');
    await git('fetch', '--quiet', '--depth', '1', source, COMMIT);
    await git('checkout', '--quiet', COMMIT, '--', 'code/sdk', 'docs/ap2');
  } catch (cause) {
    await rm(checkout, { recursive: true, force: true });
    const said = (cause as { stderr?: string }).stderr || String(cause);
    throw new Error(`AP2's repository could not be fetched from "${source}"\n${said}`, { cause });
  }
  return checkout;
}
