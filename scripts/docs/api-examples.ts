// The examples in comments of src/ must type-check against the package. A name that an example does not declare is what the reader
// has: it has any type, unless the package exports it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);
const FOLDER = new URL('build/api-examples/', ROOT);

/** Where an example stands. */
interface Example {
  readonly path: string;
  readonly line: number;
  readonly code: string;
}

/** Every example of a source file. */
export function examplesIn(path: string, source: string): Example[] {
  return [...source.matchAll(/@example\n[ \t]*\* ```ts\n([\s\S]*?)\n[ \t]*\* ```/g)].map((match) => ({
    path,
    line: source.slice(0, match.index).split('\n').length + 2,
    code: (match[1] as string).replaceAll(/^[ \t]*\* ?/gm, ''),
  }));
}

/** The names of values that the entry points export, with the entry points. */
async function exportedNames(): Promise<Map<string, string[]>> {
  const { name: own, exports } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
    name: string;
    exports: Record<string, unknown>;
  };
  const names = new Map<string, string[]>();
  for (const entry of Object.keys(exports).filter((path) => !path.endsWith('.json'))) {
    const specifier = `${own}${entry.slice(1)}`;
    for (const name of Object.keys(await import(specifier)))
      names.set(name, [...(names.get(name) ?? []), specifier]);
  }
  return names;
}

/** The imports that an example leaves out: from the entry point of its own folder, where several have the name. */
function importsFor({ path, code }: Example, names: ReadonlyMap<string, string[]>): string {
  const folder = path.split('/').slice(1, -1).join('/');
  const declared = new Set(
    [...code.matchAll(/\b(?:const|let|function)\s+(\w+)|import\s*\{([^}]*)\}/g)].flatMap(
      ([, name = '', list = '']) => [name, ...list.split(',')].map((each) => each.trim()),
    ),
  );
  const used = [...new Set(code.match(/(?<![.\w])[a-zA-Z]\w*(?=\()/g))].filter((name) => !declared.has(name));
  return used
    .flatMap((name) => {
      const entries = names.get(name) ?? [];
      const entry = entries.find((each) => each === `ap2-pq/${folder}`) ?? entries[0];
      return entry === undefined ? [] : [`import { ${name} } from '${entry}'; `];
    })
    .join('');
}

/** What TypeScript says of a name that is not declared. Its codes differ by what it suggests. */
const UNDECLARED = /^(?:Cannot find name|No value exists in scope for the shorthand property) '/;

/** What is wrong with the examples, one line each. */
export async function problemsOfExamples(): Promise<string[]> {
  const paths = (readdirSync(new URL('src/', ROOT), { recursive: true }) as string[])
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const examples = paths.flatMap((path) => examplesIn(path, readFileSync(new URL(path, ROOT), 'utf8')));
  const names = await exportedNames();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [index, example] of examples.entries()) {
    const text = `${importsFor(example, names)}export {};\n${example.code}\n`;
    writeFileSync(new URL(`${index}.ts`, FOLDER), text);
  }
  writeFileSync(new URL('tsconfig.json', FOLDER), JSON.stringify(CONFIG));
  const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT));
  let output = '';
  try {
    execFileSync(process.execPath, [tsc, '--pretty', 'false', '-p', fileURLToPath(FOLDER)], {
      cwd: fileURLToPath(FOLDER),
      encoding: 'utf8',
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  return output.split('\n').flatMap((text) => {
    const [, index, line, message] = /^(\d+)\.ts\((\d+),\d+\): error TS\d+: (.*)$/.exec(text) ?? [];
    // Lines that continue a message are indented; anything else is a fault of this script.
    if (index === undefined) return text === '' || /^\s/.test(text) ? [] : [text];
    if (UNDECLARED.test(message as string)) return [];
    const { path, line: first } = examples[Number(index)] as Example;
    return [`${path}:${first + Number(line) - 2}: the example does not type-check: ${message}`];
  });
}

const CONFIG = {
  compilerOptions: {
    target: 'ES2022',
    // Without the DOM, whose global names, such as `history`, examples use for what the reader has.
    lib: ['ES2024'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: ['node'],
    strict: true,
    noImplicitAny: false,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
};
