// Builds the verifier page, and drives it in real browsers.
//
//   npm run web -- [--build] [--share <n>]
//
// `--build` writes build/web/verifier.html and stops. `--share` has Firefox take each n-th vector, 5 by default; Chromium takes all.
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Driven, missing, type Page, startBrowsers } from './browsers.js';
import { buildPage, OUTPUT, PAGE } from './build.js';
import type { Question } from './page/question.js';
import { type Case, cases, evidenceCases, unauthorizedOf } from './questions.js';

const { values: options } = parseArgs({
  options: { build: { type: 'boolean', default: false }, share: { type: 'string', default: '5' } },
});

/** The final result of the page. */
interface Said {
  readonly outcome: string;
  readonly code: string;
  readonly quantumSafe: string;
}

let failures = 0;
function show(holds: boolean, what: string): void {
  console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) failures++;
}

/** Fills the fields, presses the button, and waits for the verdict. */
async function ask(page: Page, question: Partial<Question>): Promise<Said> {
  await page.evaluate(
    (fields: Record<string, string>) => {
      for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea, input[name], select'))
        field.value = fields[field.name] ?? { kind: 'auto', policy: 'pq-required' }[field.name] ?? '';
      delete document.querySelector<HTMLElement>('#result')?.dataset.state;
      document.querySelector<HTMLButtonElement>('#verify')?.click();
    },
    question as Record<string, string>,
  );
  await page.waitForSelector('#result[data-state="done"]', { timeout: 30_000 });
  return page.evaluate(() => {
    const { outcome, code, quantumSafe } = (document.querySelector('#result') as HTMLElement).dataset;
    return { outcome, code, quantumSafe } as never;
  });
}

/** Runs vectors through the page and prints every unexpected result. */
async function runVectors(page: Page, all: readonly Case[]): Promise<void> {
  let wrong = 0;
  for (const { id, question, expected } of all) {
    const said = await ask(page, question);
    const right =
      'code' in expected
        ? said.outcome === 'refused' && said.code === expected.code
        : said.outcome === 'accepted' && said.quantumSafe === String(expected.quantumSafe);
    if (right) continue;
    wrong++;
    if (wrong <= 10)
      console.log(`       ${id}: ${JSON.stringify(expected)}, the page says ${JSON.stringify(said)}`);
  }
  const refused = all.filter(({ expected }) => 'code' in expected).length;
  show(wrong === 0, `${all.length} vectors, ${refused} of them to be refused: ${wrong} said otherwise`);
}

/** Accepted texts are also recognized without a selected kind. */
async function runRecognition(page: Page, all: readonly Case[]): Promise<void> {
  const accepted = all.filter(({ expected }) => 'quantumSafe' in expected);
  const missed: string[] = [];
  for (const { id, question } of accepted)
    if ((await ask(page, { ...question, kind: 'auto' })).outcome !== 'accepted') missed.push(id);
  show(
    missed.length === 0,
    `${accepted.length} accepted texts are recognized by their form${missed.map((id) => `; not ${id}`).join('')}`,
  );
}

async function runUnauthorized(page: Page, all: readonly Case[]): Promise<void> {
  const wrong: string[] = [];
  const violating = unauthorizedOf(all);
  for (const { id, question } of violating)
    if ((await ask(page, question)).outcome !== 'unauthorized') wrong.push(id);
  show(
    violating.length > 0 && wrong.length === 0,
    `${violating.length} authentic chains that break a constraint are said to be NOT authorized${wrong.map((id) => `; not ${id}`).join('')}`,
  );
}

/** In every field, and with any surrounding text. */
async function runPrivateKey(page: Page): Promise<void> {
  const secret = 'c2VjcmV0LXNjYWxhcg';
  const jwk = JSON.stringify({ kty: 'EC', crv: 'P-256', d: secret });
  const pem = `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----`;
  const wrong: string[] = [];
  for (const field of ['text', 'keys', 'holderKeys', 'options']) {
    for (const [form, value] of Object.entries({
      'a JWK': jwk,
      'a pair': `{"es256":${jwk}}`,
      'broken JSON': `{"es256":${jwk},}`,
      'without kty': `{"d": "${secret}"}`,
      PEM: pem,
    })) {
      const said = await ask(page, { [field]: value });
      const left = await page.evaluate(
        (text: string, name: string) =>
          document.body.innerHTML.includes(text) ||
          document.querySelector<HTMLTextAreaElement>(`#${name}`)?.value !== '',
        secret,
        field,
      );
      if (said.code !== 'PAGE_PRIVATE_KEY' || left) wrong.push(`${form} in ${field}`);
    }
  }
  show(
    wrong.length === 0,
    `a private key in any of 4 fields and 5 forms is refused, and its field emptied${wrong.map((each) => `; not ${each}`).join('')}`,
  );
}

async function runMarkup(page: Page): Promise<void> {
  const text = `${Buffer.from('{"alg":"<img src=x onerror=alert(1)>"}').toString('base64url')}.e30.AA~`;
  const said = await ask(page, { text, keys: '{}' });
  const images = await page.evaluate(() => document.querySelectorAll('#result img').length);
  show(said.outcome === 'refused' && images === 0, 'markup in a token stays text');
}

async function runKeyboard(page: Page, { question }: Case): Promise<void> {
  await ask(page, question);
  await page.evaluate(() => {
    delete document.querySelector<HTMLElement>('#result')?.dataset.state;
    document.querySelector<HTMLElement>('#text')?.focus();
  });
  let presses = 0;
  for (; presses < 40; presses++) {
    if (await page.evaluate(() => document.activeElement?.id === 'verify')) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForSelector('#result[data-state="done"]', { timeout: 30_000 });
  const focused = await page.evaluate(() => document.activeElement?.id);
  show(
    presses < 40 && focused === 'result',
    `the keyboard alone: ${presses} times Tab, Enter, and the result has the focus`,
  );
}

const LOOKS = [
  { name: 'light', width: 1100, scheme: 'light' },
  { name: 'dark', width: 1100, scheme: 'dark' },
  { name: 'phone', width: 360, scheme: 'light' },
] as const;

async function runLooks(
  page: Page,
  browser: string,
  axe: string,
  [accepted, refused]: readonly [Case, Case],
): Promise<void> {
  for (const { name, width, scheme } of LOOKS) {
    // puppeteer has no BiDi command for this: Firefox is checked at its start.
    if (browser === 'chromium')
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    else if (scheme === 'dark') continue;
    await page.setViewport({ width, height: 900 });
    const findings: string[] = [];
    for (const [state, { question }] of [
      ['accepted', accepted],
      ['refused', refused],
    ] as const) {
      await ask(page, question);
      // axe itself is not part of the page, whose policy forbids other scripts: the debugger evaluates it.
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations } = await (
          globalThis as never as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
          }
        ).axe.run();
        return violations.map(
          ({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
        );
      });
      findings.push(...found);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) findings.push(`${wide} pixels beyond the width`);
      await page.screenshot({ path: `${OUTPUT}${browser}-${name}-${state}.png`, fullPage: true });
    }
    show(
      findings.length === 0,
      `${name}, ${width} pixels wide: axe finds nothing${findings.map((each) => `; but ${each}`).join('')}`,
    );
  }
}

async function drive({ name, browser }: Driven, axe: string, all: readonly Case[]): Promise<void> {
  console.log(`${name} ${await browser.version()}`);
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request: { url(): string }) => requests.push(request.url()));
  page.on('console', (message: { text(): string }) => complaints.push(message.text()));
  page.on('pageerror', (error: Error) => complaints.push(String(error)));
  await page.goto(pathToFileURL(PAGE).href);
  await runVectors(page, all);
  await runRecognition(page, all);
  await runUnauthorized(page, all);
  await runPrivateKey(page);
  await runMarkup(page);
  const chain = all.find(({ id }) => id === 'three-tokens under pq-required') as Case;
  const forged = all.find(({ id }) => id.startsWith('TC5/ML-DSA-65')) as Case;
  await runKeyboard(page, chain);
  await runLooks(page, name, axe, [chain, forged]);
  const others = requests.filter((url) => !/^(?:file|data):/.test(url));
  show(others.length === 0, `from file:, no request${others.map((url) => `; but ${url}`).join('')}`);
  show(
    complaints.length === 0,
    `nothing on the console${complaints
      .slice(0, 3)
      .map((each) => `; but ${each}`)
      .join('')}`,
  );
}

mkdirSync(OUTPUT, { recursive: true });
const { bytes, sha256 } = await buildPage();
console.log(`build/web/verifier.html: ${bytes} bytes, SHA-256 ${sha256}`);
const why = missing();
if (options.build) process.exitCode = 0;
else if (why !== undefined) console.log(`NOT RUN: ${why}`);
else {
  const { all: vectors, left } = await cases();
  const all = [...(await evidenceCases()), ...vectors];
  console.log(
    `${vectors.length} vectors that the fields can hold, ${left} that they cannot: functions, texts that a field changes`,
  );
  const { browsers, axe } = await startBrowsers();
  try {
    for (const driven of browsers) {
      const every = driven.name === 'chromium' ? 1 : Number(options.share);
      const needed = /^(?:three-tokens under pq-required|TC5\/ML-DSA-65|an? (?:changed )?evidence)/;
      await drive(
        driven,
        axe,
        all.filter(({ id }, index) => index % every === 0 || needed.test(id)),
      );
    }
  } finally {
    for (const { browser } of browsers) await browser.close();
  }
  console.log(failures === 0 ? 'all of it holds' : `${failures} failed`);
  process.exitCode = failures === 0 ? 0 : 1;
}
