// A report as elements.
import { element } from './dom.js';
import { KINDS } from './question.js';
import type { Check, Problem, Report, Step } from './report.js';

export function view(report: Report): Node[] {
  const { steps, checks, claims } = report;
  return [
    verdict(report),
    ...(steps.length === 0 ? [] : [element('h2', {}, 'Who signed what'), flow(steps)]),
    ...(checks.length === 0 ? [] : [element('h2', {}, 'Checks'), checkList(checks)]),
    ...(claims === undefined ? [] : [element('h2', {}, 'Claims'), members(claims)]),
  ];
}

function verdict({ outcome, quantumSafe, headline, kind, problem, facts }: Report): HTMLElement {
  const isClassical = outcome === 'accepted' && quantumSafe === false;
  const tone = outcome !== 'accepted' ? 'bad' : isClassical ? 'warn' : 'good';
  return element(
    'div',
    { class: `verdict ${outcome}${isClassical ? ' classical' : ''}` },
    element('h2', { id: 'headline', class: tone }, headline),
    quantumSafe === undefined
      ? undefined
      : element(
          'p',
          { class: quantumSafe ? 'good' : 'warn' },
          quantumSafe
            ? 'Quantum-safe: an ML-DSA-65 signature holds for everything in it.'
            : 'NOT quantum-safe: whoever breaks a P-256 key can forge it.',
        ),
    ...(problem === undefined ? [] : problemLines(problem)),
    definitions([['it is', kind === undefined ? undefined : KINDS[kind]], ...facts]),
  );
}

const problemLines = ({ code, message, remedy, rules }: Problem): HTMLElement[] => [
  element('p', { id: 'problem' }, message),
  ...(remedy === '' ? [] : [element('p', {}, `What to do: ${remedy}`)]),
  element(
    'p',
    { class: 'faint' },
    element('code', { id: 'code' }, code),
    rules === '' ? '' : ` – SPEC.md ${rules}`,
  ),
];

function definitions(entries: readonly (readonly [string, string | undefined])[]): HTMLElement {
  const present = entries.filter(([, value]) => value !== undefined && value !== '');
  return element(
    'dl',
    {},
    ...present.flatMap(([name, value]) => [element('dt', {}, name), element('dd', { class: 'key' }, value)]),
  );
}

/** A diagram of the tokens, from the signer of each down to the party that it names. */
function flow(steps: readonly Step[]): HTMLElement {
  const last = steps.at(-1) as Step;
  return element(
    'ol',
    { class: 'flow', 'aria-label': 'From who signed the first token to whom the last one is for' },
    ...steps.map((step) => element('li', {}, element('span', { class: 'party' }, step.signer), token(step))),
    element('li', {}, element('span', { class: 'party' }, last.to)),
  );
}

function token(step: Step): HTMLElement {
  const { signatures, keys, pqAlg, disclosed, withheld } = step;
  const safe = signatures?.mldsa65 === 'valid';
  const state = signatures === undefined ? 'unknown' : safe ? 'safe' : 'classical';
  const said = {
    unknown: pqAlg === undefined ? 'classical, not verified' : `${pqAlg}, not verified`,
    safe: 'quantum-safe',
    classical: 'classical: NOT quantum-safe',
  }[state];
  return element(
    'div',
    { class: `token ${state}` },
    element('h3', {}, `${step.title}: ${said}`),
    definitions([
      ['type', `${step.type}, ${step.characters} characters`],
      ['ES256', signatures && signed(signatures.es256, keys.es256)],
      ['ML-DSA-65', signatures && signed(signatures.mldsa65, keys.mldsa65)],
      ['disclosed', disclosed.length === 0 ? 'nothing beyond what is in the clear' : disclosed.join(', ')],
      ['withheld', withheld === 0 ? 'nothing' : `${withheld} digests: claims that are withheld, or decoys`],
    ]),
    element('details', {}, element('summary', {}, 'What it says'), members(step.claims)),
  );
}

const signed = (status: string, thumbprint: string | undefined): string =>
  thumbprint === undefined ? status : `${status}, key ${thumbprint}`;

const STATUS = {
  passed: ['✓ passed', 'good'],
  failed: ['✗ failed', 'bad'],
  open: ['– open', 'warn'],
} as const;

const checkList = (checks: readonly Check[]): HTMLElement =>
  element(
    'ul',
    { class: 'checks' },
    ...checks.map(({ status, what, rules }) =>
      element(
        'li',
        {},
        element('span', { class: STATUS[status][1] }, STATUS[status][0]),
        element('span', {}, what, ' ', element('span', { class: 'rules' }, rules)),
      ),
    ),
  );

/** Times of JWTs and of AP2, in seconds. */
const TIMES = new Set(['iat', 'nbf', 'exp', 'auth_time', 'updated_at']);

/** The members of an object, as a table within a table. */
function members(value: object): HTMLElement {
  const rows = Object.entries(value).map(([name, member]) =>
    element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, shown(name, member))),
  );
  return rows.length === 0
    ? element('p', {}, Array.isArray(value) ? '[ ]' : '{ }')
    : element('table', {}, element('tbody', {}, ...rows));
}

function shown(name: string, value: unknown): Node | string {
  if (typeof value === 'object' && value !== null) return members(value);
  if (typeof value === 'number' && TIMES.has(name)) {
    const time = new Date(value * 1000);
    if (!Number.isNaN(time.getTime())) return `${time.toISOString()} (${value})`;
  }
  return String(value);
}
