// A code block that follows `<!-- example: NAME -->` is the file examples/NAME.

const MARKED = /<!-- example: ([\w.-]+) -->\n+```js\n[\s\S]*?```\n/g;

/** The document with examples copied from the files. */
export const withExamples = (document: string, readExample: (name: string) => string): string =>
  document.replace(
    MARKED,
    (_, name: string) => `<!-- example: ${name} -->\n\n\`\`\`js\n${readExample(name)}\`\`\`\n`,
  );

// A code block that follows `<!-- file: PATH -->` is that file of the project.

const FILE = /<!-- file: ([\w./-]+) -->\n+```(\w+)\n[\s\S]*?```\n/g;

/** The document with its files copied in. */
export const withFiles = (document: string, read: (path: string) => string): string =>
  document.replace(
    FILE,
    (_, path: string, language: string) =>
      `<!-- file: ${path} -->\n\n\`\`\`${language}\n${read(path)}\`\`\`\n`,
  );
