// The links of a document, and the headings that links can lead to.
import { posix } from 'node:path';

export interface Link {
  /** Path below the project. */
  readonly target: string;
  readonly anchor: string | undefined;
}

const withoutCode = (document: string): string =>
  document.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** The links to files of the project. */
export function linksOf(path: string, document: string): Link[] {
  const links: Link[] = [];
  for (const [, address = ''] of withoutCode(document).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/i.test(address)) continue;
    const [file, anchor] = address.split('#') as [string, string | undefined];
    links.push({ target: file === '' ? path : posix.join(posix.dirname(path), file), anchor });
  }
  return links;
}

/** The anchors of a document's headings, by the rules of GitHub. */
export function anchorsOf(document: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of document.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)) {
    const text = heading.replace(/\]\([^)]*\)/g, '').toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  for (const [, id = ''] of document.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}
