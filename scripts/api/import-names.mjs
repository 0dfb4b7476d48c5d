// A plugin of typedoc. It names a module by its file, `seal/file-store`. Users import `ap2-pq/seal/files`, as defined by
// `exports` of package.json: that name is used in the headings and in the list of modules.
import { readFileSync } from 'node:fs';

const { name, exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Maps the name of a module, such as `seal/file-store` or `ap2`, to its import specifier. */
const IMPORTED = new Map(
  Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, { default: file }]) => [
      file.replace(/^\.\/dist\//, '').replace(/(?:\/index)?\.js$/, ''),
      subpath.replace(/^\./, name),
    ]),
);

/** @param {string} module */
function importedAs(module) {
  const imported = IMPORTED.get(module);
  if (imported === undefined) throw new Error(`package.json exports nothing for the module ${module}`);
  return imported;
}

/** @param {import('typedoc').Application} app */
export function load({ renderer }) {
  renderer.on('endPage', (page) => {
    if (page.contents === undefined) return;
    page.contents =
      page.url === 'README.md'
        ? page.contents.replace(/^- \[([^\]]+)\]/gm, (_, module) => `- [\`${importedAs(module)}\`]`)
        : page.contents.replace(/^# (.+)$/m, (_, module) => `# ${importedAs(module)}`);
  });
}
