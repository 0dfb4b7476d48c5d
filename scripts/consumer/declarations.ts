// A program with every function of the package in an exported constant without annotation. If the declaration of such a
// constant needs a type that the package does not export, the compiler reports TS2742 or TS4023.
import { readFile, writeFile } from 'node:fs/promises';

/** Writes one program for each entry of the package that has functions, and returns their names below `directory`. */
export async function writeDeclarations(packageRoot: string, directory: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(`${packageRoot}package.json`, 'utf8'));
  const files: string[] = [];
  for (const [entry, target] of Object.entries(manifest.exports as Record<string, { default?: string }>)) {
    if (target.default === undefined) continue;
    const module = await import(`${packageRoot}${target.default}`);
    const functions = Object.keys(module).filter((name) => /^[a-z]/.test(name) && isFunction(module[name]));
    const file = `types/declarations${entry.slice(1).replaceAll('/', '-')}.ts`;
    await writeFile(`${directory}${file}`, program(`${manifest.name}${entry.slice(1)}`, functions));
    files.push(file);
  }
  return files;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';

const program = (specifier: string, functions: readonly string[]): string =>
  [
    `import * as all from '${specifier}';`,
    ...functions.map(
      (name) => `export const ${name} = (...args: Parameters<typeof all.${name}>) => all.${name}(...args);`,
    ),
    '',
  ].join('\n');
