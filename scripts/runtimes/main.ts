// Runs one behaviour suite, scripts/runtimes/suite, on every supported runtime, and on every back end that each offers.
//
//   npm run runtimes -- [--only node@24,deno] [--json <path>]
//
// Installs what is missing into build/runtimes, and Chromium by apt. `--only` takes runtimes by name, or by name and the
// beginning of a version. `--json` sets the output file, build/runtimes.json by default. Fails if any check fails.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.js';
import { askChromium, CHROMIUM_PAGES } from './chromium.js';
import { askOnCommandLine } from './command-line.js';
import { askFirefox, askWebKitGtk } from './debian-browsers.js';
import { type Findings, isGreen, judge } from './findings.js';
import { installChromium, installFirefox, installFromNpm, installWebKitGtk } from './install.js';
import { askJsdom } from './jsdom.js';
import { askNext } from './next-edge.js';
import { ROOT } from './paths.js';
import { formatDetails, formatFindings } from './report.js';
import { JSDOM, NEXT_VERSIONS, NPM_RUNTIMES } from './versions.js';
import { askWorkerd, WORKER_FLAGS } from './workerd.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'string', default: `${ROOT}build/runtimes.json` },
  },
});

/** A runtime, and the function that runs it. */
interface Runtime {
  /** Includes the version if it is known in advance. */
  readonly name: string;
  readonly ask: (files: readonly string[]) => Promise<Findings>;
}

const runtimes: Runtime[] = [
  ...NPM_RUNTIMES.filter((runtime) => runtime.package !== 'workerd').map((runtime) => ({
    name: `${runtime.package}@${runtime.version}`,
    ask: async () => {
      const executable = await installFromNpm(runtime);
      return judge(runtime.package, true, askOnCommandLine(runtime.package, executable));
    },
  })),
  ...NPM_RUNTIMES.filter((runtime) => runtime.package === 'workerd').flatMap((runtime) =>
    WORKER_FLAGS.map(({ title, flags, hasNode }) => ({
      name: `workerd@${runtime.version}`,
      ask: async (files: readonly string[]) => {
        const executable = await installFromNpm(runtime);
        return judge(title, hasNode, await askWorkerd(executable, runtime.version, files, flags));
      },
    })),
  ),
  ...CHROMIUM_PAGES.map(({ title, host }) => ({
    name: 'chromium',
    ask: async (files: readonly string[]) =>
      judge(title, false, await askChromium(installChromium(), files, host)),
  })),
  ...NEXT_VERSIONS.map((version) => ({
    name: `next@${version.next}`,
    ask: async (files: readonly string[]) => judge('Next.js, edge', true, await askNext(version, files)),
  })),
  { name: `jsdom@${JSDOM}`, ask: async () => judge('jsdom', false, await askJsdom()) },
  {
    name: 'firefox',
    ask: async (files) => judge('firefox', false, await askFirefox(installFirefox(), files)),
  },
  {
    name: 'webkitgtk',
    ask: async (files) => judge('WebKitGTK', false, await askWebKitGtk(await installWebKitGtk(), files)),
  },
];

/** `node@24` names node@24.21.0, and node@2 does not. */
const isNamed = (name: string, wanted: string): boolean =>
  name === wanted || name.startsWith(wanted.includes('@') ? `${wanted}.` : `${wanted}@`);

function choose(): Runtime[] {
  const wanted = options.only.split(',').filter((each) => each !== '');
  const unknown = wanted.filter((each) => !runtimes.some(({ name }) => isNamed(name, each)));
  if (unknown.length > 0) {
    console.error(
      `--only: no runtime is called ${unknown.join(', ')}. There are ${[...new Set(runtimes.map(({ name }) => name))].join(', ')}.`,
    );
    process.exit(2);
  }
  return wanted.length === 0
    ? runtimes
    : runtimes.filter(({ name }) => wanted.some((each) => isNamed(name, each)));
}

const chosen = choose();
const files = await bundle();
const findings: Findings[] = [];
const failures: string[] = [];
for (const { name, ask } of chosen) {
  console.error(`${name} …`);
  try {
    findings.push(await ask(files));
  } catch (error) {
    failures.push(`FAILED  ${name}: ${error instanceof Error ? error.message : error}`);
  }
}
await writeFile(options.json, `${JSON.stringify({ findings, failures }, null, 2)}\n`);
console.log(formatFindings(findings));
console.log(
  '\n–: the back end does not offer it here; where it offers the other primitive, the chosen one stood in.',
);
const details = [formatDetails(findings), ...failures].filter((text) => text !== '').join('\n');
if (details !== '') console.log(`\n${details}`);
if (failures.length > 0 || !findings.every(isGreen)) process.exitCode = 1;
