/** A document with the part between `<!-- NAME:begin -->` and `<!-- NAME:end -->` replaced. */
export function replaceGenerated(document: string, name: string, content: string): string {
  const begin = `<!-- ${name}:begin -->\n`;
  const end = `<!-- ${name}:end -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`no place for "${name}" in the document`);
  return `${document.slice(0, from + begin.length)}\n${content}\n\n${document.slice(to)}`;
}
