import { checkOptions, invalidArgument } from '../options.js';
import type { EvidenceLine, EvidenceReport } from './report.js';

const MEANING: Readonly<Record<EvidenceLine['status'], string>> = {
  proven: 're-verified from the content of the file',
  trusted: 'claimed by the named party',
  redacted: 'the proof was removed from the file',
  unchecked: 'the verifier gave nothing to check it with',
  absent: 'not in the file',
  failed: 'proven false',
};

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
.proven { color: #0b5d1e; } .trusted { color: #7a4b00; } .failed { color: #a40000; font-weight: 700; }
.redacted, .unchecked, .absent { color: #555; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem; }
@media print { body { margin: 0; max-width: none; } }`;

/**
 * Renders a report as one self-contained HTML document: readable without scripts, and printable. Every text of the evidence
 * file is escaped, and the document's content security policy prevents it from loading anything.
 *
 * @param report The result of `verifyEvidence`, or the `report` of its `EvidenceError`.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`
 */
export function renderEvidenceReport(report: EvidenceReport): string {
  const { createdBy, createdAt, usedAt, quantumSafe, redacted, lines } = checkOptions(report, 'report');
  if (!Array.isArray(lines) || !Array.isArray(redacted))
    invalidArgument('report', 'a report from verifyEvidence');
  const holds = lines.every(({ status }) => status !== 'failed');
  const facts: readonly [string, string][] = [
    ['Outcome', holds ? 'The evidence is valid, to the extent stated below.' : 'The evidence is rejected.'],
    ['Created by', `${createdBy}, ${createdAt}`],
    ['Verified as of', usedAt],
    ['Quantum-safe', quantumSafe ? 'yes' : 'no'],
    ['Redacted', redacted.length === 0 ? 'nothing' : redacted.join(', ')],
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Evidence report</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Evidence report</h1>
<dl>
${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('\n')}
</dl>
<table>
<thead><tr><th scope="col">Status</th><th scope="col">Statement</th><th scope="col">Proven by, or resting on</th><th scope="col">Part</th></tr></thead>
<tbody>
${lines.map(row).join('\n')}
</tbody>
</table>
<h2>What the statuses mean</h2>
<dl>
${Object.entries(MEANING)
  .map(([name, meaning]) => `<dt class="${name}">${name}</dt><dd>${escaped(meaning)}</dd>`)
  .join('\n')}
</dl>
</body>
</html>
`;
}

function row({ status, statement, by, restsOn, code, part }: EvidenceLine): string {
  const known = Object.hasOwn(MEANING, status) ? status : 'failed';
  const grounds = [
    ...by,
    ...(restsOn === undefined ? [] : [`rests on ${restsOn}`]),
    ...(code === undefined ? [] : [code]),
  ].join('; ');
  return `<tr><td class="${known}">${known}</td><td>${escaped(statement)}</td><td>${escaped(grounds)}</td><td>${escaped(part)}</td></tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text that others wrote. Characters that change the direction of the text are shown, not applied. */
const escaped = (text: unknown): string =>
  String(text)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
    .replace(/[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
