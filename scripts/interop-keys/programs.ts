import { execFile, spawn } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildTool, type Command, output } from '../interop/languages.js';
import { preparePython } from '../interop-ap2/python.js';

const run = promisify(execFile);

/** One program of interop/keys: its language, toolchain and build. */
export interface Program extends BuildTool {
  readonly name: string;
  build(source: string, folder: string): Promise<Command>;
}

const python: Program = {
  name: 'python',
  version: () => output('python3', '--version'),
  oldest: [3, 11],
  async build(source, folder) {
    const file = await preparePython(join(source, 'requirements.txt'), folder);
    return { file, args: ['-B', join(source, 'main.py')] };
  },
};

const go: Program = {
  name: 'go',
  version: () => output('go', 'version'),
  oldest: [1, 25],
  async build(source, folder) {
    const file = join(folder, 'keys');
    await run('go', ['build', '-mod=readonly', '-o', file, '.'], { cwd: source });
    return { file, args: [] };
  },
};

const rust: Program = {
  name: 'rust',
  version: () => output('cargo', '--version'),
  oldest: [1, 88],
  async build(source, folder) {
    await run('cargo', ['build', '--locked', '--quiet', '--target-dir', folder], { cwd: source });
    return { file: join(folder, 'debug', 'ap2pq-keys'), args: [] };
  },
};

const MAVEN_COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const java: Program = {
  name: 'java',
  async version() {
    await output('mvn', '--version');
    return output('java', '--version');
  },
  oldest: [17, 0],
  async build(source, folder) {
    const jars = join(folder, 'jars');
    await run('mvn', ['--quiet', '--batch-mode', MAVEN_COPY, `-DoutputDirectory=${jars}`], { cwd: source });
    return { file: 'java', args: ['--class-path', join(jars, '*'), join(source, 'Main.java')] };
  },
};

const node: Program = {
  name: 'node',
  version: async () => process.version,
  oldest: [20, 19],
  async build(source, folder) {
    for (const file of ['package.json', 'package-lock.json'])
      await copyFile(join(source, file), join(folder, file));
    await run('npm', ['ci', '--ignore-scripts'], { cwd: folder, shell: process.platform === 'win32' });
    return { file: process.execPath, args: [join(source, 'main.mjs'), folder] };
  },
};

export const PROGRAMS: readonly Program[] = [python, go, java, rust, node];

/** The result of one library with one document; `failure` is its own message. */
export interface Finding {
  readonly library: string;
  readonly version: string;
  readonly document: string;
  readonly failure: string | null;
}

const TIME_LIMIT = 120_000;

/** Sends a program its request, and returns the lines of its answer. */
export function ask(command: Command, request: object): Promise<Finding[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: TIME_LIMIT,
    });
    const chunks: Buffer[] = [];
    // Some libraries write warnings there; they are shown if the program fails.
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    child.stdin.on('error', () => {});
    child.on('close', (code, signal) => {
      if (code !== 0) {
        return reject(new Error(`${command.file} ended with ${signal ?? code}\n${Buffer.concat(said)}`));
      }
      const lines = Buffer.concat(chunks).toString('utf8').split('\n').filter(Boolean);
      return resolve(lines.map((line) => JSON.parse(line)));
    });
    child.stdin.end(JSON.stringify(request));
  });
}
