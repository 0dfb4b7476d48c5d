// jsdom: the suite in the realm of a jsdom window, which has its own Uint8Array, Date and Map.
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { Answers } from './findings.js';
import { installPackages } from './install.js';
import { BUNDLE } from './paths.js';
import { JSDOM } from './versions.js';

const TIMEOUT = 300_000;

/** Links the modules of the bundle into a window. Run by Node with --experimental-vm-modules. */
const RUNNER = `
import { readFile } from 'node:fs/promises';
import vm from 'node:vm';
import { JSDOM } from 'jsdom';

const [bundle, file] = process.argv.slice(2);
const context = new JSDOM('', { url: 'https://suite.example/', runScripts: 'outside-only' }).getInternalVMContext();
const modules = new Map();
const load = (specifier) => {
  const name = specifier.replace('./', '');
  if (!modules.has(name)) modules.set(name, compile(name));
  return modules.get(name);
};
const compile = async (name) =>
  new vm.SourceTextModule(await readFile(bundle + name, 'utf8'), {
    context, identifier: name, importModuleDynamically: async (specifier) => evaluated(await load(specifier)),
  });
const evaluated = async (module) => {
  if (module.status === 'unlinked') await module.link(load);
  await module.evaluate();
  return module;
};
const { namespace } = await evaluated(await load(file));
process.stdout.write(JSON.stringify(await namespace.run()));
`;

export async function askJsdom(): Promise<Answers> {
  const directory = await installPackages(`jsdom-${JSDOM}`, [`jsdom@${JSDOM}`]);
  await writeFile(`${directory}runner.mjs`, RUNNER);
  const run = (file: string) => {
    const { status, stdout, stderr, error } = spawnSync(
      process.execPath,
      ['--no-warnings', '--experimental-vm-modules', 'runner.mjs', BUNDLE, file],
      { cwd: directory, encoding: 'utf8', timeout: TIMEOUT, maxBuffer: 2 ** 26 },
    );
    if (status !== 0) throw new Error(`${file}: ${error?.message ?? stderr}`);
    return { result: JSON.parse(stdout), printed: stderr.trim() };
  };
  const automatic = run('automatic.mjs');
  const suite = run('suite.mjs');
  return {
    version: JSDOM,
    automatic: automatic.result,
    warnings: automatic.printed,
    suite: suite.result,
  };
}
