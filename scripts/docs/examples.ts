// A code block that follows `<!-- example: NAME -->` is the file examples/NAME.

const MARKED = /<!-- example: ([\w.-]+) -->\n+```js\n[\s\S]*?```\n/g;

/** The document with its examples as the files have them. */
export const withExamples = (document: string, readExample: (name: string) => string): string =>
  document.replace(
    MARKED,
    (_, name: string) => `<!-- example: ${name} -->\n\n\`\`\`js\n${readExample(name)}\`\`\`\n`,
  );
