import type { PeerOutcomes } from './peers.js';

/** The outcome of one case. */
export interface Result {
  readonly id: string;
  readonly ap2Pq: 'accepts' | 'refuses';
  readonly peers: PeerOutcomes;
}

/** The number of cases in each group that each verifier rejects, as Markdown. */
export function peersTable(
  results: readonly Result[],
  groups: Readonly<Record<string, string>>,
  versions: { readonly jose: string; readonly sdJwtCore: string },
): string {
  const row = (title: string, rows: readonly Result[]): string => {
    const refused = (outcome: (result: Result) => string) =>
      rows.filter((r) => outcome(r) === 'refuses').length;
    const { length } = rows;
    const [own, jose, sdJwt] = [
      refused((r) => r.ap2Pq),
      refused((r) => r.peers.jose),
      refused((r) => r.peers.sdJwtCore),
    ];
    return `| ${title} | ${length} | ${own} | ${jose} | ${sdJwt} |`;
  };
  return [
    `| group | cases | ap2-pq | jose ${versions.jose} | @sd-jwt/core ${versions.sdJwtCore} |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...Object.entries(groups).map(([name, title]) =>
      row(
        title,
        results.filter(({ id }) => id.startsWith(`${name}/`)),
      ),
    ),
    row('**all**', results),
    '',
  ].join('\n');
}
